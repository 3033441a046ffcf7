"""Every page in a real Chromium: axe finds nothing, structure is sound, nothing is lost on a small screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.a11y.conftest import Console

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Sight:
    """An address of one of the consoles; `{call}` stands for a call's id."""

    console: str
    address: str
    visitor: bool = False


SIGHTS = {
    "front page": Sight("empty", "/tentang", visitor=True),
    "log-in": Sight("empty", "/masuk", visitor=True),
    "log-in after a redirect": Sight("empty", "/admin/laporan", visitor=True),
    "not found": Sight("empty", "/tidak-ada", visitor=True),
    "no cases": Sight("empty", "/admin/laporan"),
    "no calls": Sight("empty", "/admin/panggilan"),
    "no matching cases": Sight("empty", "/admin/laporan?tahap=selesai"),
    "cases": Sight("filled", "/admin/laporan"),
    "cases, narrowed": Sight("filled", "/admin/laporan?terlambat=1"),
    "calls": Sight("filled", "/admin/panggilan"),
    "no announcements": Sight("empty", "/admin/pengumuman"),
    "announcements": Sight("filled", "/admin/pengumuman"),
    "case": Sight("filled", "/admin/laporan/48120735"),
    "case for review": Sight("filled", "/admin/laporan/63094418"),
    "call": Sight("filled", "/admin/panggilan/{call}"),
}


def go(page: Page, sight: Sight, consoles: dict[str, Console]) -> None:
    console = consoles[sight.console]
    page.goto(console.url + sight.address.format(call=console.call))


@pytest.fixture(params=list(SIGHTS.values()), ids=list(SIGHTS))
def sight(request: pytest.FixtureRequest) -> Sight:
    found: Sight = request.param
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(sight: Sight, scheme: str, open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page(None if sight.visitor else sight.console, color_scheme=scheme)
    go(page, sight, consoles)
    for summary in page.locator("summary").all():
        summary.click()
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()
    assert results.response["passes"], "axe did run"


def test_structure_is_sound(sight: Sight, open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page(None if sight.visitor else sight.console)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    go(page, sight, consoles)
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.lang") == "id"
    landmarks = page.evaluate("[...document.querySelectorAll('body > *')].map(e => e.tagName)")
    assert landmarks == ["A", "HEADER", "MAIN", "FOOTER"]
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    fields = "input:not([type=hidden]), select, textarea"
    assert page.evaluate(f"[...document.querySelectorAll('{fields}')].every(e => e.labels.length === 1)")
    assert page.evaluate("[...document.querySelectorAll('table')].every(t => t.caption)")
    assert page.evaluate("!document.querySelector('[style], style, script:not([src]), [onclick]')")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    small = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.innerText && !e.closest('.doubt-mark')"
        " && parseFloat(getComputedStyle(e).fontSize) < 16).map(e => e.className)"
    )
    assert small == [], "text is 16 px at least"
    unless_missing = [text for text in complaints if "404" not in text]
    assert unless_missing == [], "no script errors, nothing that the content policy had to stop"


@pytest.mark.parametrize("width", [320, 640])  # 640 is 1280 at 200 %
def test_nothing_is_cut_off_on_small_screens(
    sight: Sight, width: int, open_page: OpenPage, consoles: dict[str, Console]
) -> None:
    page = open_page(None if sight.visitor else sight.console, viewport={"width": width, "height": 640})
    go(page, sight, consoles)
    beyond = page.evaluate(
        "[...document.querySelectorAll('main *, header *')].filter(e => !e.closest('.unseen, thead, svg')"
        " && (e.getBoundingClientRect().right > innerWidth + 1 || e.scrollWidth > e.clientWidth + 1"
        " && getComputedStyle(e).display !== 'inline')).map(e => e.outerHTML.slice(0, 90))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width, beyond


def test_the_first_tab_leads_past_the_navigation(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page("filled")
    go(page, SIGHTS["cases"], consoles)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Langsung ke isi"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_lists_keep_being_tables_for_screen_readers_on_a_phone(
    open_page: OpenPage, consoles: dict[str, Console]
) -> None:
    page = open_page("filled", viewport={"width": 360, "height": 700})
    go(page, SIGHTS["cases"], consoles)
    tree = page.locator("main").aria_snapshot()
    assert 'columnheader "Jatuh tempo"' in tree
    assert 'rowheader "Tiket 481 207 35"' in tree
    assert "cell" in tree


def test_a_screen_reader_hears_doubt_and_stage(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page("filled")
    go(page, SIGHTS["call"], consoles)
    assert "mati (diragukan, 62%)" in page.locator(".heard").first.aria_snapshot()
    go(page, SIGHTS["case"], consoles)
    assert "Proses : sekarang" in page.locator(".stages").aria_snapshot()
