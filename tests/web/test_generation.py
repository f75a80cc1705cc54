"""Generating: what the page shows is what the API gives."""

import io
import json
from typing import Any

import pretty_midi
import pytest
from playwright.sync_api import Browser, expect

from ..contract.api import Api
from .music_page import FIRST_NOTES, MusicPage

SECONDS_PER_STEP = 60 / 120 / 4
FIRST_MELODY = str([60, -2, -2, -2, 64, -2, 67, -2, 69, -2, -2, -2, 67, -2, -2, -2])
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True,
         "is_mobile": True}


def shown(tab: MusicPage) -> list[tuple[int, float, float]]:
    return [(note.pitch, round(note.start, 2), round(note.end, 2)) for note in tab.notes()]


def asked(api: Api, inputs: dict[str, Any]) -> list[list[tuple[int, float, float]]]:
    """What the API gives for inputs, without the page: the notes of each output in 16th notes."""
    outputs = api.rest_predict({"inputs": inputs})["outputs"]["sequence_json"]
    return [sorted(((note["pitch"], round(note.get("startTime", 0) / SECONDS_PER_STEP, 2),
                     round(note["endTime"] / SECONDS_PER_STEP, 2))
                    for note in json.loads(output)["notes"]), key=lambda note: (note[1], note[0]))
            for output in outputs]


@pytest.fixture
def api(melody_server: Any) -> Api:
    return Api(melody_server.grpc_address, melody_server.rest_address, "melody")


def test_outputs_are_those_of_the_api(tab: MusicPage, api: Api):
    for label, value in (("Length", 48), ("Temperature", 0.9), ("Outputs", 3), ("Seed", 7)):
        tab.set(label, value)
    tab.generate()
    expected = asked(api, {"primer_melody": FIRST_MELODY, "num_steps": 48, "temperature": 0.9,
                           "num_outputs": 3, "seed": 7})
    expect(tab.cards).to_have_count(3)
    for i, notes in enumerate(expected):
        tab.cards.nth(i).get_by_role("button", name=f"Output {i + 1}").first.click()
        assert shown(tab) == notes
        assert [note[:3] for note in tab.notes() if note.from_primer] == FIRST_NOTES
    facts = [tab.facts(card) for card in tab.cards.all()]
    assert [seed for _, seed in facts] == [7, 8, 9]
    likeliest = max(range(3), key=lambda i: facts[i][0])
    expect(tab.cards.nth(likeliest)).to_contain_text("likeliest")
    expect(tab.cards.filter(has_text="likeliest")).to_have_count(1)


def test_a_link_makes_the_result_again(tab: MusicPage, open_tab: Any):
    tab.clear()
    for pitch, step in ((72, 0), (71, 4), (67, 6)):
        tab.click(pitch, step)
    tab.page.get_by_label("Tempo").fill("100")
    tab.set("Length", 40)
    tab.set("Outputs", 2)
    tab.generate()
    tab.cards.nth(1).get_by_role("button", name="Output 2").first.click()
    expect(tab.cards.nth(1).get_by_role("button", name="Output 2").first).to_have_attribute(
        "aria-pressed", "true")
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.get_by_role("button", name="Share link").click()
    expect(tab.page.get_by_role("status")).to_contain_text("The link is copied")
    link = tab.page.evaluate("navigator.clipboard.readText()")

    other = open_tab()
    other.page.goto(link)
    other.wait_for_outputs()
    assert other.notes() == tab.notes()
    assert [other.facts(card) for card in other.cards.all()] == [
        tab.facts(card) for card in tab.cards.all()]
    expect(other.page.get_by_label("Tempo")).to_have_value("100")
    assert other.page.url == link


def test_listen(tab: MusicPage):
    tab.generate()
    play = tab.page.locator(".play")
    expect(play).to_have_text("Play")
    play.click()
    expect(play).to_have_text("Stop")
    before = tab.playhead()
    tab.page.wait_for_function("""before => {
        const position = document.querySelector('.playhead')?.getAttribute('transform');
        return Number(position?.match(/[\\d.]+/)[0]) > before + 20;
    }""", arg=before)
    play.click()
    expect(play).to_have_text("Play")
    expect(tab.roll.locator(".playhead")).to_have_count(0)


def test_playing_ends_by_itself(tab: MusicPage):
    tab.page.get_by_label("Tempo").fill("300")
    tab.set("Length", 32)
    tab.generate()
    play = tab.page.locator(".play")
    play.click()
    expect(play).to_have_text("Stop")
    expect(play).to_have_text("Play")


