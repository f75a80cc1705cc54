"""The pages that users read, and the blocks of code in them."""

import dataclasses
import pathlib
import re
import textwrap

from ..servers import ROOT

PAGES = sorted(
    path for pattern in ("*.md", "docs/*.md", "demo/*.md", "examples/*.md", "web/*.md")
    for path in ROOT.glob(pattern))

# Why a block cannot run in a test. Such a block says so itself, in its first line.
MARK = "# Not run by the tests: "
REASONS = {
    "it needs the internet",
    "it needs a container engine",
    "it serves until Ctrl-C",
    "it builds for minutes",
    "it trains for minutes",
    "it runs the tests",
    "it puts a server under load",
}
# Blocks that are run.
RUN = {"sh", "python"}
# What a server answers, after the block that asks it.
ANSWER = "json"
# Blocks that are no commands.
SHOWN = {"text", "textproto"}


@dataclasses.dataclass(frozen=True)
class Block:
    """One block of code.

    Attributes:
        page: the file.
        line: number of its first line.
        language: as named after the fence; empty without a name.
        text: its lines, without the indentation of the list that it is in.
    """

    page: pathlib.Path
    line: int
    language: str
    text: str

    def reason(self) -> str | None:
        """Returns why it is not run, if it is marked so."""
        first = self.text.split("\n", 1)[0]
        return first.removeprefix(MARK) if first.startswith(MARK) else None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}, line {self.line}:\n{self.text}"


def blocks(page: pathlib.Path) -> list[Block]:
    """Returns the blocks of a page in order."""
    found, lines = [], page.read_text("utf-8").split("\n")
    number = 0
    while number < len(lines):
        fence = re.fullmatch(r"( *)```(\S*)", lines[number])
        number += 1
        if not fence:
            continue
        end = lines.index(f"{fence[1]}```", number)
        found.append(Block(
            page, number + 1, fence[2], textwrap.dedent("\n".join(lines[number:end]))))
        number = end + 1
    return found


def prose(page: pathlib.Path) -> str:
    """Returns a page without its blocks."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", page.read_text("utf-8"))
