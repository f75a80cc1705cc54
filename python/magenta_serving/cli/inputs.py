"""Flags as inputs of a signature."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import click

_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def parse_input(text: str, specs: Mapping[str, Any]) -> tuple[str, Any]:
    """Reads one NAME=VALUE, or NAME=@FILE for the bytes of a file, as the input's type.

    Raises:
        click.UsageError: it is not of that form, or the value is not of that type.
    """
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--input {text}: expected NAME=VALUE")
    refuse_unknown([name], specs, "--input ")
    if value.startswith("@"):
        with open(os.path.expanduser(value[1:]), "rb") as file:
            return name, file.read()
    dtype = specs[name].dtype
    try:
        if dtype == "string":
            return name, value
        if dtype == "bool":
            return name, _BOOLS[value.lower()]
        return name, float(value) if dtype.startswith("float") else int(value)
    except (KeyError, ValueError):
        raise click.UsageError(f"--input {name}: {value!r} is not {dtype}") from None


def refuse_unknown(names: Iterable[str], specs: Mapping[str, Any], prefix: str = "--") -> None:
    """Raises click.UsageError for the names that a signature has no input for."""
    unknown = [name for name in names if name not in specs]
    if unknown:
        raise click.UsageError(
            f"this model takes no {', '.join(prefix + name for name in unknown)}; it takes "
            f"{', '.join(sorted(specs))}")
