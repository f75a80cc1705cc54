"""Ways to put notes on the roll."""

import io

import mido
import pretty_midi
import pytest
from playwright.sync_api import expect

from .music_page import FIRST_NOTES, MusicPage

BAR = 16


def midi_file(*notes: tuple[int, float, float], drum: bool = False) -> bytes:
    """A MIDI file of (pitch, start, end) in seconds."""
    midi = pretty_midi.PrettyMIDI(initial_tempo=90)
    instrument = pretty_midi.Instrument(0, is_drum=drum)
    instrument.notes = [pretty_midi.Note(100, *note) for note in notes]
    midi.instruments.append(instrument)
    file = io.BytesIO()
    midi.write(file)
    return file.getvalue()


def drawn(tab: MusicPage) -> list[tuple[int, float, float]]:
    return [note[:3] for note in tab.notes()]


def test_draw_with_the_mouse(tab: MusicPage):
    assert drawn(tab) == FIRST_NOTES
    tab.clear()
    tab.page.get_by_label("quarter notes").check(force=True)
    tab.click(60, 0)
    assert drawn(tab) == [(60, 0, 4)]
    # Drawn longer, then moved by its middle, then shortened by its end.
    tab.drag(62, 4.5, 62, 11.5)
    assert drawn(tab) == [(60, 0, 4), (62, 4, 12)]
    tab.drag(62, 8.5, 67, 10.5)
    assert drawn(tab) == [(60, 0, 4), (67, 6, 14)]
    tab.drag(67, 13.9, 67, 9.5)
    assert drawn(tab) == [(60, 0, 4), (67, 6, 10)]
    # A melody has one note at a time.
    tab.click(72, 2)
    assert drawn(tab) == [(60, 0, 2), (72, 2, 6), (67, 6, 10)]
    tab.click(72, 3)
    assert drawn(tab) == [(60, 0, 2), (67, 6, 10)]
    for _ in range(2):
        tab.page.get_by_role("button", name="Undo").click()
    assert drawn(tab) == [(60, 0, 4), (67, 6, 10)]


def test_draw_with_the_keyboard_alone(tab: MusicPage):
    tab.page.keyboard.press("Tab")
    for _ in range(40):
        if tab.roll.evaluate("roll => roll === document.activeElement"):
            break
        tab.page.keyboard.press("Tab")
    expect(tab.roll).to_be_focused()
    said = tab.page.locator("#roll-cursor")
    expect(said).to_contain_text("C4, bar 1, beat 1, sixteenth 1: a note of 4 steps")
    tab.page.keyboard.press("Enter")
    assert drawn(tab) == FIRST_NOTES[1:]
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Enter", "Shift+ArrowLeft"):
        tab.page.keyboard.press(key)
    assert drawn(tab) == [(61, 2, 3), *FIRST_NOTES[1:]]
    expect(said).to_contain_text("C♯4, bar 1, beat 1, sixteenth 3: a note of 1 steps")
    tab.page.keyboard.press("Delete")
    tab.page.keyboard.press("Control+z")
    assert drawn(tab) == [(61, 2, 3), *FIRST_NOTES[1:]]
    for key in ("Home", "PageDown"):
        tab.page.keyboard.press(key)
    expect(said).to_have_text("C♯3, bar 1, beat 1, sixteenth 1")


def test_every_button_and_field_has_a_name(tab: MusicPage):
    tab.generate()
    unnamed = tab.page.evaluate("""() =>
        [...document.querySelectorAll('button, input, select, [tabindex]')].filter(element =>
            !(element.ariaLabel || element.textContent.trim()
              || [...(element.labels ?? [])].some(label => label.textContent.trim())))
        .map(element => element.outerHTML)""")
    assert unnamed == []


def test_play_in_from_the_computer_keyboard(tab: MusicPage):
    tab.page.get_by_label("Tempo").fill("300")
    tab.record()
    for key in ("a", "d", "g"):
        tab.page.keyboard.down(key)
        tab.page.wait_for_timeout(120)
        tab.page.keyboard.up(key)
    tab.page.get_by_role("button", name="Finish").click()
    assert [note.pitch for note in tab.notes()] == [60, 64, 67]
    starts = [note.start for note in tab.notes()]
    assert starts == sorted(set(starts)) and all(start == int(start) for start in starts)


