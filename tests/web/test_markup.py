"""Names and texts of strangers are shown as text, and the page's own rules forbid nothing of it."""

import io
import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import mido
import pytest
from playwright.sync_api import Route, expect

from ..servers import ServerProcess
from .music_page import MusicPage

MARKUP = "<img src=x onerror=window.ran=1>"

# Keeps what the content security policy forbids, from the first script on.
WATCH = """window.forbidden = [];
document.addEventListener('securitypolicyviolation', violation =>
    window.forbidden.push(`${violation.violatedDirective}: ${violation.blockedURI}`));"""


@pytest.fixture
def watched(open_tab: Callable[..., MusicPage]) -> MusicPage:
    """A tab that keeps what the policy forbids."""
    tab = open_tab()
    tab.page.add_init_script(WATCH)
    return tab


def assert_harmless(tab: MusicPage) -> None:
    """Checks that no text became an element, a script or something that the policy stopped."""
    ran, made, forbidden = tab.page.evaluate(
        "[window.ran, document.querySelectorAll('[onerror]').length, window.forbidden]")
    assert (ran, made, forbidden) == (None, 0, [])


@pytest.mark.embedded
def test_name_of_a_model(watched: MusicPage, start_server: Callable[..., ServerProcess],
                         make_models: Callable[..., Any]):
    server = start_server(models=str(make_models(**{MARKUP: [1]})))
    watched.open(f"http://{server.rest_address}/")
    expect(watched.page.get_by_label("Model", exact=True)).to_have_value(MARKUP)
    watched.generate()
    with watched.page.expect_download() as download:
        watched.page.get_by_role("button", name="Download output 1 as MIDI").click()
    assert download.value.suggested_filename.endswith(".mid")
    assert_harmless(watched)


def test_words_of_the_server(watched: MusicPage, url: str):
    watched.page.goto(f"{url}#m={MARKUP}")
    expect(watched.alert).to_contain_text(MARKUP)
    assert_harmless(watched)


def test_tracks_of_a_midi_file(watched: MusicPage, url: str):
    track = mido.MidiTrack([
        *(mido.MetaMessage(kind, **{key: MARKUP}) for kind, key in (
            ("track_name", "name"), ("instrument_name", "name"), ("lyrics", "text"),
            ("text", "text"), ("marker", "text"))),
        mido.Message("note_on", note=72), mido.Message("note_off", note=72, time=480)])
    file = io.BytesIO()
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(file=file)
    watched.open(url)
    watched.drop(f"{MARKUP}.mid", file.getvalue())
    expect(watched.roll.locator(".note")).to_have_count(1)
    assert_harmless(watched)


def test_chords_of_a_sequence(watched: MusicPage, url: str):
    """Those that models know are none of markup; a server that lies may send others."""
    def lie(route: Route) -> None:
        answer = route.fetch().json()
        sequence = json.loads(answer["outputs"]["sequence_json"][0])
        sequence["textAnnotations"] = [{"text": MARKUP, "annotationType": "CHORD_SYMBOL"}]
        answer["outputs"]["sequence_json"][0] = json.dumps(sequence)
        route.fulfill(json=answer)

    watched.page.route("**:predict", lie)
    watched.open(url)
    watched.generate()
    expect(watched.roll.page.locator(".roll-ruler .chord")).to_have_text(MARKUP)
    assert_harmless(watched)


def test_the_policy_forbids_nothing_of_the_page(watched: MusicPage, url: str):
    watched.open(url)
    watched.generate()
    play = watched.page.locator(".play")
    for text in ("Stop", "Play"):
        play.click()
        expect(play).to_have_text(text)
    watched.page.get_by_role("button", name="Continue from output 1").click()
    watched.clear()
    watched.click(60, 0)
    assert_harmless(watched)


def test_no_script_is_in_the_page_itself(watched: MusicPage, url: str):
    with urllib.request.urlopen(url) as answer:
        html, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    assert re.findall(r"<script(?![^>]* src=)", html) == []
    assert re.findall(r"<[^>]* (?:on\w+|style)=", html) == []
    watched.open(url)
    assert watched.page.locator("script:not([src])").count() == 0
