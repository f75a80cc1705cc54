"""The web page as whoever uses it sees it: by labels, roles and the notes on the roll."""

import re
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

# The melody on the roll when the page is opened: (pitch, start, end) in 16th notes.
FIRST_NOTES = [(60, 0, 4), (64, 4, 6), (67, 6, 8), (69, 8, 12), (67, 12, 16)]


class RollNote(NamedTuple):
    """A note on the roll; times are in 16th notes."""

    pitch: int
    start: float
    end: float
    from_primer: bool


class MusicPage:
    """The page in a browser's tab."""

    def __init__(self, page: Page):
        self.page = page
        self.roll = page.get_by_role("application")
        self.generate_button = page.get_by_role("button", name="Generate")
        self.cards = page.get_by_role("listitem").filter(has_text="log-likelihood")
        self.alert = page.get_by_role("alert")

    def open(self, url: str) -> None:
        """Opens the page and waits until it knows the model."""
        self.page.goto(url)
        expect(self.generate_button).to_be_enabled()

    def choose_model(self, name: str) -> None:
        self.page.get_by_label("Model", exact=True).select_option(name)
        expect(self.generate_button).to_be_enabled()

    def set(self, label: str, value: object) -> None:
        """Types into the field of an input."""
        self.page.get_by_role("textbox", name=label).fill(str(value))

    def generate(self) -> None:
        """Generates, with a seed of its own if none is set, as not all give notes, and waits."""
        seed = self.page.get_by_role("textbox", name="Seed")
        if seed.input_value() == "-1":
            seed.fill("1")
        self.generate_button.click()
        self.wait_for_outputs()

    def wait_for_outputs(self) -> None:
        expect(self.roll.locator(".continuation").first).to_be_attached(timeout=60_000)
        expect(self.generate_button).to_be_visible()

    def notes(self) -> list[RollNote]:
        """The notes on the roll by start and pitch."""
        values = self.roll.locator(".note").evaluate_all(
            "notes => notes.map(note => [+note.dataset.pitch, +note.dataset.start, "
            "+note.dataset.end, note.classList.contains('primer')])")
        return sorted((RollNote(*value) for value in values), key=lambda n: (n.start, n.pitch))

    def clear(self) -> None:
        self.page.get_by_role("button", name="Clear the notes").click()
        expect(self.roll.locator(".note")).to_have_count(0)

    def point(self, pitch: int, step: float) -> dict[str, float]:
        """Where a cell of the roll is, in pixels from the roll's corner; scrolls it into view."""
        x, y = self.roll.evaluate("""(roll, [pitch, step]) => {
            const rows = roll.querySelectorAll('.row');
            const steps = roll.querySelectorAll('line.step, line.beat, line.bar').length;
            const drums = [49, 51, 50, 48, 45, 46, 42, 38, 36];
            const row = roll.parentElement.dataset.drums === 'true'
                ? drums.indexOf(pitch) : 108 - pitch;
            const y = (row + 0.5) * roll.clientHeight / rows.length;
            const x = step * roll.clientWidth / steps;
            const scroller = roll.parentElement;
            scroller.scrollTop = y - scroller.clientHeight / 2;
            return [x, y];
        }""", [pitch, step])
        return {"x": x, "y": y}

    def click(self, pitch: int, step: int) -> None:
        self.roll.click(position=self.point(pitch, step + 0.5))

    def drag(self, pitch: int, step: float, to_pitch: int, to_step: float) -> None:
        """Drags with the mouse from one cell of the roll to another."""
        first, last = self.point(pitch, step), self.point(to_pitch, to_step)
        box = self.roll.bounding_box()
        self.page.mouse.move(box["x"] + first["x"], box["y"] + first["y"])
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + last["x"], box["y"] + last["y"], steps=5)
        self.page.mouse.up()

    def drop(self, name: str, data: bytes) -> None:
        """Drops a file from outside the browser onto the page."""
        transfer = self.page.evaluate_handle("""([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""", [name, list(data)])
        self.roll.dispatch_event("drop", {"dataTransfer": transfer})

    def record(self) -> None:
        """Starts to record and waits until the count-in is over."""
        self.page.get_by_role("button", name="Record").click()
        for pattern in ("^−", r"^\d"):
            self.page.wait_for_function(
                "pattern => document.querySelector('.clock').textContent.match(pattern)",
                arg=pattern)

    def playhead(self) -> float:
        """How far the line that moves is, in pixels."""
        transform = self.roll.locator(".playhead").get_attribute("transform") or ""
        return float(re.match(r"translate\(([\d.]+) ", transform)[1]) if transform else 0

    def facts(self, card: Locator) -> tuple[float, int]:
        """Log-likelihood and seed that a card shows."""
        likelihood, seed = card.locator("b").all_inner_texts()
        return float(likelihood), int(seed)
