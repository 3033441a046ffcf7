"""How the widget, its page and a ticket's page look and read: axe, contrast of 7:1, small screens, order, size."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ivr.effects import OpenCase
from tests.a11y.test_pages import WCAG
from tests.ivr.channels.browser_served import Site
from tests.ivr.widget.test_conversation import begin, report, type_answer

OpenPage = Callable[..., Page]
OPTIONS = {**WCAG, "rules": {"color-contrast-enhanced": {"enabled": True}}}
SIGHTS = ("start", "menu", "ticket number", "refused microphone", "ask a ticket", "ticket", "no such ticket")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "no motion": {"reduced_motion": "reduce"},
}


def go(page: Page, site: Site, sight: str) -> None:
    match sight:
        case "start":
            page.goto(site.url + "/")
            expect(page.get_by_role("button", name="Mulai bicara")).to_be_visible()
        case "menu":
            begin(page, site)
            page.get_by_text("Tombol angka").click()
            page.get_by_label("Tampilkan seluruh").check()
        case "ticket number":
            begin(page, site)
            report(page)
        case "refused microphone":
            page.goto(site.url + "/")
            page.get_by_role("button", name="Mulai bicara").click()
            expect(page.get_by_role("status")).to_contain_text("tidak diizinkan")
        case "ask a ticket":
            page.goto(site.url + "/tiket")
        case "ticket":
            call = site.line.begin("twilio", "CA1", None)
            wanted = OpenCase(1, "pju", "caller", "36.71.01.1005", "", "lampu mati")
            opened = site.line.open_case(wanted, call, "twilio", (None, None))
            page.goto(f"{site.url}/tiket/{opened.ticket}")
        case _:
            page.goto(site.url + "/tiket?nomor=12345678")
            page.goto(site.url + "/tiket/12345678")


def look(page: Page, sight: str, look_name: str) -> None:
    results = Axe().run(page, options=OPTIONS)
    assert results.violations_count == 0, f"{sight}, {look_name}: {results.generate_report()}"
    assert results.response["passes"], "axe did run"


def nothing_is_cut_off(page: Page, sight: str) -> None:
    beyond = page.evaluate("""() => {
        const all = [...document.querySelectorAll("body *")];
        const widget = document.querySelector("suara-warga")?.shadowRoot;
        if (widget) all.push(...widget.querySelectorAll("*"));
        return all.filter((e) => e.getClientRects().length && getComputedStyle(e).clipPath === "none"
            && !e.classList.contains("skip") && e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => e.outerHTML.slice(0, 90));
    }""")
    assert beyond == [], sight
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), sight


def text_is_large(page: Page, sight: str) -> None:
    small = page.evaluate("""() => {
        const all = [...document.querySelectorAll("body *")];
        const widget = document.querySelector("suara-warga")?.shadowRoot;
        if (widget) all.push(...widget.querySelectorAll("*"));
        return all.filter((e) => e.getClientRects().length && e.innerText
            && parseFloat(getComputedStyle(e).fontSize) < 24).map((e) => e.outerHTML.slice(0, 90));
    }""")
    assert small == [], sight


@pytest.mark.parametrize("sight", SIGHTS)
def test_axe_finds_nothing_in_any_look(site: Site, open_page: OpenPage, sight: str) -> None:
    page = open_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    go(page, site, sight)
    for name, options in LOOKS.items():
        page.emulate_media(
            color_scheme=options.get("color_scheme", "light"),
            forced_colors=options.get("forced_colors", "none"),
            reduced_motion=options.get("reduced_motion", "no-preference"),
        )
        page.set_viewport_size(options.get("viewport", {"width": 1280, "height": 800}))
        look(page, sight, name)
        nothing_is_cut_off(page, f"{sight}, {name}")
        text_is_large(page, f"{sight}, {name}")
    assert page.locator("h1").count() == 1
    assert [text for text in complaints if "404" not in text] == [], "no script errors, nothing that the policy stopped"


def test_the_tree_is_in_the_order_in_which_it_is_used(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    tree = page.locator("suara-warga").aria_snapshot()
    wanted = (
        'button "Bicara"', "Tidak ada batas waktu", "Mikrofon mati", "status", 'log "Percakapan"', "Selamat datang",
        'group "Pilihan jawaban"', 'button "Melapor"', 'group "Setiap saat"', 'button "Ulangi"',
        'button "Lebih pelan"', 'textbox "Atau ketik jawaban"', "Tombol angka", 'button "Akhiri percakapan"',
        'radio "Suara kami"',
    )  # fmt: skip
    places = [tree.find(part) for part in wanted]
    assert -1 not in places, tree
    assert places == sorted(places), tree


def test_what_was_said_earlier_stays_for_a_screen_reader(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    type_answer(page, "lapor", "Silakan ceritakan")
    type_answer(page, "ulangi", "Silakan ceritakan")
    assert "Selamat datang" in page.get_by_role("log").aria_snapshot()


def test_nothing_on_the_page_moves_by_itself(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(site.url + "/")
    rules = page.evaluate("""() => [...document.querySelector("suara-warga").shadowRoot.adoptedStyleSheets,
        ...document.styleSheets].flatMap((s) => [...s.cssRules]).map((r) => r.cssText).join("")""")
    assert "animation" not in rules and "transition" not in rules


def test_a_tickets_page_reads_itself_out(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    go(page, site, "ticket")
    assert page.evaluate("document.querySelector('audio').paused"), "nothing sounds by itself"
    page.get_by_role("button", name="Bacakan").press("Enter")
    button = page.get_by_role("button", name="Berhenti membacakan")
    expect(button).to_be_visible()
    page.wait_for_timeout(1000)
    assert page.evaluate("document.querySelector('audio').currentTime") > 0.3
    button.click()
    expect(page.get_by_role("button", name="Bacakan")).to_be_visible()


def test_everything_together_is_small() -> None:
    files = (Path(__file__).parents[3] / "ivr" / "widget" / "static").glob("*.js")
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 40_000