def test_play_in_from_a_midi_device(open_tab, url: str):
    tab = open_tab()
    # No machine that runs this has such a device: this is what the browser would offer.
    tab.page.add_init_script("""
        window.device = {name: 'Piano', state: 'connected', onmidimessage: null};
        navigator.requestMIDIAccess = async () => ({inputs: new Map([['1', window.device]])});
    """)
    tab.open(url)
    tab.page.get_by_role("button", name="MIDI in").click()
    expect(tab.page.get_by_role("status")).to_have_text("Listening to Piano.×")
    tab.page.get_by_label("Tempo").fill("300")
    tab.record()
    for message in ([0x91, 65, 33], [0x81, 65, 0], [0x90, 69, 44], [0x90, 69, 0]):
        tab.page.evaluate("data => device.onmidimessage({data})", message)
        tab.page.wait_for_timeout(120)
    tab.page.get_by_role("button", name="Finish").click()
    assert [note.pitch for note in tab.notes()] == [65, 69]


def test_no_midi_devices_in_this_browser(open_tab, url: str):
    tab = open_tab()
    tab.page.add_init_script("delete Navigator.prototype.requestMIDIAccess")
    tab.open(url)
    tab.page.get_by_role("button", name="MIDI in").click()
    expect(tab.alert).to_contain_text("does not let pages use MIDI devices")


def test_drop_a_midi_file(tab: MusicPage):
    step = 60 / 90 / 4
    tab.drop("tune.mid", midi_file((62, 0, 4 * step), (65, 4 * step, 6 * step)))
    expect(tab.roll.locator(".note")).to_have_count(2)
    assert [(note.pitch, round(note.start, 1), round(note.end, 1)) for note in tab.notes()] == [
        (62, 0, 4), (65, 4, 6)]
    expect(tab.page.get_by_label("Tempo")).to_have_value("90")


def test_choose_a_midi_file(tab: MusicPage):
    tab.page.get_by_label("MIDI file").set_input_files(
        {"name": "tune.mid", "mimeType": "audio/midi", "buffer": midi_file((50, 0, 1))})
    expect(tab.roll.locator(".note")).to_have_count(1)
    assert tab.notes()[0].pitch == 50


def test_midi_file_that_changes_its_tempo(tab: MusicPage):
    track = mido.MidiTrack([
        mido.MetaMessage("set_tempo", tempo=500_000), mido.Message("note_on", note=60, velocity=90),
        mido.Message("note_off", note=60, time=480), mido.MetaMessage("set_tempo", tempo=1_000_000),
        mido.Message("note_on", note=62, velocity=90),
        mido.Message("note_off", note=62, time=480)])
    file = io.BytesIO()
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(file=file)
    tab.drop("tune.mid", file.getvalue())
    expect(tab.page.get_by_role("status")).to_contain_text("changes its tempo")
    assert drawn(tab) == [(60, 0, 4), (62, 4, 8)]


@pytest.mark.parametrize(("name", "data", "words"), [
    ("tune.mid", b"RIFF....WAVE", "This is not a MIDI file."),
    ("<img src=x onerror=alert(1)>.mid", midi_file((36, 0, 1), drum=True),
     "<img src=x onerror=alert(1)>.mid has no notes but drums."),
])
def test_files_that_are_refused(tab: MusicPage, name: str, data: bytes, words: str):
    """In words, which are never taken for HTML."""
    tab.drop(name, data)
    expect(tab.alert).to_contain_text(words)
    assert tab.alert.locator("img").count() == 0
    assert drawn(tab) == FIRST_NOTES


def test_huge_file(tab: MusicPage):
    tab.page.get_by_label("MIDI file").set_input_files(
        {"name": "huge.mid", "mimeType": "audio/midi", "buffer": bytes(1_000_001)})
    expect(tab.alert).to_contain_text("huge.mid is larger than a megabyte.")
