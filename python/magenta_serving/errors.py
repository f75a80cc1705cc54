"""Typed errors, one class per canonical gRPC code: for the client, the servable and the server."""

import re

# Canonical names by gRPC number.
CODES: dict[int, str] = {
    1: "CANCELLED",
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    6: "ALREADY_EXISTS",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    11: "OUT_OF_RANGE",
    12: "UNIMPLEMENTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    15: "DATA_LOSS",
    16: "UNAUTHENTICATED",
}
_NUMBERS = {name: number for number, name in CODES.items()}

# A Python error name at the start of a message, as Magenta's own errors are passed on:
# "MultipleTempoError: ...".
_KIND = re.compile(r"([A-Z][A-Za-z0-9]*(?:Error|Exception)): ")


class ServableError(Exception):
    """A request or a bundle that cannot be served.

    Attributes:
      code: canonical name of the gRPC code, such as "INVALID_ARGUMENT".
      number: the same code as gRPC's number, such as 3.
      message: the text without the code.
      kind: name of the Python error that Magenta raises in the same case ("MultipleTempoError"),
        else None.
    """

    code = "UNKNOWN"

    def __init__(self, message: str = "", code: str | None = None):
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    @property
    def number(self) -> int:
        return _NUMBERS[self.code]

    @property
    def kind(self) -> str | None:
        match = _KIND.match(self.message)
        return match.group(1) if match else None


class CancelledError(ServableError):
    code = "CANCELLED"


class UnknownError(ServableError):
    code = "UNKNOWN"


class InvalidArgumentError(ServableError):
    code = "INVALID_ARGUMENT"


class DeadlineExceededError(ServableError):
    code = "DEADLINE_EXCEEDED"


class NotFoundError(ServableError):
    code = "NOT_FOUND"


class AlreadyExistsError(ServableError):
    code = "ALREADY_EXISTS"


class ResourceExhaustedError(ServableError):
    code = "RESOURCE_EXHAUSTED"


class FailedPreconditionError(ServableError):
    code = "FAILED_PRECONDITION"


class OutOfRangeError(ServableError):
    code = "OUT_OF_RANGE"


class UnimplementedError(ServableError):
    code = "UNIMPLEMENTED"


class InternalError(ServableError):
    code = "INTERNAL"


class UnavailableError(ServableError):
    code = "UNAVAILABLE"


class DataLossError(ServableError):
    code = "DATA_LOSS"


_CLASSES = {cls.code: cls for cls in ServableError.__subclasses__()}


def from_code(code: int | str, message: str) -> ServableError:
    """Returns the error of a code, given by name or gRPC number; UNKNOWN if there is none such."""
    name = CODES.get(code, "UNKNOWN") if isinstance(code, int) else code.upper()
    if name not in _NUMBERS:
        name = "UNKNOWN"
    # The codes without a class of their own are not raised by this package, but a proxy may send
    # them.
    return _CLASSES[name](message) if name in _CLASSES else ServableError(message, name)
