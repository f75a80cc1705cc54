"""`magenta-serving generate`: MIDI files from a bundle file or a server."""

import contextlib
import os
import secrets
import time
from typing import Any

import click

from magenta_serving.cli import model as models

# Flags of Magenta's commands that are inputs of the signature `generate` under the same name. A
# model takes those of its family; without one, the model's default holds, which is Magenta's.
_INPUTS = (
    click.option("--num_steps", type=int, help=(
        "Steps of each output, the primer included: 16th notes, 8ths of one_drum, hundredths of a "
        "second of performances. Magenta's default: 128, of performances 3000.")),
    click.option("--primer_melody", metavar="EVENTS", help=(
        "What the output begins with: a list of melody events, a pitch, -2 (no event) or -1 (note "
        "off), as \"[60, -2, 62, -2]\". Without a primer, melodies begin with middle C.")),
    click.option("--primer_drums", metavar="EVENTS", help=(
        "Drums: a list of tuples of pitches, one for each step, as \"[(36, 42), (), (42,)]\". "
        "Without a primer: one bass drum.")),
    click.option("--primer_pitches", metavar="PITCHES", help=(
        "Polyphony, performances and piano rolls: a list of pitches that the output begins with, "
        "as one chord, \"[60, 64, 67]\".")),
    click.option("--primer_pianoroll", metavar="EVENTS", help=(
        "Piano rolls: a list of tuples of pitches, one tuple for each step.")),
    click.option("--backing_chords", metavar="CHORDS", help=(
        "Improvisations: the chords below the melody, as \"C G Am F\".")),
    click.option("--steps_per_chord", type=int, help="Improvisations: steps of each chord [16]."),
    click.option("--render_chords/--norender_chords", default=None, help=(
        "Improvisations: whether the chords are played too.")),
    click.option("--condition_on_primer/--nocondition_on_primer", default=None, help=(
        "Polyphony: whether the model hears the primer before it plays.")),
    click.option(
        "--inject_primer_during_generation/--noinject_primer_during_generation", default=None,
        help="Polyphony: whether the primer is put into what the model plays."),
    click.option("--notes_per_second", metavar="VALUES", help=(
        "Performances that are conditioned on it: a number, or a list of them over time.")),
    click.option("--pitch_class_histogram", metavar="VALUES", help=(
        "Performances that are conditioned on it: a list of 12 weights, C first, or a list of such "
        "lists over time.")),
    click.option("--disable_conditioning", metavar="VALUES", help=(
        "Performances whose conditioning is optional: True, False, or a list of them over time.")),
    click.option("--sample/--nosample", default=None, help=(
        "Piano rolls: whether notes are drawn where the bundle plays those that are more likely "
        "than not.")),
    click.option("--qpm", type=float, help=(
        "Quarters per minute; 0 or none is the primer's, else 120 (piano rolls: 60).")),
    click.option("--temperature", type=float, help=(
        "Above 1.0 is more random, below is less [1.0].")),
    click.option("--beam_size", type=int, help="Sequences kept in beam search [1]."),
    click.option("--branch_factor", type=int, help="Continuations tried for each of them [1]."),
    click.option("--steps_per_iteration", type=int, help="Steps of a round of beam search [1]."),
)
_OUTPUTS = ["sequence_bytes", "midi_bytes", "log_likelihood", "seed"]


def _with_inputs(command: Any) -> Any:
    for option in reversed(_INPUTS):
        command = option(command)
    return command


@click.command(epilog="With seed S, output i (from 0) is the one output of seed S+i, whatever the "
                      "number of outputs.")
@click.option("--bundle_file", metavar="FILE", type=click.Path(),
              help="A .mag bundle, run in this process.")
@models.server_options
@click.option("--output_dir", metavar="DIR", default="generated", show_default=True,
              type=click.Path(), help="Where the MIDI files go.")
@click.option("--num_outputs", type=click.IntRange(min=1), default=10, show_default=True,
              help="How many outputs, one MIDI file each.")
@_with_inputs
@click.option("--primer_midi", metavar="FILE", type=click.Path(),
              help="A MIDI file that the output begins with.")
@click.option("--seed", type=click.IntRange(min=-1), help=(
    "Seed of the first output, the next has one more; drawn when -1 or not given."))
