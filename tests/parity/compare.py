"""Comparison of values to the bit, and readable differences of those that differ."""

import difflib
from typing import Any

import numpy as np
from google.protobuf import message, text_format


def same_bits(ours: Any, theirs: Any) -> bool:
    """Whether two arrays have the same dtype, shape and bits; any NaN equals any NaN."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return False
    if ours.dtype.kind != "f":
        return bool(np.array_equal(ours, theirs))
    integers = np.dtype(f"u{ours.dtype.itemsize}")
    nan = np.isnan(ours) & np.isnan(theirs)
    return bool(np.all((np.ascontiguousarray(ours).view(integers)
                        == np.ascontiguousarray(theirs).view(integers)) | nan))


def array_difference(ours: Any, theirs: Any) -> str:
    """Where and by how much two float arrays differ."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return f"{ours.dtype}{list(ours.shape)} instead of {theirs.dtype}{list(theirs.shape)}"
    where = np.argwhere((ours != theirs) & ~(np.isnan(ours) & np.isnan(theirs)))
    if not len(where):
        return "only the sign of zeros differs"
    first = tuple(where[0])
    return (f"{len(where)} of {ours.size} differ, by at most "
            f"{np.nanmax(np.abs(ours.astype(np.float64) - theirs)):.3g}; first at "
            f"{[int(i) for i in first]}: {ours[first]!r} instead of {theirs[first]!r}")


def proto_difference(kind: type[message.Message], ours: bytes, theirs: bytes) -> str:
    """A unified diff of two serialized messages in text format; "" if they are equal."""
    if ours == theirs:
        return ""
    mine, reference = kind.FromString(ours), kind.FromString(theirs)
    if mine.SerializeToString(deterministic=True) == reference.SerializeToString(
            deterministic=True):
        return ""
    return "\n".join(difflib.unified_diff(
        text_format.MessageToString(reference).splitlines(),
        text_format.MessageToString(mine).splitlines(), "magenta", "servable", lineterm="", n=2))
