"""No request crashes, hangs or fills a server, or goes without a clear answer."""

import pathlib
from collections.abc import Iterator

import pytest

from . import page
from .requests import CASES, RequestCase
from .trials import MAX_REQUEST_SECONDS, MAX_SERVER_MEBIBYTES, RequestTrials, peak_mebibytes

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def trials(melody_bundle: pathlib.Path) -> Iterator[RequestTrials]:
    trials = RequestTrials(melody_bundle)
    yield trials
    trials.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_gets_a_clear_answer(trials: RequestTrials, case: RequestCase) -> None:
    answer = trials.send(case)
    assert answer.code == case.code, answer
    assert all(words in answer.message for words in case.says), answer.message
    assert answer.seconds < MAX_REQUEST_SECONDS
    assert trials.still_serves()
    assert peak_mebibytes(trials.server) < MAX_SERVER_MEBIBYTES
    assert page.row(case.name, answer.code, answer.message) in page.rows("Requests")


def test_the_page_has_no_other_rows() -> None:
    assert [row.split(" | ")[0] for row in page.rows("Requests")] == [
        f"| {case.name}" for case in CASES]
