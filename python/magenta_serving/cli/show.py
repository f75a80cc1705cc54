"""`magenta-serving show`: what a bundle or a served model is."""

import os
from collections.abc import Mapping
from typing import Any

import click

from magenta_serving.cli import model as models


@click.command()
@click.argument("path", required=False, metavar="[BUNDLE_FILE | VERSION_DIRECTORY]",
                type=click.Path())
@models.server_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def show(
    path: str | None, server: str | None, model: str | None, version: int | None,
    label: str | None, timeout: float, tls: bool, ca_file: str | None, cert_file: str | None,
    key_file: str | None, as_json: bool,
) -> None:
    """Describes a bundle file, a version directory, or a model on a server.

    Of a bundle: the generator, its layers and vocabulary, what wrote it, and its signatures. Of a
    model on a server: the states of its versions and its signatures.

    \b
    Examples:
      magenta-serving show attention_rnn.mag
      magenta-serving show demo/models/melody/1 --json
      magenta-serving show --server localhost:8500 --model melody
    """
    if (path is None) == (server is None):
        raise click.UsageError(
            "give a bundle file or version directory, or --server with --model, one of the two")
    if path is not None:
        bundle = models.open_bundle(path)
        facts: dict[str, Any] = {"info": bundle.info}
        signatures = bundle.signatures
    else:
        with models.open_served(server, model, version, label, timeout, tls, ca_file, cert_file,
                                key_file) as served:
            states = served.client.status(**served.where)
            facts = {"model": model, "versions": [vars(state) for state in states]}
            signatures = served.signatures
    if as_json:
        _print_json({**facts, "signatures": {
            name: {"inputs": _specs(signature.inputs), "outputs": _specs(signature.outputs)}
            for name, signature in signatures.items()}})
    else:
        _print_tables(facts, signatures)


def _specs(specs: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "dtype": spec.dtype, "shape": spec.shape, "default": _plain(spec.default),
         "doc": spec.doc}
        for name, spec in specs.items()]


def _plain(value: Any) -> Any:
    """Returns a numpy value as Python's own, bytes as text."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, indent=2, default=_plain))


def _print_tables(facts: Mapping[str, Any], signatures: Mapping[str, Any]) -> None:
    from magenta_serving.cli.tables import print_table

    if "info" in facts:
        info = facts["info"]
        print_table(
            os.path.basename(str(info.get("path", ""))) or "Bundle", ["", ""],
            [(name.replace("_", " "), _text(value)) for name, value in info.items()
             if value not in (None, "")])
    else:
        print_table(
            f"Model {facts['model']}", ["version", "state", "error"],
            [(state["version"], state["state"],
              "" if state["error_code"] == "OK" else
              f"{state['error_code']}: {state['error_message']}")
             for state in facts["versions"]])
    for name, signature in signatures.items():
        twin = _twin(name, signatures)
        if twin:
            print_table(f"Signature {name}: the same as {twin}", [""], [])
            continue
        documented = any(spec.doc for spec in signature.inputs.values())
        print_table(
            f"Signature {name}", ["input", "dtype", "default"] + ["meaning"] * documented,
            [[key, spec.dtype, _default(spec)] + [spec.doc] * documented
             for key, spec in signature.inputs.items()])
        print_table(
            f"Outputs of {name}", ["output", "dtype", "shape"] + ["meaning"] * documented,
            [[key, spec.dtype, "any" if spec.shape is None else str(spec.shape)]
             + [spec.doc] * documented for key, spec in signature.outputs.items()])


def _twin(name: str, signatures: Mapping[str, Any]) -> str | None:
    """Returns the signature that the default one is another name of."""
    if name != "serving_default" or "generate" not in signatures:
        return None
    same = all(
        _specs(getattr(signatures[name], side)) == _specs(getattr(signatures["generate"], side))
        for side in ("inputs", "outputs"))
    return "generate" if same else None


def _default(spec: Any) -> str:
    return "required" if spec.default is None else repr(_plain(spec.default))


def _text(value: Any) -> str:
    value = _plain(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
