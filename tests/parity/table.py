"""Counts of comparisons and differences, config x stage."""

import collections
import dataclasses
from collections.abc import Iterable


@dataclasses.dataclass
class Cell:
    """Comparisons of one stage of one config."""

    compared: int = 0
    different: int = 0


class Table:
    """What a run compared.

    Attributes:
        errors: config -> how many generations ended in an error on both sides, the same one.
        notes: lines that are printed below the table.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], Cell] = collections.defaultdict(Cell)
        self.errors: collections.Counter[str] = collections.Counter()
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
        return [*lines, f"Compared to the bit; {total:,} differences.", *self.notes]

    def _text(self, config: str, stage: str) -> str:
        if (config, stage) not in self._cells:
            return "-"
        cell = self._cells[config, stage]
        text = f"{cell.compared:,}"
        return f"{text} ({cell.different:,} DIFFER)" if cell.different else text
