"""The files of the web page: which are served, with which headers."""

import asyncio
import gzip
import pathlib
from collections.abc import Mapping

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from magenta_serving.server.page import Page

INDEX = "<!doctype html><title>page</title>"
SCRIPT = "console.log(1)"


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A built page, with a file beside it that is nobody's business."""
    (tmp_path / "secret.js").write_text("secret")
    built = tmp_path / "page"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX)
    (built / ".sources").write_text("digest")
    (built / "licenses.txt").write_text("licences")
    (built / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (built / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (built / "assets" / "font-3c4d.woff2").write_bytes(b"wOF2")
    return built


def get(folder: pathlib.Path, path: str, headers: Mapping[str, str] | None = None,
        ) -> tuple[ClientResponse, bytes]:
    """Asks a server of the page, over a socket, for a path as it is written."""
    async def ask() -> tuple[ClientResponse, bytes]:
        app = web.Application()
        Page(folder).add_routes(app.router)
        async with TestClient(TestServer(app), auto_decompress=False) as client:
            url = client.make_url("/").with_path(path, encoded=True)
            async with client.session.get(url, headers=headers) as response:
                return response, await response.read()

    return asyncio.run(ask())


def test_index(folder: pathlib.Path):
    response, body = get(folder, "/")
    assert (response.status, body.decode()) == (200, INDEX)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Unmodified-Since", "If-Range"])
def test_dates_out_of_range(folder: pathlib.Path, header: str):
    response, body = get(folder, "/", {header: "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"})
    assert (response.status, body) == (400, b"A date is out of range")


def test_files_without_a_digest_are_asked_for_again(folder: pathlib.Path):
    response, body = get(folder, "/licenses.txt")
    assert (response.status, body) == (200, b"licences")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"


def test_index_is_not_sent_again(folder: pathlib.Path):
    response, _ = get(folder, "/")
    again, body = get(folder, "/", {"If-None-Match": response.headers["ETag"]})
    assert (again.status, body) == (304, b"")


@pytest.mark.parametrize(("name", "content_type"), [
    ("index-1a2b.js", "text/javascript; charset=utf-8"), ("font-3c4d.woff2", "font/woff2")])
def test_assets_are_kept_for_ever(folder: pathlib.Path, name: str, content_type: str):
    response, body = get(folder, f"/assets/{name}", {"Accept-Encoding": "identity"})
    assert (response.status, body) == (200, (folder / "assets" / name).read_bytes())
    assert response.headers["Content-Type"] == content_type
    assert "immutable" in response.headers["Cache-Control"]


def test_compressed(folder: pathlib.Path):
    response, body = get(folder, "/assets/index-1a2b.js", {"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert gzip.decompress(body).decode() == SCRIPT


@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js"])
def test_nothing_from_elsewhere_runs(folder: pathlib.Path, path: str):
    headers = get(folder, path)[0].headers
    policy = dict(directive.split(" ", 1) for directive in
                  headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [
    "/../secret.js", "/assets/../../secret.js", "/assets/..%2f..%2fsecret.js",
    "/assets/%2e%2e/%2e%2e/secret.js", "//secret.js", "/.sources", "/assets/",
    "/assets/index-1a2b.js.gz", "/assets/absent.js"])
def test_no_way_out_of_the_folder(folder: pathlib.Path, path: str):
    response, _ = get(folder, path)
    assert response.status == 404


def test_no_page(tmp_path: pathlib.Path):
    assert not Page(tmp_path).is_built
    response, body = get(tmp_path, "/")
    assert response.status == 200
    assert "make page" in body.decode()
