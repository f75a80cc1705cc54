"""A client of Magenta Serving, for any server that speaks TensorFlow Serving's gRPC API.

    from magenta_serving.client import MagentaClient

    with MagentaClient("localhost:8500") as client:
        melody, = client.generate("melody", primer=[60, -2, 62, -2, 64], num_steps=64, seed=7)

Importing it loads neither TensorFlow nor note_seq. The sequences that it gives are nevertheless
note_seq's own `NoteSequence` messages, whichever of the two is imported first.
"""

import dataclasses
import json
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import grpc
import numpy as np

from magenta_serving import errors, protos, tensors
from magenta_serving.protos import NoteSequence
from magenta_serving.signatures import Signature, from_signature_def

# What a primer may be: a sequence, the bytes of a MIDI file, its path, or melody events.
Primer = NoteSequence | bytes | str | pathlib.Path | Sequence[int]

# Every call here only reads, so a call that found no server may be made again. A server that is
# down costs well under a second before the error.
_SERVICE_CONFIG = json.dumps({
    "methodConfig": [{
        "name": [{}],
        "retryPolicy": {
            "maxAttempts": 3,
            "initialBackoff": "0.1s",
            "maxBackoff": "1s",
            "backoffMultiplier": 3,
            "retryableStatusCodes": ["UNAVAILABLE"],
        },
    }]
})


@dataclasses.dataclass(frozen=True)
class Generation:
    """One generated output.

    Attributes:
        sequence: the notes, equal to what Magenta's own generator returns.
        midi: the same as a Standard MIDI File.
        log_likelihood: of the generated events under the model.
        seed: generates this output again, alone: `num_outputs=1, seed=seed`.
    """

    sequence: NoteSequence
    midi: bytes
    log_likelihood: float
    seed: int


