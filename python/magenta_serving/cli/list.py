"""`magenta-serving list`: the official bundles, and what is in a folder of models."""

import dataclasses
import pathlib

import click


@click.command("list")
@click.option("--models", metavar="DIR", default="models", show_default=True, type=click.Path(),
              help="Folder of models, DIR/NAME/VERSION/*.mag.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def list_(models: str, as_json: bool) -> None:
    """Lists the official bundles that `download` knows, and the bundles that are here.

    \b
    Examples:
      magenta-serving list
      magenta-serving list --models demo/models --json
    """
    from magenta_serving.bundles.catalog import OFFICIAL, local_bundles

    here = local_bundles(pathlib.Path(models).expanduser())
    official = list(OFFICIAL.values())
    if as_json:
        import json

        click.echo(json.dumps({
            "official": [dataclasses.asdict(bundle) for bundle in official],
            "here": [dataclasses.asdict(bundle) for bundle in here],
        }, indent=2, default=str))
        return
    from magenta_serving.cli.tables import print_table

    have = {bundle.official for bundle in here}
    print_table(
        "Official bundles", ["name", "family", "plays", "here"],
        [[bundle.name, bundle.family, bundle.about, "yes" if bundle.name in have else ""]
         for bundle in official])
    print_table(
        f"In {models}", ["model", "version", "file", "bytes", "official"],
        [[bundle.model, bundle.version, bundle.path.name, f"{bundle.size:,}", bundle.official or ""]
         for bundle in here], right=("version", "bytes"))
