"""No bundle, whatever is in it, crashes, hangs or fills the process that loads it."""

import pathlib
from collections.abc import Iterator

import pytest

from . import page
from .bundles import CASES, BundleCase
from .trials import (
    MAX_LOAD_MEBIBYTES,
    MAX_LOAD_SECONDS,
    MAX_SERVER_MEBIBYTES,
    BundleTrials,
    peak_mebibytes,
)

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def trials(melody_bundle: pathlib.Path) -> Iterator[BundleTrials]:
    trials = BundleTrials(melody_bundle)
    yield trials
    trials.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_refused_with_the_reason(trials: BundleTrials, case: BundleCase) -> None:
    loaded = trials.load(case)
    assert loaded.code == case.code, loaded
    assert all(words in loaded.message for words in case.says), loaded.message
    assert loaded.mebibytes < MAX_LOAD_MEBIBYTES
    assert loaded.seconds < MAX_LOAD_SECONDS
    assert page.row(case.name, loaded.code, loaded.message) in page.rows("Bundles")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_other_engine_refuses_it_too(trials: BundleTrials, case: BundleCase) -> None:
    loaded = trials.load(case, "tensorflow")
    assert loaded.code == case.code, loaded
    assert loaded.mebibytes < MAX_LOAD_MEBIBYTES
    assert loaded.seconds < MAX_LOAD_SECONDS


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.code != "OK"], ids=lambda case: case.name)
def test_a_server_reports_it_and_goes_on(trials: BundleTrials, case: BundleCase) -> None:
    code, message = trials.serve(case)
    assert code == case.code, message
    assert all(words in message for words in case.says), message
    assert trials.still_serves()
    assert peak_mebibytes(trials.server) < MAX_SERVER_MEBIBYTES


@pytest.mark.parametrize(("files", "code", "says"), [
    ({"saved_model.pb": b"", "variables/variables.index": b""}, "NOT_FOUND", "no .mag file in"),
    ({"a.mag": b"", "b.mag": b""}, "INVALID_ARGUMENT", "holds exactly one"),
    ({"a.mag/saved_model.pb": b""}, "NOT_FOUND", "no .mag file in"),
], ids=["SavedModel", "two_bundles", "folder_for_a_file"])
def test_a_version_is_one_file(
        trials: BundleTrials, files: dict[str, bytes], code: str, says: str) -> None:
    found, message = trials.serve_files(files)
    assert found == code and says in message, message
    assert trials.still_serves()


def test_the_page_has_no_other_rows() -> None:
    assert [row.split(" | ")[0] for row in page.rows("Bundles")] == [
        f"| {case.name}" for case in CASES]
