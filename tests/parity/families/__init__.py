"""The families that are compared. Another family is another module like `melody`, listed here."""

from typing import Any

from . import melody

FAMILIES = (melody.Melody(),)


def configs() -> dict[str, Any]:
    """Magenta's configs of all families, by id, in the order of the table."""
    return {name: config for family in FAMILIES for name, config in family.configs().items()}


def of_config(config: str) -> Any:
    """The family that a config belongs to."""
    return next(family for family in FAMILIES if config in family.configs())
