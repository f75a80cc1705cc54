"""What both clients' gRPC channels have in common."""

import json
import time
from collections.abc import Sequence
from typing import Any

import grpc

from magenta_serving import errors, protos

# Every call of the clients only reads, so a call that found no server may be made again. A server
# that is down costs well under a second before the error.
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


def open_channel(
    grpc_module: Any, address: str, credentials: grpc.ChannelCredentials | None,
    options: Sequence[tuple[str, Any]],
) -> Any:
    """Opens a channel of `grpc` or of `grpc.aio`; the given options win over the clients' own."""
    options = list({
        "grpc.service_config": _SERVICE_CONFIG,
        "grpc.max_receive_message_length": -1,
        "grpc.max_send_message_length": -1,
        **dict(options),
    }.items())
    if credentials is None:
        return grpc_module.insecure_channel(address, options=options)
    return grpc_module.secure_channel(address, credentials, options=options)


def methods(channel: Any) -> dict[str, Any]:
    """Returns the callables of the API's methods by name."""
    return {
        name: channel.unary_unary(
            method.path, method.request.SerializeToString, method.response.FromString)
        for service in (protos.PREDICTION_SERVICE, protos.MODEL_SERVICE)
        for name, method in protos.methods(service).items()
    }


class Deadline:
    """What is left of a time in seconds, over the calls of one conversation."""

    def __init__(self, timeout: float):
        self._end = time.monotonic() + timeout

    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())


def to_error(error: grpc.RpcError, address: str) -> errors.ServableError:
    """Returns the error of this package for a failed call."""
    code, message = error.code(), error.details() or ""
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        message = f"{address}: {message}"
    return errors.from_code(code.value[0], message)
