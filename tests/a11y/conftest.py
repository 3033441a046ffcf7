"""A console in a real Chromium: one filled with a morning's work, one empty."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright
from werkzeug.serving import make_server

from models.crypto import Vault
from models.recordings import Recordings
from routing.city import City
from tests.admin.consoles import ADMINISTRATOR, PASSWORD, console_app, console_engine
from tests.admin.samples import fill

CHROMIUM = "/usr/bin/chromium"  # Debian's; playwright's own download is not needed


@dataclass(frozen=True)
class Console:
    """A running console; `call` is the id of a call with every kind of turn, or empty."""

    url: str
    call: str = ""


@contextmanager
def _running(folder: Path, city: City, vault: Vault, filled: bool) -> Iterator[Console]:
    engine, recordings = console_engine(folder, city), Recordings(folder / "recordings", vault)
    call = fill(engine, city, vault, recordings).id if filled else ""
    server = make_server("127.0.0.1", 0, console_app(engine, vault, recordings, city), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Console(f"http://127.0.0.1:{server.port}", call)
    server.shutdown()
    thread.join()
    engine.dispose()


@pytest.fixture(scope="session")
def consoles(tmp_path_factory: pytest.TempPathFactory, city: City, vault: Vault) -> Iterator[dict[str, Console]]:
    """Two running consoles, by "filled" and "empty"."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(_running(tmp_path_factory.mktemp(name), city, vault, name == "filled"))
            for name in ("filled", "empty")
        }


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"]
    options += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # beeps every second
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def sessions(browser: Browser, consoles: dict[str, Console]) -> dict[str, Any]:
    """Cookies of an administrator on each console, got through the log-in page by keyboard."""
    kept: dict[str, Any] = {}
    for name, console in consoles.items():
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{console.url}/masuk")
        page.locator("#email").focus()
        page.keyboard.type(ADMINISTRATOR)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/laporan")
        kept[name] = context.storage_state()
        context.close()
    return kept


@pytest.fixture
def open_page(browser: Browser, sessions: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """`open_page("filled", viewport=...)`: a page of somebody logged in (or of a visitor, with None)."""
    with ExitStack() as stack:

        def new(name: str | None, **options: Any) -> Page:
            context = browser.new_context(storage_state=sessions[name] if name else None, **options)
            stack.callback(context.close)
            return context.new_page()

        yield new
