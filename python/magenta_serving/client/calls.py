"""What the clients say to a server and make of its answers, without a network.

Each function of `Calls` is a conversation: a generator that yields the calls it wants made, is sent
the response of each, and returns its result. The clients only carry them out, one by blocking and
one by awaiting.
"""

import pathlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from magenta_serving import errors, protos, tensors
from magenta_serving.client.results import Generation, Score, VersionStatus
from magenta_serving.protos import NoteSequence
from magenta_serving.signatures import Signature, from_signature_def

# What a primer may be: a sequence, the bytes of a MIDI file, its path, or melody events.
Primer: TypeAlias = NoteSequence | bytes | str | pathlib.Path | Sequence[int]


class Call(NamedTuple):
    """A request to make: the name of the gRPC method and its message."""

    method: str
    request: Any


class Where(NamedTuple):
    """The model that is asked: its newest version, unless a number or a label says otherwise."""

    model: str
    version: int | None
    label: str | None

    def spec(self) -> Any:
        """Returns it as a ModelSpec."""
        if self.version is not None and self.label is not None:
            raise errors.InvalidArgumentError("Give a version or a label, not both")
        spec = protos.ModelSpec(name=self.model)
        if self.version is not None:
            spec.version.value = self.version
        if self.label is not None:
            spec.version_label = self.label
        return spec


class Calls:
    """The conversations of one client, which remembers what the server told of its models."""

    def __init__(self) -> None:
        self._dtypes: dict[tuple[Where, str], dict[str, int]] = {}

    def generate(
        self, where: Where, primer: Primer | None, settings: Mapping[str, Any]
    ) -> Generator[Call, Any, list[NoteSequence]]:
        outputs = yield from self.predict(
            where, {**_primer_inputs(primer), **settings}, "generate", ["sequence_bytes"])
        return [NoteSequence.FromString(data) for data in outputs["sequence_bytes"].flat]

    def generate_detailed(
        self, where: Where, primer: Primer | None, settings: Mapping[str, Any]
    ) -> Generator[Call, Any, list[Generation]]:
        outputs = yield from self.predict(
            where, {**_primer_inputs(primer), **settings}, "generate",
            ["sequence_bytes", "midi_bytes", "log_likelihood", "seed"])
        return [
            Generation(NoteSequence.FromString(sequence), midi, float(log_likelihood), int(drawn))
            for sequence, midi, log_likelihood, drawn in zip(
                outputs["sequence_bytes"].flat, outputs["midi_bytes"].flat,
                outputs["log_likelihood"].flat, outputs["seed"].flat, strict=True)
        ]

    def score(
        self, where: Where, sequence: Primer | None, inputs: Mapping[str, Any]
    ) -> Generator[Call, Any, Score]:
        outputs = yield from self.predict(
            where, {**_sequence_inputs(sequence), **inputs}, "score", None)
        return Score(
            float(outputs["log_likelihood"].item()), outputs["event_log_likelihoods"].ravel())

    def predict(
        self, where: Where, inputs: Mapping[str, Any], signature: str | None,
        outputs: Iterable[str] | None,
    ) -> Generator[Call, Any, dict[str, np.ndarray]]:
        signature = signature or protos.DEFAULT_SIGNATURE
        dtypes = yield from self._input_dtypes(where, signature)
        spec = where.spec()
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
        response = yield Call("Predict", request)
        return {name: tensors.to_ndarray(proto) for name, proto in response.outputs.items()}

    def signatures(self, where: Where) -> Generator[Call, Any, dict[str, Signature]]:
        signature_defs = yield from self._signature_defs(where)
        return {
            name: from_signature_def(signature_defs[name]) for name in sorted(signature_defs)}

    def status(self, where: Where) -> Generator[Call, Any, list[VersionStatus]]:
        response = yield Call(
            "GetModelStatus", protos.GetModelStatusRequest(model_spec=where.spec()))
        return [
            VersionStatus(
                status.version,
                protos.ModelVersionStatus.State.Name(status.state),
                errors.CODES.get(status.status.error_code, "OK"),
                status.status.error_message,
            )
            for status in sorted(response.model_version_status, key=lambda s: s.version)
        ]

    def _signature_defs(self, where: Where) -> Generator[Call, Any, Mapping[str, Any]]:
        response = yield Call("GetModelMetadata", protos.GetModelMetadataRequest(
            model_spec=where.spec(), metadata_field=[protos.SIGNATURE_DEF_FIELD]))
        signatures = protos.SignatureDefMap()
        response.metadata[protos.SIGNATURE_DEF_FIELD].Unpack(signatures)
        return signatures.signature_def

    def _input_dtypes(
        self, where: Where, signature: str
    ) -> Generator[Call, Any, dict[str, int]]:
        """Returns the DataTypes of a signature's inputs, asked for once.

        A newer version may take other inputs, so nothing is refused here for a name that is
        missing; an input of one name has one type in all models.
        """
        key = (where, signature)
        if key not in self._dtypes:
            signature_defs = yield from self._signature_defs(where)
            if signature not in signature_defs:
                return {}
            self._dtypes[key] = {
                name: info.dtype for name, info in signature_defs[signature].inputs.items()}
        return self._dtypes[key]


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
