"""docs/hostile.md: the tables in it are what the cases get."""

import re
from collections.abc import Iterable

from ..servers import ROOT

PAGE = ROOT / "docs" / "hostile.md"
_LONGEST = 240


def row(name: str, code: str, message: str) -> str:
    """Returns the line of a table that says what a case gets."""
    message = " ".join(message.split())
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} ..."
    # A message may have markup in it; in code it is none.
    code_text = message.replace("`", "'").replace("|", r"\|")
    shown = f"`{code_text}`" if message else ""
    return f"| {name} | {code} | {shown} |"


def rows(heading: str) -> list[str]:
    """Returns the lines of the table under a heading of the page."""
    return _table(heading).search(PAGE.read_text("utf-8"))[2].splitlines()


def with_rows(text: str, heading: str, lines: Iterable[str]) -> str:
    """Returns a page's text with other lines in the table under a heading."""
    table = "".join(f"{line}\n" for line in lines)
    return _table(heading).sub(lambda match: match[1] + table, text)


def _table(heading: str) -> re.Pattern:
    return re.compile(rf"(?ms)(^## {heading}$.*?^\|---[-|]*\|\n)((?:^\|.*?\n)*)")
