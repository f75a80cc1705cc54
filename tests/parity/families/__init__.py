"""The families that are compared. Another family is another module like `melody`, listed here."""

from typing import Any

from . import drums, improv, melody, performance, pianoroll, polyphony
from .family import Family

FAMILIES: tuple[Family, ...] = (
    melody.Melody(), drums.Drums(), improv.Improv(), polyphony.Polyphony(),
    performance.Performance(), pianoroll.Pianoroll())


def configs() -> dict[str, Any]:
    """Magenta's configs of all families, by name, in the order of the table."""
    return {name: config for family in FAMILIES for name, config in family.configs().items()}


def of_config(name: str) -> Family:
    """The family that a config belongs to."""
    return next(family for family in FAMILIES if name in family.configs())


def config_of(generator_id: str, input_size: int) -> str | None:
    """The name of the config that a bundle was made with; None if its family isn't compared.

    Two configs have the same id; the size of the graph's input tells them apart.

    Args:
        generator_id: of the bundle.
        input_size: last dimension of the graph's inputs.
    """
    named = [name for name, config in configs().items() if config.details.id == generator_id]
    fitting = [name for name in named
               if configs()[name].encoder_decoder.input_size == input_size]
    return next(iter(fitting + named), None)
