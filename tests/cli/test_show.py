"""`magenta-serving show`."""

import json

import pytest


@pytest.fixture
def bundle_directory(make_models):
    return make_models(melody=[1]) / "melody" / "1"


def test_bundle_as_json(run_cli, melody_bundle):
    result = run_cli("show", melody_bundle, "--json")
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout)
    info = shown["info"]
    assert info["generator_id"] in ("basic_rnn", "mono_rnn", "lookback_rnn", "attention_rnn")
    assert info["family"] == "melody"
    assert {"description", "config", "layers", "attention_length", "batch_size", "input_size",
            "num_classes", "min_note", "max_note", "steps_per_quarter", "tensorflow_version",
            "parameters", "bytes", "path"} <= info.keys()
    assert info["bytes"] == melody_bundle.stat().st_size
    assert all(size > 0 for size in info["layers"])
    assert {"serving_default", "generate", "generate_sequence", "score"} <= (
        shown["signatures"].keys())
    inputs = {spec["name"]: spec for spec in shown["signatures"]["generate"]["inputs"]}
    assert (inputs["num_steps"]["dtype"], inputs["num_steps"]["default"]) == ("int32", 128)
    assert (inputs["primer_melody"]["dtype"], inputs["primer_melody"]["default"]) == ("string", "")
    assert all(spec["doc"] for spec in inputs.values())
    outputs = {spec["name"]: spec["dtype"] for spec in shown["signatures"]["generate"]["outputs"]}
    assert outputs["midi_bytes"] == "string" and outputs["log_likelihood"] == "float32"


def test_version_directory_is_the_same_bundle(run_cli, melody_bundle, bundle_directory):
    of_file = json.loads(run_cli("show", melody_bundle, "--json").stdout)
    of_directory = json.loads(run_cli("show", bundle_directory, "--json").stdout)
    of_file["info"].pop("path"), of_directory["info"].pop("path")
    assert of_file == of_directory


def test_bundle_as_tables(run_cli, melody_bundle):
    result = run_cli("show", melody_bundle)
    assert result.returncode == 0, result.stderr
    for text in ("generator id", "layers", "tensorflow version", "Signature generate",
                 "Signature score", "num_steps", "int32", "128", "midi_bytes", "meaning"):
        assert text in result.stdout


def test_served_model_as_json(run_cli, melody_server, melody_bundle):
    result = run_cli(
        "show", "--server", melody_server.grpc_address, "--model", "melody", "--json")
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout)
    assert shown["model"] == "melody"
    assert shown["versions"] == [
        {"version": 1, "state": "AVAILABLE", "error_code": "OK", "error_message": ""}]
    of_bundle = json.loads(run_cli("show", melody_bundle, "--json").stdout)["signatures"]
    assert types(shown["signatures"]) == types(of_bundle)


def types(signatures: dict) -> dict:
    """Returns what a server can tell of signatures; the meanings are not among it."""
    return {
        (name, side, spec["name"]): (spec["dtype"], spec["default"])
        for name, signature in signatures.items()
        for side in ("inputs", "outputs")
        for spec in signature[side]}


def test_served_model_as_tables(run_cli, melody_server):
    result = run_cli("show", "--server", melody_server.grpc_address, "--model", "melody")
    assert result.returncode == 0, result.stderr
    for text in ("Model melody", "AVAILABLE", "Signature generate", "num_steps"):
        assert text in result.stdout


def test_missing_file(fails):
    assert "absent.mag" in fails(1, "show", "absent.mag")


def test_directory_without_a_bundle(fails, tmp_path):
    (tmp_path / "1").mkdir()
    fails(1, "show", "1")


@pytest.mark.parametrize("data", [b"", b"no bundle at all", b"\x0a\x0b\x0a\x09basic_rnn"])
def test_broken_bundle(fails, tmp_path, data):
    (tmp_path / "broken.mag").write_bytes(data)
    fails(1, "show", "broken.mag")


def test_unknown_model(fails, melody_server):
    assert "NOT_FOUND" in fails(
        1, "show", "--server", melody_server.grpc_address, "--model", "absent")


def test_every_family(run_cli, family_bundles):
    for config, (family, bundle) in family_bundles.items():
        result = run_cli("show", bundle, "--json")
        assert result.returncode == 0, result.stderr
        info = json.loads(result.stdout)["info"]
        assert (info["config"], info["family"]) == (config, family)
