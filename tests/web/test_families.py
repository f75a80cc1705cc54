"""The page with models of other families: it shows what their metadata says."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from ..contract.api import Api
from ..servers import ServerProcess
from .music_page import FIRST_NOTES, MusicPage
from .test_generation import FIRST_MELODY, asked, shown


@pytest.fixture
def tab(open_tab: Callable[..., MusicPage], site: Callable[..., str],
        family_server: ServerProcess, family_bundles: dict[str, Any]) -> MusicPage:
    tab = open_tab()
    tab.open(site(family_server, models=" ".join(family_bundles)))
    return tab


@pytest.fixture
def api(family_server: ServerProcess) -> Callable[[str], Api]:
    return lambda model: Api(family_server.grpc_address, family_server.rest_address, model)


def test_drums(tab: MusicPage, api: Callable[[str], Api]):
    tab.choose_model("drum_kit")
    assert {note.pitch for note in tab.notes()} == {36, 38, 42, 46}
    tab.clear()
    for pitch, step in ((36, 0), (42, 0), (42, 2), (38, 4)):
        tab.click(pitch, step)
    tab.click(42, 2)
    tab.set("Length", 24)
    tab.set("Seed", 11)
    tab.generate()
    primer = "[(36, 42), (), (), (), (38,)]"
    assert shown(tab) == asked(
        api("drum_kit"), {"primer_drums": primer, "num_steps": 24, "seed": 11})[0]
    # The melody that was there is there again.
    tab.choose_model("basic_rnn")
    assert [note[:3] for note in tab.notes()] == FIRST_NOTES


def test_chords(tab: MusicPage, api: Callable[[str], Api]):
    tab.choose_model("basic_improv")
    expect(tab.page.get_by_role("textbox", name="Length")).to_have_count(0)
    tab.set("Chords", "C G/B Am F")
    tab.set("Seed", 2)
    tab.generate()
    assert tab.page.locator(".roll-ruler .chord").all_text_contents() == ["C", "G/B", "Am", "F"]
    assert shown(tab) == asked(api("basic_improv"), {
        "primer_melody": FIRST_MELODY, "backing_chords": "C G/B Am F", "seed": 2})[0]
    tab.set("Chords", "C Hm")
    tab.generate_button.click()
    expect(tab.alert).to_contain_text("Hm")


@pytest.mark.parametrize(("model", "settings"), [
    ("polyphony", {"Length": 24}),
    ("multiconditioned_performance_with_dynamics", {"Length": 400, "Notes per second": 8}),
    ("rnn-nade", {"Length": 24}),
])
def test_notes_together(tab: MusicPage, model: str, settings: dict[str, object]):
    tab.choose_model(model)
    tab.click(76, 0)
    assert [note[:3] for note in tab.notes()] == sorted(
        [*FIRST_NOTES, (76, 0, 2)], key=lambda note: (note[1], note[0]))
    for label, value in settings.items():
        tab.set(label, value)
    tab.generate()
    assert any(note.from_primer for note in tab.notes())
