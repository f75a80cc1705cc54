"""What the gRPC and REST sides share: messages in, messages out, errors as ServableError."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from magenta_serving import protos, tensors
from magenta_serving.errors import (
    DeadlineExceededError,
    FailedPreconditionError,
    InvalidArgumentError,
)
from magenta_serving.server.core import ServerCore
from magenta_serving.server.loader import BundleServable
from magenta_serving.server.manager import ServableHandle
from magenta_serving.server.observer import RequestRecord

# Bytes; gRPC sends them in headers.
_MAX_ERROR_LENGTH = 1024


def shortened(text: str) -> str:
    """Returns an error's text as clients get it: longer ones may quote all that a client sent."""
    data = text.encode(errors="replace")
    if len(data) <= _MAX_ERROR_LENGTH:
        return text
    return f"{data[:_MAX_ERROR_LENGTH].decode(errors='ignore')}...TRUNCATED"


def run_signature(
    bundle: BundleServable,
    signature_name: str,
    inputs: dict[str, np.ndarray],
    output_filter: Sequence[str],
    deadline: float | None,
    cancellation: Any,
    record: RequestRecord,
) -> dict[str, np.ndarray]:
    """Checks a request against its signature and runs it.

    Args:
      bundle: the version that answers.
      signature_name: a signature that the bundle has.
      inputs: values of the inputs that are set.
      output_filter: names of the outputs to return; none means all.
      deadline: by time.monotonic(), or None.
      cancellation: stops the run between two steps.
      record: is told what was done.
    """
    signature = bundle.signature_defs[signature_name]
    unknown = sorted(inputs.keys() - signature.inputs.keys())
    if unknown:
        raise InvalidArgumentError(
            f"Unrecognized inputs: {', '.join(unknown)}. Signature {signature_name} has the inputs "
            f"{', '.join(sorted(signature.inputs))}")
    for name, value in inputs.items():
        _check_dtype(name, value, signature.inputs[name].dtype)
    for i, name in enumerate(output_filter):
        if name not in signature.outputs:
            raise InvalidArgumentError(
                f"output tensor alias not found in signature: {name} Outputs expected to be in "
                f"the set {{{','.join(sorted(signature.outputs))}}}.")
        if name in output_filter[:i]:
            raise InvalidArgumentError(f"duplicate output tensor alias: {name}")
    timeout = None if deadline is None else deadline - time.monotonic()
    if timeout is not None and timeout <= 0:
        raise DeadlineExceededError("Deadline exceeded before the request was started")
    usage = bundle.new_usage()
    try:
        return bundle.servable.predict(
            inputs, signature=signature_name, outputs=list(output_filter) or None, timeout=timeout,
            cancellation=cancellation, usage=usage)
    finally:
        record.used(usage)


def predict(
    handle: ServableHandle, request: Any, deadline: float | None, cancellation: Any,
    record: RequestRecord,
) -> Any:
    """Returns the PredictResponse to a PredictRequest; arguments are as for `run_signature`."""
    bundle, spec = handle.servable, request.model_spec
    name = spec.signature_name or protos.DEFAULT_SIGNATURE
    if name not in bundle.signature_defs:
        raise FailedPreconditionError(f'Serving signature key "{name}" not found.')
    record.runs(name)
    inputs = {}
    for key, proto in request.inputs.items():
        try:
            inputs[key] = tensors.to_ndarray(proto)
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"Input {key}: {error.message}") from error
    outputs = run_signature(
        bundle, name, inputs, request.output_filter, deadline, cancellation, record)
    response = protos.PredictResponse()
    response.model_spec.name = handle.id.name
    response.model_spec.version.value = handle.id.version
    response.model_spec.signature_name = name
    for key, value in outputs.items():
        response.outputs[key].CopyFrom(tensors.to_tensor_proto(value))
    return response


def get_model_metadata(core: ServerCore, request: Any) -> Any:
    """Returns the GetModelMetadataResponse to a GetModelMetadataRequest."""
    check_model_spec(request)
    if not request.metadata_field:
        raise InvalidArgumentError(
            "GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != protos.SIGNATURE_DEF_FIELD:
            raise InvalidArgumentError(f"Metadata field {field} is not supported")
    with core.acquire(request.model_spec) as handle:
        response = protos.GetModelMetadataResponse()
        response.model_spec.name = handle.id.name
        response.model_spec.version.value = handle.id.version
        signatures = protos.SignatureDefMap()
        for name, signature in handle.servable.signature_defs.items():
            signatures.signature_def[name].CopyFrom(signature)
        response.metadata[protos.SIGNATURE_DEF_FIELD].Pack(signatures)
        return response


def get_model_status(core: ServerCore, request: Any) -> Any:
    """Returns the GetModelStatusResponse to a GetModelStatusRequest."""
    check_model_spec(request)
    response = protos.GetModelStatusResponse()
    for state in core.states(request.model_spec):
        status = response.model_version_status.add(
            version=state.id.version, state=int(state.manager_state))
        # Present even when all is well.
        status.status.SetInParent()
        if state.error is not None:
            status.status.error_code = state.error.number
            status.status.error_message = state.error.message
    return response


def check_model_spec(request: Any) -> None:
    if not request.HasField("model_spec"):
        raise InvalidArgumentError("Missing ModelSpec")


def _check_dtype(name: str, value: np.ndarray, dtype: int) -> None:
    if value.dtype != tensors.numpy_dtype(dtype):
        sent = tensors.dtype_name(
            tensors.dtype_number("string" if value.dtype == object else value.dtype.name))
        raise InvalidArgumentError(f"Input {name} must be {tensors.dtype_name(dtype)}, not {sent}")