@dataclasses.dataclass(frozen=True)
class Score:
    """How likely a model finds a sequence.

    Attributes:
        log_likelihood: of the whole sequence.
        event_log_likelihoods: float32 [n], of each event that the model predicted.
    """

    log_likelihood: float
    event_log_likelihoods: np.ndarray


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """The state of one version of a model.

    Attributes:
        version: the number of its directory.
        state: START, LOADING, AVAILABLE, UNLOADING or END.
        error_code: "OK", or the canonical name of what made it fail, as INVALID_ARGUMENT.
        error_message: empty if nothing failed.
    """

    version: int
    state: str
    error_code: str
    error_message: str


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
            timeout: seconds that a call may take, unless the call says otherwise.
            credentials: for TLS; plain text when None.
            options: gRPC channel options, which win over the client's own.
        """
        self.address = address
        self.timeout = timeout
        channel_options = list({
            "grpc.service_config": _SERVICE_CONFIG,
            "grpc.max_receive_message_length": -1,
            "grpc.max_send_message_length": -1,
            **dict(options),
        }.items())
        if credentials is None:
            self._channel = grpc.insecure_channel(address, options=channel_options)
        else:
            self._channel = grpc.secure_channel(address, credentials, options=channel_options)
        self._methods = {
            name: self._channel.unary_unary(
                method.path, method.request.SerializeToString, method.response.FromString)
            for service in (protos.PREDICTION_SERVICE, protos.MODEL_SERVICE)
            for name, method in protos.methods(service).items()
        }
        # By serialized ModelSpec and signature name, as in _input_dtypes.
        self._dtypes: dict[tuple[bytes, str], dict[str, int]] = {}

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
        outputs = self.predict(
            model, {**_primer_inputs(primer), **settings}, signature="generate",
            outputs=["sequence_bytes"], version=version, label=label, timeout=timeout)
        return [NoteSequence.FromString(data) for data in outputs["sequence_bytes"].flat]

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
        outputs = self.predict(
            model, {**_primer_inputs(primer), **settings}, signature="generate",
            outputs=["sequence_bytes", "midi_bytes", "log_likelihood", "seed"],
            version=version, label=label, timeout=timeout)
        return [
            Generation(NoteSequence.FromString(sequence), midi, float(log_likelihood), int(drawn))
            for sequence, midi, log_likelihood, drawn in zip(
                outputs["sequence_bytes"].flat, outputs["midi_bytes"].flat,
                outputs["log_likelihood"].flat, outputs["seed"].flat, strict=True)
        ]

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
        outputs = self.predict(
            model, {**_sequence_inputs(sequence), **inputs}, signature="score",
            version=version, label=label, timeout=timeout)
        return Score(
            float(outputs["log_likelihood"].item()), outputs["event_log_likelihoods"].ravel())

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
        signature = signature or protos.DEFAULT_SIGNATURE
        spec = _model_spec(model, version, label)
        dtypes = self._input_dtypes(spec, signature, timeout)
        spec.signature_name = signature
        request = protos.PredictRequest(model_spec=spec, output_filter=outputs or ())
        for name, value in inputs.items():
            if value is None:
                continue
            try:
                proto = tensors.to_tensor_proto(value, dtypes.get(name))
            except errors.InvalidArgumentError as error:
                raise errors.InvalidArgumentError(f"Input {name}: {error.message}") from error
            request.inputs[name].CopyFrom(proto)
        response = self._call("Predict", request, timeout)
        return {name: tensors.to_ndarray(proto) for name, proto in response.outputs.items()}

    def signatures(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> dict[str, Signature]:
        """Returns the model's signatures by name: their inputs with types and defaults, outputs."""
        signature_defs = self._signature_defs(_model_spec(model, version, label), timeout)
        return {
            name: from_signature_def(signature_defs[name]) for name in sorted(signature_defs)}

    def status(
        self,
        model: str = "melody",
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float | None = None,
    ) -> list[VersionStatus]:
        """Returns the state of the model's versions, or of the one asked for, oldest first."""
        response = self._call(
            "GetModelStatus",
            protos.GetModelStatusRequest(model_spec=_model_spec(model, version, label)), timeout)
        return [
            VersionStatus(
                status.version,
                protos.ModelVersionStatus.State.Name(status.state),
                errors.CODES.get(status.status.error_code, "OK"),
                status.status.error_message,
            )
            for status in sorted(response.model_version_status, key=lambda s: s.version)
        ]

    def _signature_defs(self, spec: Any, timeout: float | None) -> Mapping[str, Any]:
        request = protos.GetModelMetadataRequest(
            model_spec=spec, metadata_field=[protos.SIGNATURE_DEF_FIELD])
        response = self._call("GetModelMetadata", request, timeout)
        signatures = protos.SignatureDefMap()
        response.metadata[protos.SIGNATURE_DEF_FIELD].Unpack(signatures)
        return signatures.signature_def

    def _input_dtypes(self, spec: Any, signature: str, timeout: float | None) -> dict[str, int]:
        """Returns the DataTypes of a signature's inputs, asked for once.

        A newer version may take other inputs, so nothing is refused here for a name that is
        missing; an input of one name has one type in all models.
        """
        key = (spec.SerializeToString(deterministic=True), signature)
        if key not in self._dtypes:
            signature_defs = self._signature_defs(spec, timeout)
            if signature not in signature_defs:
                return {}
            self._dtypes[key] = {
                name: info.dtype for name, info in signature_defs[signature].inputs.items()}
        return self._dtypes[key]

    def _call(self, name: str, request: Any, timeout: float | None) -> Any:
        try:
            return self._methods[name](
                request, timeout=self.timeout if timeout is None else timeout)
        except grpc.RpcError as error:
            code, message = error.code(), error.details() or ""
            if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                message = f"{self.address}: {message}"
            raise errors.from_code(code.value[0], message) from error


def _model_spec(model: str, version: int | None, label: str | None) -> Any:
    if version is not None and label is not None:
        raise errors.InvalidArgumentError("Give a version or a label, not both")
    spec = protos.ModelSpec(name=model)
    if version is not None:
        spec.version.value = version
    if label is not None:
        spec.version_label = label
    return spec


def _sequence_inputs(value: Primer | None) -> dict[str, Any]:
    """Returns the input of `score` that takes such a value, with the value as it takes it."""
    if value is None:
        return {}
    if isinstance(value, NoteSequence):
        return {"sequence_bytes": value.SerializeToString()}
    if isinstance(value, (str, pathlib.Path)):
        value = pathlib.Path(value).expanduser().read_bytes()
    if isinstance(value, bytes):
        if not value:
            # To the server this would be a primer that is not set.
            raise errors.InvalidArgumentError("The MIDI file is empty")
        return {"midi_bytes": value}
    return {"melody": str([int(event) for event in value])}


def _primer_inputs(primer: Primer | None) -> dict[str, Any]:
    """The same for `generate`, whose inputs have the same names after "primer_"."""
    return {f"primer_{name}": value for name, value in _sequence_inputs(primer).items()}
