"""The client that blocks."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import grpc
import numpy as np

from magenta_serving.client import channel
from magenta_serving.client.calls import Call, Calls, Primer, Where
from magenta_serving.client.results import Generation, Score, VersionStatus
from magenta_serving.protos import NoteSequence
from magenta_serving.signatures import Signature

_Result = TypeVar("_Result")


class MagentaClient:
    """Calls one server; usable from several threads and as a context manager.

    Every method raises the class of `magenta_serving.errors` for the status that the server
    answers, such as `NotFoundError` for an unknown model, and `UnavailableError` where no server
    answers. A model's version is its newest unless `version`, a number, or `label`, a name that
    the server gives to a version, says otherwise.
    """

    def __init__(
        self,
        address: str = "localhost:8500",
        *,
        timeout: float = 30.0,
        credentials: grpc.ChannelCredentials | None = None,
        options: Sequence[tuple[str, Any]] = (),
    ):
        """Opens a channel; it connects at the first call.

        Args:
            address: HOST:PORT of the server's gRPC port.
            timeout: seconds that a method may take, its retries included; each call may say
                otherwise.
            credentials: for TLS; plain text when None.
            options: gRPC channel options, which win over the client's own.
        """
        self.address = address
        self.timeout = timeout
        self._channel = channel.open_channel(grpc, address, credentials, options)
        self._methods = channel.methods(self._channel)
        self._calls = Calls()

    def __enter__(self) -> "MagentaClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the channel; calls under way end with CANCELLED."""
        self._channel.close()

    def generate(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        primer: Primer | None = None,
        num_steps: int | None = None,
        num_outputs: int | None = None,
        qpm: float | None = None,
        temperature: float | None = None,
        beam_size: int | None = None,
        branch_factor: int | None = None,
        steps_per_iteration: int | None = None,
        seed: int | None = None,
        timeout: float | None = None,
        **inputs: Any,
    ) -> list[NoteSequence]:
        """Generates sequences; see `generate_detailed`, which gives more of each.

        Returns:
            One note_seq NoteSequence for each output.
        """
        settings = {
            "num_steps": num_steps, "num_outputs": num_outputs, "qpm": qpm,
            "temperature": temperature, "beam_size": beam_size, "branch_factor": branch_factor,
            "steps_per_iteration": steps_per_iteration, "seed": seed, **inputs,
        }
        return self._run(
            self._calls.generate(Where(model, version, label), primer, settings), timeout)

    def generate_detailed(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        primer: Primer | None = None,
        num_steps: int | None = None,
        num_outputs: int | None = None,
        qpm: float | None = None,
        temperature: float | None = None,
        beam_size: int | None = None,
        branch_factor: int | None = None,
        steps_per_iteration: int | None = None,
        seed: int | None = None,
        timeout: float | None = None,
        **inputs: Any,
    ) -> list[Generation]:
        """Generates sequences with Magenta's own settings; what is None is the model's default.

        Args:
            model: name of the model on the server.
            version: number of its version.
            label: label of its version, instead of a number.
            primer: what the output begins with: a NoteSequence, the bytes or the path of a MIDI
                file, or the events of a note_seq Melody (a pitch, -1 note off, -2 no event).
            num_steps: steps of the whole output, primer included; a step is a 16th note, or what
                the model counts in.
            num_outputs: how many outputs, 1 by default.
            qpm: quarters per minute; 0, the default, is the primer's, else 120.
            temperature: above 1.0 is more random, below is less.
            beam_size: sequences kept in beam search.
            branch_factor: continuations tried for each of them.
            steps_per_iteration: steps taken in each round of beam search.
            seed: of the first output, the next ones have seed+1, ...; -1, the default, draws one.
            timeout: seconds that the call may take; the client's by default.
            **inputs: further inputs of the model's signature `generate`, by name.

        Returns:
            One Generation for each output.

        Raises:
            InvalidArgumentError: the model does not take an input, or not that value.
            NotFoundError: the server has no such model, version or label.
            UnavailableError: no server answers, or the model is not loaded.
            DeadlineExceededError: it took longer than `timeout`.
        """
        settings = {
            "num_steps": num_steps, "num_outputs": num_outputs, "qpm": qpm,
            "temperature": temperature, "beam_size": beam_size, "branch_factor": branch_factor,
            "steps_per_iteration": steps_per_iteration, "seed": seed, **inputs,
        }
        return self._run(
            self._calls.generate_detailed(Where(model, version, label), primer, settings), timeout)

    def score(
        self,
        model: str = "melody",
        sequence: Primer | None = None,
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
        **inputs: Any,
    ) -> Score:
        """Asks how likely the model finds a sequence.

        Args:
            model: name of the model on the server.
            sequence: a NoteSequence, the bytes or the path of a MIDI file, or melody events.
            version: number of its version.
            label: label of its version, instead of a number.
            timeout: seconds that the call may take; the client's by default.
            **inputs: further inputs of the model's signature `score`, by name.
        """
        return self._run(
            self._calls.score(Where(model, version, label), sequence, inputs), timeout)

    def predict(
        self,
        model: str,
        inputs: Mapping[str, Any],
        *,
        signature: str | None = None,
        outputs: Iterable[str] | None = None,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs one signature of a model, tensors in, tensors out.

        Args:
            model: name of the model on the server.
            inputs: whatever numpy makes an array of, by input name; converted to the input's type.
                None leaves an input out.
            signature: name of the signature; `serving_default` when None.
            outputs: names of the outputs to compute; all when None.
            version: number of its version.
            label: label of its version, instead of a number.
            timeout: seconds that the call may take; the client's by default.

        Returns:
            Arrays by output name; strings as object arrays of bytes.
        """
        return self._run(
            self._calls.predict(Where(model, version, label), inputs, signature, outputs),
            timeout)

    def signatures(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, Signature]:
        """Returns the model's signatures by name: their inputs with types and defaults, outputs."""
        return self._run(self._calls.signatures(Where(model, version, label)), timeout)

    def status(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> list[VersionStatus]:
        """Returns the state of the model's versions, or of the one asked for, oldest first."""
        return self._run(self._calls.status(Where(model, version, label)), timeout)

    def _run(self, conversation: Generator[Call, Any, _Result], timeout: float | None) -> _Result:
        deadline = channel.Deadline(self.timeout if timeout is None else timeout)
        response = None
        try:
            while True:
                call = conversation.send(response)
                response = self._methods[call.method](call.request, timeout=deadline.left())
        except StopIteration as end:
            return end.value
        except grpc.RpcError as error:
            raise channel.to_error(error, self.address) from error
