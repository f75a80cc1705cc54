"""The web tier of docker/web, before whichever server is under test."""

import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from magenta_serving.server.page import FOLDER

from ..contract.api import Api
from ..servers import ServerProcess
from .music_page import MusicPage
from .web_tier import WebTier


@pytest.fixture(scope="module")
def tier(melody_server: ServerProcess) -> Iterator[WebTier]:
    tier = WebTier(server=melody_server.rest_address, models="melody other")
    yield tier
    tier.stop()


@pytest.fixture
def api(tier: WebTier) -> Api:
    return Api("", tier.rest_address, "melody")


def headers(address: str, path: str) -> Any:
    request = urllib.request.Request(
        f"http://{address}{path}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as response:
        return response.headers


def test_page_through_the_tier(open_tab: Callable[..., MusicPage], tier: WebTier):
    tab = open_tab()
    tab.open(f"http://{tier.rest_address}/")
    tab.generate()


def test_models(api: Api):
    assert api.rest("/v1/models")[:2] == (200, {"models": ["melody", "other"]})


def test_models_of_a_folder(melody_server: ServerProcess, make_models: Callable[..., Any]):
    models = make_models(melody=[1, 2], another=[1])
    (models / "empty" / "1").mkdir(parents=True)
    tier = WebTier(server=melody_server.rest_address, models_dir=models)
    try:
        status, answer, _ = Api("", tier.rest_address, "melody").rest("/v1/models")
    finally:
        tier.stop()
    assert (status, answer) == (200, {"models": ["another", "melody"]})


def test_errors_come_through(api: Api):
    status, answer, _ = api.rest("/v1/models/melody:predict", {"inputs": {"num_steps": -1}})
    assert status == 400
    assert "num_steps" in answer["error"]


@pytest.mark.embedded
def test_files_are_sent_as_by_the_embedded_server(tier: WebTier, melody_server: ServerProcess):
    paths = ["/", *(f"/{path.relative_to(FOLDER).as_posix()}" for path in FOLDER.rglob("[!.]*.*")
                    if path.suffix != ".gz")]
    assert "/licenses.txt" in paths
    names = ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options",
             "Cache-Control", "Content-Encoding")
    for path in paths:
        of_tier, of_server = (
            headers(address, path) for address in (tier.rest_address, melody_server.rest_address))
        assert [of_tier[name] for name in names] == [of_server[name] for name in names], path
