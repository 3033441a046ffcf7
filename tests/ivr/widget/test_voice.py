"""Spoken conversations in a real Chromium, whose microphone brings a WAV file: from the press to the ticket number.

The caller knows the line, and speaks at set times into whatever it says; the prompt stops, as it should.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from ivr.effects import OpenCase
from speech.audio import read_wav, silence, trim, write_wav
from speech.spoken import DIGITS
from tests.ivr.channels.browser_served import Site

SpeakingBrowser = Callable[[Path], Browser]
WITHIN_MS = 120_000


def say(text: str) -> bytes:
    """As a person says it into a computer: espeak-ng, no telephone between."""
    command = ["espeak-ng", "-v", "id+m3", "-s", "130", "--stdout", text]
    return trim(read_wav(subprocess.run(command, check=True, capture_output=True).stdout))


def wav_of(path: Path, *said: tuple[float, str]) -> Path:
    """A recording in which each text begins at its second."""
    sound = b""
    for at_s, text in said:
        missing_ms = round(at_s * 1000) - len(sound) // 16
        assert missing_ms >= 0, f"{text!r} comes too early"
        sound += silence(missing_ms) + say(text)
    write_wav(path, sound + silence(5000))
    return path


def test_a_spoken_report_from_the_press_to_the_ticket(
    site: Site, speaking_browser: SpeakingBrowser, tmp_path: Path
) -> None:
    wav = wav_of(
        tmp_path / "report.wav",
        (4, "lapor"),
        (10, "lampu jalan mati sudah seminggu"),
        (20, "betul sekali"),
        (27, "kelurahan cikokol"),
        (36, "betul sekali"),
        (43, "dekat masjid besar"),
        (52, "ya betul"),
        (75, "tidak ada lagi"),
    )
    page = speaking_browser(wav).new_page()
    page.goto(site.url + "/")
    page.get_by_role("button", name="Mulai bicara").click()
    log = page.get_by_role("log")
    expect(page.locator("suara-warga")).to_contain_text("Mikrofon menyala")
    expect(log).to_contain_text("lampu jalan. Betul?", timeout=30_000)
    expect(log).to_contain_text("Nomor laporannya", timeout=WITHIN_MS)
    number = page.locator("suara-warga .number").inner_text().replace(" ", "")
    expect(page.get_by_text("Percakapan selesai")).to_be_visible(timeout=WITHIN_MS)
    case = site.line.cases.by_ticket(number)
    assert case is not None and (case.category_code, case.area_code) == ("pju", "36.71.01.1005")
    assert "lampu jalan mati sudah seminggu" in case.description
    assert case.call_id and site.line.calls.get(case.call_id).end_reason == "goodbye"


def test_a_spoken_status_call(site: Site, speaking_browser: SpeakingBrowser, tmp_path: Path) -> None:
    opened = site.line.open_case(
        OpenCase(1, "pju", "caller", "36.71.01.1005", "", "lampu mati"), site.line.begin("twilio", "CA1", None),
        "twilio", (None, None),
    )  # fmt: skip
    digits = ", ".join(DIGITS[int(digit)] for digit in opened.ticket)
    wav = wav_of(tmp_path / "status.wav", (4, "cek status"), (11, digits), (36, "tidak"))
    page = speaking_browser(wav).new_page()
    page.goto(site.url + "/")
    page.get_by_role("button", name="Mulai bicara").click()
    expect(page.get_by_role("log")).to_contain_text("Dinas Perhubungan", timeout=WITHIN_MS)
    expect(page.get_by_text("Percakapan selesai")).to_be_visible(timeout=WITHIN_MS)


def test_without_a_websocket_speech_is_recorded_and_sent(
    site: Site, speaking_browser: SpeakingBrowser, tmp_path: Path
) -> None:
    wav = wav_of(tmp_path / "report.wav", (0.5, "lapor"))
    page = speaking_browser(wav).new_page()
    page.route_web_socket("**/widget/stream", lambda ws: ws.close())
    page.goto(site.url + "/")
    page.get_by_label("Pembaca layar").check()
    page.get_by_role("button", name="Tanpa mikrofon").click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("Selamat datang", timeout=20_000)
    page.get_by_role("button", name="Bicara", exact=True).click()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Selesai bicara").click()
    expect(log).to_contain_text("Silakan ceritakan", timeout=20_000)
    page.get_by_label("Atau ketik jawaban").fill("sampah menumpuk")
    page.get_by_label("Atau ketik jawaban").press("Enter")
    expect(log).to_contain_text("sampah", timeout=20_000)


def test_a_report_told_without_a_network_is_sent_when_it_is_back(
    site: Site, speaking_browser: SpeakingBrowser, tmp_path: Path
) -> None:
    wav = wav_of(tmp_path / "report.wav", (0.5, "pohon tumbang menutup jalan"))
    context = speaking_browser(wav).new_context()
    page = context.new_page()
    page.goto(site.url + "/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    context.set_offline(True)
    page.reload()
    expect(page.get_by_text("Belum ada jaringan")).to_be_visible()
    page.get_by_role("button", name="Rekam laporan").click()
    page.wait_for_timeout(4000)
    page.get_by_role("button", name="Selesai merekam").click()
    expect(page.get_by_text("dikirim begitu ada jaringan")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("sudah terkirim")).to_be_visible(timeout=30_000)
    number = page.locator("suara-warga .number").inner_text().replace(" ", "")
    case = site.line.cases.by_ticket(number)
    assert case is not None and case.review == "pesan untuk petugas"
