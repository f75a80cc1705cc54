"""The page in Debian's Chromium: served by the embedded server, or before the model server."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from ..servers import ModelServer, ServerProcess
from .music_page import MusicPage
from .web_tier import WebTier

# Milliseconds that the page may take for anything but generating.
TIMEOUT = 15_000
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Chromium's sandbox is not for root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site() -> Iterator[Callable[..., str]]:
    """Returns the page's address for a server: its own, or that of the web tier before it."""
    tiers: dict[str, WebTier] = {}

    def address(server: ServerProcess, **settings: Any) -> str:
        if not isinstance(server, ModelServer):
            return f"http://{server.rest_address}/"
        if server.rest_address not in tiers:
            tiers[server.rest_address] = WebTier(server=server.rest_address, **settings)
        return f"http://{tiers[server.rest_address].rest_address}/"

    yield address
    for tier in tiers.values():
        tier.stop()


@pytest.fixture(scope="package")
def url(site: Callable[..., str], melody_server: ServerProcess) -> str:
    """Where the page is, before a server of the model "melody"."""
    return site(melody_server, models="melody")


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Callable[..., MusicPage]]:
    """Opens tabs; the browser must have nothing to complain about in any of them."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(message: Any) -> None:
        # That an answer was no success is not the page's fault; what it makes of it is tested.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_it(**settings: Any) -> MusicPage:
        context = browser.new_context(**(settings or DESKTOP))
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        return MusicPage(page)

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def tab(open_tab: Callable[..., MusicPage], url: str) -> MusicPage:
    """The page, opened on a desktop."""
    tab = open_tab()
    tab.open(url)
    return tab
