"""The demo's tune books and its bundle."""

from __future__ import annotations

import os
import pathlib
import sys

os.environ.setdefault('TF_USE_LEGACY_KERAS', '1')

import pytest

DEMO_DIR = pathlib.Path(__file__).resolve().parents[2] / 'demo'
MODEL_DIR = DEMO_DIR / 'models' / 'melody' / '1'

sys.path.insert(0, str(DEMO_DIR))
import tunes  # pylint: disable=wrong-import-position

FIELDS = 'X:1\nT:Test\nC:trad.\nM:4/4\nL:1/4\nK:C\n'


@pytest.fixture(name='books', scope='module')
def _books() -> list[tunes.Tune]:
    return tunes.load_tunes()


def test_every_tune_is_well_written(books: list[tunes.Tune]) -> None:
    assert len(books) >= 100
    assert len({tune.title for tune in books}) == len(books)
    for tune in books:
        assert tune.origin and tune.sequence.notes, tune.title
        assert tune.bars >= 7, tune.title


def test_every_tune_gives_one_melody(books: list[tunes.Tune]) -> None:
    from magenta.pipelines import melody_pipelines
    from note_seq import sequences_lib
    for tune in books:
        quantized = sequences_lib.quantize_note_sequence(tune.sequence, steps_per_quarter=4)
        melodies, _ = melody_pipelines.extract_melodies(quantized, ignore_polyphonic_notes=False)
        assert len(melodies) == 1, tune.title


def test_a_pickup_keeps_its_place_in_the_bar() -> None:
    tune = tunes.parse_tune(FIELDS + 'G | C D E F | G A B |')
    assert tune.bars == 2
    assert [note.start_time for note in tune.sequence.notes][:2] == [1.5, 2.0]


def test_a_rest_is_silent() -> None:
    tune = tunes.parse_tune(FIELDS + 'C z2 D | E4 |')
    assert [(n.pitch, n.start_time, n.end_time) for n in tune.sequence.notes] == [
        (60, 0.0, 0.5), (62, 1.5, 2.0), (64, 2.0, 4.0)]


@pytest.mark.parametrize(
    'music', ['C D E | F4 | G4 | A3 G F |', 'C4 | D3 | E4 |', 'C4 | (3CDE F |'])
def test_a_bar_that_is_not_full_is_an_error(music: str) -> None:
    with pytest.raises(tunes.TuneError):
        tunes.parse_tune(FIELDS + music)


def test_the_bundle_is_small_and_magenta_loads_it() -> None:
    from magenta.models.melody_rnn import melody_rnn_model
    from magenta.models.melody_rnn import melody_rnn_sequence_generator
    from magenta.models.shared import sequence_generator_bundle
    path, = MODEL_DIR.glob('*.mag')
    assert path.stat().st_size < 1 << 20
    bundle = sequence_generator_bundle.read_bundle_file(str(path))
    assert bundle.generator_details.id == path.stem == 'lookback_rnn'
    assert bundle.generator_details.description
    assert bundle.bundle_details.description
    config = melody_rnn_model.default_configs[path.stem]
    with melody_rnn_sequence_generator.MelodyRnnSequenceGenerator(
            model=melody_rnn_model.MelodyRnnModel(config), details=config.details,
            steps_per_quarter=config.steps_per_quarter, bundle=bundle) as generator:
        graph = generator._model._session.graph  # pylint: disable=protected-access
        shape = graph.get_collection('inputs')[0].shape.as_list()
        assert shape == [1, None, config.encoder_decoder.input_size]
