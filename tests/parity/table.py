"""Counts of comparisons and differences, config x stage."""

import collections
import dataclasses
from collections.abc import Iterable

from . import native


@dataclasses.dataclass
class Cell:
    """Comparisons of one stage of one config."""

    compared: int = 0
    different: int = 0


class Table:
    """What a run compared.

    Attributes:
        errors: config -> how many generations ended in an error on both sides, the same one.
        native_draws: how many draws the native engine's generations had.
        explained: of its sequences that differ from Magenta's.
        notes: lines that are printed below the table.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], Cell] = collections.defaultdict(Cell)
        self.errors: collections.Counter[str] = collections.Counter()
        self.native_draws = 0
        self.explained: list[native.Explanation] = []
        self.notes: list[str] = []

    def add(self, config: str, stage: str, compared: int = 1, different: int = 0) -> None:
        cell = self._cells[config, stage]
        cell.compared += compared
        cell.different += different

    def __bool__(self) -> bool:
        return bool(self._cells or self.notes)

    def lines(self, configs: Iterable[str], stages: Iterable[str]) -> list[str]:
        """The table as text; each cell is the count compared, with the differences if any."""
        stages = list(stages)
        present = {config for config, _ in self._cells}
        rows = [["config", *stages, "same error"]]
        for config in configs:
            if config in present:
                rows.append([config, *(self._text(config, stage) for stage in stages),
                             f"{self.errors[config]:,}"])
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join(text.ljust(width) if not i else text.rjust(width)
                           for i, (text, width) in enumerate(zip(row, widths))) for row in rows]
        lines.insert(1, "-" * len(lines[0]))
        total = sum(cell.different for cell in self._cells.values())
        otherwise = sum(explanation.draw is not None for explanation in self.explained)
        at_boundary = sum(explanation.at_boundary for explanation in self.explained)
        return [
            *lines, f"Compared to the bit; {total:,} differences.",
            f"The native engine made {self.native_draws:,} draws. In {otherwise} sequences one "
            f"ended otherwise by rounding: {at_boundary} at a boundary, the others of chaotic "
            f"networks. Of those, {len(self.explained) - otherwise} more sequences are equal with "
            "another log-likelihood.", *self.notes]

    def _text(self, config: str, stage: str) -> str:
        if (config, stage) not in self._cells:
            return "-"
        cell = self._cells[config, stage]
        text = f"{cell.compared:,}"
        return f"{text} ({cell.different:,} DIFFER)" if cell.different else text
