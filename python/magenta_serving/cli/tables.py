"""Tables on the terminal; plain and uncut where the output goes to a file or a pipe."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table, box
from rich.text import Text

# Columns of a page that nobody looks at in a window: no line is broken for it.
_UNBOUNDED = 1000


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]],
    right: Sequence[str] = (),
) -> None:
    """Prints a table.

    Args:
        title: a line above it.
        columns: their headings; none of them is shown if all are empty.
        rows: the cells, which become str.
        right: headings of the columns that are aligned to the right.
    """
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_UNBOUNDED)
    table = Table(box=box.SIMPLE_HEAD, show_header=any(columns), pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        # As Text: brackets in a value are not rich's markup.
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(Text(title, style="bold"))
    console.print(table)
