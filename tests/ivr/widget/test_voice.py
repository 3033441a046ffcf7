"""Spoken conversations in a real Chromium, whose microphone brings a WAV file: from the press to the ticket number.

The caller knows the line, and speaks at set times into whatever it says; the prompt stops, as it should.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from speech.audio import read_wav, silence, trim, write_wav
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
