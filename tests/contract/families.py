"""The inputs of the signatures `generate` and `score`, family by family, with a value for each."""

from typing import Any

_SEEDED = {"num_outputs": 2, "seed": 5}
_SAMPLING = {"temperature": 0.9, "beam_size": 2, "branch_factor": 2, "steps_per_iteration": 2}
# Values of these come from the test: a NoteSequence and a MIDI file.
PRIMERS = ("primer_sequence_bytes", "primer_midi_bytes")
_PRIMERS = dict.fromkeys(PRIMERS, b"")
_SCORED = dict.fromkeys(("sequence_bytes", "midi_bytes"), b"")

GENERATE: dict[str, dict[str, Any]] = {
    "melody": {
        **_SEEDED, **_SAMPLING, **_PRIMERS, "num_steps": 24, "qpm": 90.0,
        "primer_melody": "[60, -2, 62, -1]"},
    "drums": {
        **_SEEDED, **_SAMPLING, **_PRIMERS, "num_steps": 24, "qpm": 90.0,
        "primer_drums": "[(36, 42), (), (42,)]"},
    "improv": {
        **_SEEDED, **_SAMPLING, **_PRIMERS, "qpm": 90.0, "primer_melody": "[60, -2, 62, -1]",
        "backing_chords": "C G/B N.C.", "steps_per_chord": 8, "render_chords": True},
    "polyphony": {
        **_SEEDED, **_SAMPLING, **_PRIMERS, "num_steps": 24, "qpm": 90.0,
        "primer_melody": "[60, -2, 62, -1]", "primer_pitches": "[60, 64, 67]",
        "condition_on_primer": True, "inject_primer_during_generation": True},
    "performance": {
        **_SEEDED, **_SAMPLING, **_PRIMERS, "num_steps": 150, "primer_pitches": "[60, 64]",
        "primer_melody": "[60, -2, 62, -1]"},
    "pianoroll": {
        **_SEEDED, **_PRIMERS, "num_steps": 24, "qpm": 90.0, "beam_size": 2, "branch_factor": 2,
        "sample": True, "primer_pitches": "[60, 64]",
        "primer_pianoroll": "[(60, 64), (), (62,)]"},
}
SCORE: dict[str, dict[str, Any]] = {
    "melody": {**_SCORED, "melody": "[60, -2, 62, -1, 64]"},
    "drums": {**_SCORED, "drums": "[(36, 42), (), (42,)]"},
    "improv": {
        **_SCORED, "melody": "[60, -2, 62, -1, 64]", "backing_chords": "C G",
        "steps_per_chord": 4},
    "polyphony": _SCORED,
    "performance": _SCORED,
    "pianoroll": {**_SCORED, "pianoroll": "[(60, 64), (), (62,)]"},
}
_DENSITY = {"notes_per_second": "[4, 9.5]"}
_PITCHES = {"pitch_class_histogram": "[1, 0, 2, 0, 1, 1, 0, 2, 0, 1, 0, 1]"}
# What a config of a family takes beyond the others of it.
OF_CONFIG: dict[str, dict[str, Any]] = {
    "density_conditioned_performance_with_dynamics": _DENSITY,
    "pitch_conditioned_performance_with_dynamics": _PITCHES,
    "multiconditioned_performance_with_dynamics": {**_DENSITY, **_PITCHES},
    "optional_multiconditioned_performance_with_dynamics": {
        **_DENSITY, **_PITCHES, "disable_conditioning": "[True, False]"},
}

# Inputs of which at most one may be given; others are given together.
ALTERNATIVES = (*PRIMERS, "primer_melody", "primer_drums", "primer_pitches", "primer_pianoroll")


def inputs(config: str, family: str) -> dict[str, Any]:
    """The inputs of `generate` for a config, with a value for each."""
    return {**GENERATE[family], **OF_CONFIG.get(config, {})}
