"""What is measured: bundles and a request of about 128 steps for each."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Steps of the network in one sequence, as nearly as a family's requests can say it.
STEPS = 128


@dataclasses.dataclass(frozen=True)
class Config:
    """A bundle to measure.

    Attributes:
        name: in tables and on the command line.
        config: name of the Magenta config.
        real: name of a real bundle's file, in $MAGENTA_BUNDLES or shared/bundles beside the
            checkout; None: the bundle is made.
        hparams: of the made bundle, where they are not the config's own.
    """

    name: str
    config: str
    real: str | None = None
    hparams: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def family(self) -> str:
        """drums, melody, improv, polyphony, performance or pianoroll."""
        if self.config.startswith("rnn-nade"):
            return "pianoroll"
        if "performance" in self.config:
            return "performance"
        if self.config.endswith("_improv"):
            return "improv"
        if self.config == "polyphony":
            return "polyphony"
        return "drums" if "drum" in self.config else "melody"


_BATCH_1 = {"batch_size": 1}
CONFIGS = (
    Config("basic_rnn 2x64", "basic_rnn",
           hparams={**_BATCH_1, "rnn_layer_sizes": [64, 64]}),
    Config("basic_rnn 2x64, batch 64", "basic_rnn", real="baseline_rnn__javonnii.mag"),
    Config("lookback_rnn 2x128", "lookback_rnn", hparams=_BATCH_1),
    Config("lookback_rnn 2x128, batch 128", "lookback_rnn",
           real="modelHappyLookback_rnn__WiktorJakobczyk.mag"),
    Config("attention_rnn 2x128", "attention_rnn", hparams=_BATCH_1),
    Config("attention_rnn 2x128, batch 64", "attention_rnn",
           real="attention_128x128_happiness_full__tohoilam.mag"),
    Config("chord_pitches_improv 3x256, batch 128", "chord_pitches_improv"),
    Config("drum_kit 3x256, batch 128", "drum_kit"),
    Config("polyphony 3x256", "polyphony", hparams=_BATCH_1),
    Config("performance_with_dynamics 3x512", "performance_with_dynamics", hparams=_BATCH_1),
    Config("rnn-nade_attn 2x128", "rnn-nade_attn", real="pianoroll_rnn_nade__CUBigDataClass.mag"),
)


def bundle_of(config: Config) -> pathlib.Path | None:
    """The config's bundle, made by Magenta if it has to be; None when a real one is not here.

    Imports Magenta, so that it is best called in a process of its own.
    """
    from tests.parity import bundles
    from tests.parity.recipes import Recipe

    if config.real:
        path = bundles.real_folder() / config.real
        return path if path.exists() else None
    sizes = config.name.partition(",")[0].split()[-1]
    return bundles.make(Recipe(config.config, f"benchmark-{sizes}", dict(config.hparams)))


def request(config: Config) -> dict[str, bytes]:
    """Inputs of the signature generate_sequence: middle C, or a bass drum, to be continued."""
    from magenta_serving.protos import GeneratorOptions, NoteSequence

    is_drum = config.family == "drums"
    sequence = NoteSequence(total_time=0.125)
    sequence.tempos.add(qpm=120)
    sequence.notes.add(pitch=36 if is_drum else 60, velocity=100, end_time=0.125, is_drum=is_drum)
    # Sixteenth notes of 1/8 s; polyphony takes 5 events for each, performances 0.4 for 10 ms.
    start = 0.25
    end = {"polyphony": STEPS / 5 / 8, "performance": start + STEPS / 40}.get(
        config.family, STEPS / 8)
    if config.family == "improv":
        for bar in range(round(end / 2)):
            sequence.text_annotations.add(
                time=2 * bar, text="C G Am F".split()[bar % 4],
                annotation_type=NoteSequence.TextAnnotation.CHORD_SYMBOL)
        sequence.total_time = end
    options = GeneratorOptions()
    options.generate_sections.add(start_time=start, end_time=end)
    return {"input_sequence_bytes": sequence.SerializeToString(),
            "generator_options_bytes": options.SerializeToString()}
