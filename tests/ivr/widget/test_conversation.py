"""Conversations in a real Chromium without a microphone: keyboard, touch and typing, our voice and theirs."""

from __future__ import annotations

import os
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.ivr.channels.browser_served import Site

OpenPage = Callable[..., Page]


def last_said(page: Page) -> str:
    return page.locator("suara-warga li").last.inner_text()


def test_a_report_by_keyboard_alone_with_our_voice_off(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.on("console", lambda m: print("CONSOLE", m.type, m.text))
    page.goto(site.url + "/")
    page.get_by_label("Pembaca layar").check()
    page.get_by_role("button", name="Tanpa mikrofon").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Selamat datang")
    if os.environ.get("SHOTS"):
        page.screenshot(path="/tmp/shot1.png", full_page=True)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Melapor").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Silakan ceritakan")
    field = page.get_by_label("Atau ketik jawaban")
    field.focus()
    page.keyboard.type("Lampu jalan mati di depan pasar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("lampu jalan. Betul?")
    page.get_by_role("button", name="Ya", exact=True).press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Di kelurahan mana")
    for text, then in (("Cikokol", "Betul?"), ("ya", "patokannya"), ("tidak ada", "Saya bacakan"), ("ya", "Nomor laporannya")):
        field.fill(text)
        field.press("Enter")
        expect(page.get_by_role("log").locator("li").last).to_contain_text(then)
    number = page.locator("suara-warga .number").inner_text().replace(" ", "")
    if os.environ.get("SHOTS"):
        page.screenshot(path="/tmp/shot2.png", full_page=True)
    assert site.line.cases.by_ticket(number) is not None
