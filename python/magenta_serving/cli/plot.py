"""`magenta-serving plot`: piano rolls."""

import dataclasses
import pathlib

import click


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option("--primer", metavar="FILE", type=click.Path(), help=(
    "What the files begin with: notes that begin within its length have the primer's colour."))
@click.option("--primer_seconds", type=click.FloatRange(min=0), help=(
    "The same by length, in seconds."))
@click.option("--output", metavar="FILE", type=click.Path(), help=(
    "Where the picture goes: .png, .svg or .pdf. On the terminal without it."))
def plot(
    files: tuple[str, ...], primer: str | None, primer_seconds: float | None, output: str | None
) -> None:
    """Draws piano rolls of MIDI files and NoteSequences, on the terminal or into a picture.

    A NoteSequence is a file of its serialized bytes or of its JSON, which servers give as
    sequence_bytes and sequence_json.

    \b
    Examples:
      magenta-serving plot generated/*.mid
      magenta-serving plot melody.mid --primer_seconds 2 --output melody.png
      magenta-serving plot generated/*.mid --primer theme.mid --output outputs.svg
    """
    if primer is not None and primer_seconds is not None:
        raise click.UsageError("give --primer or --primer_seconds, not both")
    if primer is not None:
        primer_seconds = _read(primer).seconds
    rolls = [dataclasses.replace(_read(file), primer_seconds=primer_seconds or 0.0)
             for file in files]

    from rich.console import Console

    if output is None:
        from magenta_serving.pianoroll.terminal import render

        console = Console(highlight=False)
        for roll in rolls:
            console.print(render(roll, console.width), end="")
        return
    path = pathlib.Path(output).expanduser()
    with Console(stderr=True).status(f"Drawing {path.name}"):
        from magenta_serving.pianoroll import figure

        if path.suffix not in figure.SUFFIXES:
            raise click.UsageError(
                f"--output {output}: the name must end in {', '.join(figure.SUFFIXES)}")
        figure.draw(rolls, path)


def _read(file: str):
    from magenta_serving.pianoroll.notes import read_roll

    try:
        return read_roll(pathlib.Path(file).expanduser())
    except ValueError as error:
        raise click.ClickException(f"{file}: {error}") from error
