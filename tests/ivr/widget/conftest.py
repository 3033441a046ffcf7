"""The widget in a real Chromium, before a whole line: pages with the console's headers, a wire that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright

import admin
from app import OfficersVoice
from ivr.line import Line
from tests.a11y.conftest import CHROMIUM
from tests.admin.consoles import ConsoleSettings
from tests.ivr.channels.browser_served import Site, serve_widget

PAGE = """<!doctype html><html lang="id"><title>Kota</title><h1>Situs kota</h1>
<script src="{widget}/widget.js" async></script><suara-warga></suara-warga><p id="after">Kaki halaman</p>"""
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")
NO_MICROPHONE = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")


@pytest.fixture
def site(line: Line, cable: Cable, embedding: OtherSite) -> Iterator[Site]:
    app = Flask("site", static_folder=None)
    app.config.update(SECRET_KEY="a secret of the tests")
    access = admin.init_app(
        app, engine=line.calls._engine, vault=line.vault, recordings=line.recordings, settings=ConsoleSettings(),
        city=line.knows.city, voice=OfficersVoice(line.voice),
    )  # fmt: skip
    with serve_widget(line, app=app, limiter=access.limiter, hosts=(cable.url, embedding.url)) as running:
        cable.port = int(running.url.rsplit(":", 1)[1])
        embedding.widget = running.url
        yield running


@pytest.fixture(scope="session")
def plain_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium whose people refuse the microphone."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *NO_MICROPHONE])
    yield browser
    browser.close()


@pytest.fixture
def open_page(plain_browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page in a context of its own; its errors fail the test."""
    complaints: list[str] = []
    with contextlib.ExitStack() as stack:

        def new(**options: Any) -> Page:
            context = plain_browser.new_context(**options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            return page

        yield new
    assert complaints == []


@pytest.fixture
def speaking_browser(playwright: Playwright) -> Iterator[Callable[[Path], Browser]]:
    """A Chromium whose microphone brings a WAV file, from its begin each time that it is opened."""
    with contextlib.ExitStack() as stack:

        def new(wav: Path) -> Browser:
            microphone = (
                "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={wav}%noloop",
            )  # fmt: skip
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *microphone])
            stack.callback(browser.close)
            return browser

        yield new


@pytest.fixture
def cable() -> Iterator[Cable]:
    made = Cable()
    yield made
    made.close()


@pytest.fixture
def embedding() -> Iterator[OtherSite]:
    """A site that the city lists."""
    with contextlib.closing(OtherSite()) as made:
        yield made


@pytest.fixture
def unlisted(site: Site) -> Iterator[OtherSite]:
    with contextlib.closing(OtherSite()) as made:
        made.widget = site.url
        yield made


class OtherSite:
    """Another site, of one page, with the widget in it."""

    def __init__(self) -> None:
        other = self
        self.widget = ""  # the address that its script comes from

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(PAGE.format(widget=other.widget).encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Cable:
    """Between a browser and the server; can be pulled out, and put in again."""

    def __init__(self) -> None:
        self.port = 0  # of the server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ends: list[socket.socket] = []
        self._whole = True
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        self._whole = False
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def put(self) -> None:
        self._whole = True

    def close(self) -> None:
        self._listener.close()
        self.pull()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.port))
                self._ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