def test_download(tab: MusicPage):
    tab.set("Length", 48)
    tab.set("Seed", 3)
    tab.generate()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Download output 1 as MIDI").click()
    assert download.value.suggested_filename == "melody-3.mid"
    midi = pretty_midi.PrettyMIDI(io.BytesIO(download.value.path().read_bytes()))
    notes = sorted((note.pitch, round(note.start / SECONDS_PER_STEP),
                    round(note.end / SECONDS_PER_STEP))
                   for note in midi.instruments[0].notes)
    assert notes == sorted((pitch, round(start), round(end)) for pitch, start, end in shown(tab))


def test_go_on_from_an_output(tab: MusicPage):
    tab.set("Length", 32)
    tab.generate()
    first = shown(tab)
    tab.page.get_by_role("button", name="Continue from output 1").click()
    assert shown(tab) == first and all(note.from_primer for note in tab.notes())
    tab.set("Length", 64)
    tab.generate()
    assert shown(tab)[:len(first)] == first and len(tab.notes()) > len(first)


def test_without_notes_the_model_begins(tab: MusicPage, api: Api):
    tab.clear()
    tab.set("Seed", 5)
    tab.generate()
    assert shown(tab) == asked(api, {"seed": 5})[0]


def test_errors_of_the_server_are_shown_in_its_words(tab: MusicPage):
    tab.set("Length", 4)
    tab.generate_button.click()
    expect(tab.alert).to_contain_text("The model cannot do that:")
    expect(tab.alert).to_contain_text("num_steps")
    assert [note[:3] for note in tab.notes()] == FIRST_NOTES
    tab.set("Length", 32)
    tab.generate()
    expect(tab.alert).to_have_count(0)


def test_values_that_are_none(tab: MusicPage):
    tab.set("Length", "long")
    expect(tab.page.get_by_role("textbox", name="Length")).to_have_attribute("aria-invalid", "true")
    tab.generate_button.click()
    expect(tab.alert).to_contain_text("“Length” is not a whole number.")


def test_no_server(tab: MusicPage):
    tab.page.context.set_offline(True)
    tab.generate_button.click()
    expect(tab.alert).to_contain_text("The server cannot be reached.")


def test_model_that_is_not_served(open_tab: Any, url: str):
    tab = open_tab()
    tab.page.goto(f"{url}#m=absent")
    expect(tab.alert).to_contain_text("Not served here:")
    expect(tab.alert).to_contain_text("absent")
    tab.choose_model("melody")
    tab.generate()


def test_version_that_is_not_served(open_tab: Any, url: str):
    tab = open_tab()
    tab.page.goto(f"{url}#m=melody&v=99")
    expect(tab.alert).to_contain_text("99")
    expect(tab.generate_button).to_be_disabled()
    tab.page.get_by_label("Version").select_option("1")
    tab.generate()


def test_server_that_lists_no_models(open_tab: Any, url: str):
    """As TensorFlow Serving answers where nothing before it has a list."""
    tab = open_tab()
    tab.page.route("**/v1/models", lambda route: route.fulfill(
        status=400, json={"error": "Missing model name in request."}))
    tab.page.goto(url)
    name = tab.page.get_by_role("textbox", name="Model", exact=True)
    name.fill("melody")
    name.press("Enter")
    tab.generate()


def test_cancel(tab: MusicPage):
    # An answer that does not come.
    tab.page.route("**:predict", lambda route: None)
    tab.generate_button.click()
    expect(tab.page.get_by_role("progressbar")).to_be_visible()
    tab.page.get_by_role("button", name="Cancel").click()
    expect(tab.generate_button).to_be_visible()
    expect(tab.alert).to_have_count(0)
    expect(tab.cards).to_have_count(0)


def test_scripts_from_elsewhere_do_not_run(browser: Browser, url: str):
    page = browser.new_page()
    page.goto(url)
    ran = page.evaluate("""() => new Promise(resolve => {
        document.addEventListener('securitypolicyviolation', () => resolve(window.ran ?? false));
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.head.append(script);
    })""")
    page.close()
    assert ran is False


def test_phone(open_tab: Any, url: str):
    tab = open_tab(**PHONE)
    tab.open(url)
    tab.roll.tap(position=tab.point(72, 17.5))
    assert [note[:3] for note in tab.notes()] == [*FIRST_NOTES, (72, 17, 19)]
    tab.set("Seed", 1)
    tab.generate_button.tap()
    tab.wait_for_outputs()
    width, room = tab.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width == room == 390
    # Generate stays at hand.
    tab.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(tab.generate_button).to_be_in_viewport()