@click.option("--input", "extra_inputs", metavar="NAME=VALUE", multiple=True, help=(
    "Any input of the model (see `show`), NAME=@FILE for a file's bytes; may be repeated."))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def generate(
    bundle_file: str | None, server: str | None, model: str | None, version: int | None,
    label: str | None, timeout: float, tls: bool, ca_file: str | None, cert_file: str | None,
    key_file: str | None, output_dir: str, num_outputs: int, primer_midi: str | None,
    seed: int | None, extra_inputs: tuple[str, ...], as_json: bool, **flags: Any,
) -> None:
    """Generates MIDI files, from a bundle file or from a model on a server.

    The flags are those of Magenta's own commands, such as melody_rnn_generate, and mean the same.
    Each family of models takes its own of them; `show` lists a model's.

    \b
    Examples:
      magenta-serving generate --bundle_file attention_rnn.mag --num_outputs 3
      magenta-serving generate --server localhost:8500 --model melody \\
          --primer_melody "[60, -2, 62, -2, 64]" --num_steps 64 --seed 7
      magenta-serving generate --bundle_file drum_kit.mag --primer_drums "[(36,), (), (42,), ()]"
      magenta-serving generate --bundle_file chord_pitches_improv.mag --backing_chords "C G Am F"
      magenta-serving generate --bundle_file basic_rnn.mag --primer_midi theme.mid
    """
    if (bundle_file is None) == (server is None):
        raise click.UsageError("give --bundle_file or --server with --model, one of the two")
    if primer_midi is not None:
        with open(os.path.expanduser(primer_midi), "rb") as file:
            flags["primer_midi_bytes"] = file.read()
        if not flags["primer_midi_bytes"]:
            # To the model this would be a primer that is not set.
            raise click.ClickException(f"{primer_midi}: the MIDI file is empty")
    if bundle_file is not None:
        for name, value in (("model", model), ("version", version), ("label", label)):
            if value is not None:
                raise click.UsageError(f"--{name} goes with --server, not with --bundle_file")
        opened = contextlib.nullcontext(models.open_bundle(bundle_file))
    else:
        opened = models.open_served(
            server, model, version, label, timeout, tls, ca_file, cert_file, key_file)
    with opened as source:
        inputs = _inputs(source, flags, extra_inputs)
        rows = _run(source, inputs, seed, num_outputs, os.path.expanduser(output_dir), as_json)
    _report(rows, output_dir, as_json)


def _inputs(source: models.Model, flags: dict[str, Any], extra: tuple[str, ...]) -> dict[str, Any]:
    """Returns the inputs that were set, by name."""
    from magenta_serving.cli.inputs import parse_input, refuse_unknown

    specs = source.signatures["generate"].inputs
    inputs = {name: value for name, value in flags.items() if value is not None}
    refuse_unknown([name.removesuffix("_bytes") for name in inputs if name not in specs], specs)
    for text in extra:
        name, value = parse_input(text, specs)
        if name in inputs or name in ("num_outputs", "seed"):
            raise click.UsageError(f"--input {name}: set it by its own flag, once")
        inputs[name] = value
    return inputs


def _run(
    source: models.Model, inputs: dict[str, Any], seed: int | None, num_outputs: int,
    output_dir: str, as_json: bool,
) -> list[dict[str, Any]]:
    """Generates and writes output by output, with a progress bar; returns a row for each file.

    Outputs are independent of one another, so asking for one at a time gives the same as asking
    for all.
    """
    from rich.console import Console
    from rich.progress import track

    from magenta_serving.protos import NoteSequence

    if seed is None or seed == -1:
        seed = secrets.randbelow(2**31)
    stamp, digits = "", len(str(num_outputs))
    rows: list[dict[str, Any]] = []
    console = Console(stderr=True)
    for i in track(range(num_outputs), "Generating", console=console, transient=True,
                   disable=as_json or not console.is_terminal):
        outputs = source.predict(
            {**inputs, "num_outputs": 1, "seed": seed + i}, signature="generate", outputs=_OUTPUTS)
        if not rows:
            # Not before: a request that fails leaves no empty folder.
            os.makedirs(output_dir, exist_ok=True)
            stamp = _unused_stamp(output_dir)
        path = os.path.join(output_dir, f"{stamp}_{str(i + 1).zfill(digits)}.mid")
        # Never over a file of another run.
        with open(path, "xb") as file:
            file.write(outputs["midi_bytes"][0])
        sequence = NoteSequence.FromString(outputs["sequence_bytes"][0])
        rows.append({
            "file": path,
            "seed": int(outputs["seed"][0]),
            "log_likelihood": float(outputs["log_likelihood"][0]),
            "notes": len(sequence.notes),
            "seconds": sequence.total_time,
        })
    return rows


def _unused_stamp(folder: str) -> str:
    """Returns the time as Magenta's file names start; waits while a run has files of that time."""
    while True:
        stamp = time.strftime("%Y-%m-%d_%H%M%S")
        if not any(name.startswith(stamp) for name in os.listdir(folder)):
            return stamp
        time.sleep(0.1)


def _report(rows: list[dict[str, Any]], output_dir: str, as_json: bool) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"outputs": rows}, indent=2))
        return
    from magenta_serving.cli.tables import print_table

    print_table(
        f"{len(rows)} MIDI file{'s' * (len(rows) > 1)} in {output_dir}",
        ["file", "seed", "log-likelihood", "notes", "seconds"],
        [[os.path.basename(row["file"]), row["seed"], f"{row['log_likelihood']:.3f}", row["notes"],
          f"{row['seconds']:.2f}"] for row in rows],
        right=("seed", "log-likelihood", "notes", "seconds"))
