"""`magenta-serving download`: Magenta's official bundles."""

import pathlib
from typing import Any

import click


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from magenta_serving.bundles.catalog import OFFICIAL

    return [name for name in OFFICIAL if name.startswith(incomplete)]


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=_complete)
@click.option("--models", metavar="DIR", default="models", show_default=True, type=click.Path(),
              help="Folder of models: the bundle becomes DIR/NAME/VERSION/NAME.mag.")
@click.option("--version", type=click.IntRange(min=1), default=1, show_default=True,
              help="Number of the version directory.")
@click.option("--home", metavar="URL", help=(
    "Where the bundles are, instead of their public home; the same content is asked for."))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def download(
    names: tuple[str, ...], models: str, version: int, home: str | None, as_json: bool
) -> None:
    """Downloads official bundles into a folder of models, to be served from there.

    A download that was cut off is gone on with. A file whose content is not the known one is
    refused. `list` shows the names.

    \b
    Examples:
      magenta-serving download basic_rnn
      magenta-serving download performance_with_dynamics chord_pitches_improv --models /models
      magenta-serving serve --models models
    """
    from magenta_serving.bundles.catalog import HOME, OFFICIAL

    unknown = [name for name in names if name not in OFFICIAL]
    if unknown:
        raise click.UsageError(
            f"no official bundle is called {', '.join(unknown)}; there are {', '.join(OFFICIAL)}")
    folder = pathlib.Path(models).expanduser()
    rows = [_download(OFFICIAL[name], folder, version, home or HOME, as_json) for name in names]
    if as_json:
        import json

        click.echo(json.dumps({"bundles": rows}, indent=2))
        return
    from magenta_serving.cli.tables import print_table

    print_table(
        f"{len(rows)} bundle{'s' * (len(rows) > 1)} in {models}", ["model", "file", "bytes"],
        [[row["model"], row["file"], f"{row['bytes']:,}"] for row in rows], right=("bytes",))


def _download(
    bundle: Any, models: pathlib.Path, version: int, home: str, as_json: bool
) -> dict[str, Any]:
    from rich import progress
    from rich.console import Console

    from magenta_serving.bundles.download import DownloadError
    from magenta_serving.bundles.download import download as fetch

    console = Console(stderr=True)
    with progress.Progress(
        progress.TextColumn("{task.description}"), progress.BarColumn(),
        progress.DownloadColumn(), progress.TransferSpeedColumn(), progress.TimeRemainingColumn(),
        console=console, transient=True, disable=as_json or not console.is_terminal,
    ) as bar:
        task = bar.add_task(bundle.name, total=None)
        try:
            path = fetch(bundle, models, version, home,
                         lambda done, total: bar.update(task, completed=done, total=total))
        except DownloadError as error:
            raise click.ClickException(str(error)) from error
    return {"model": bundle.name, "version": version, "file": str(path),
            "bytes": path.stat().st_size, "git_blob": bundle.git_blob}
