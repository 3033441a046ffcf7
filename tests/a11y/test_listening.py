"""One turn of a call is heard by keyboard alone: it begins and ends where the caller did."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.a11y.conftest import Console

OpenPage = Callable[..., Page]


def watch(page: Page) -> None:
    """Keep on the page where the player began and where it was paused, in seconds."""
    page.evaluate("""() => {
        const audio = document.querySelector("audio"), kept = document.body.dataset;
        audio.addEventListener("playing", () => { kept.began ??= audio.currentTime; });
        audio.addEventListener("pause", () => { kept.paused = audio.currentTime; });
    }""")


def test_a_turn_plays_from_its_first_to_its_last_word(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page("filled")
    page.goto(f"{consoles['filled'].url}/admin/panggilan/{consoles['filled'].call}")
    watch(page)
    button = page.get_by_role("button", name="Putar giliran 4")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-paused", re.compile(r"\d"))
    began, paused = (float(page.locator("body").get_attribute(f"data-{name}") or 0) for name in ("began", "paused"))
    assert 8.9 <= began <= 9.3, "turn 4 begins at 9.0 s"
    assert paused >= 9.4, "and ends at 9.4 s"
    assert paused < 11.5, "not at the end of the recording"
    expect(button).to_have_accessible_name("Putar giliran 4 0:09,0–0:09,4")


def test_pressing_again_stops_and_another_turn_takes_over(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page("filled")
    page.goto(f"{consoles['filled'].url}/admin/panggilan/{consoles['filled'].call}")
    third = page.locator("#giliran-3 button.play")
    third.focus()
    page.keyboard.press("Space")
    expect(third).to_contain_text("Hentikan giliran 3")
    expect(page.locator("#giliran-3")).to_have_class("turn sounding")
    page.keyboard.press("Space")
    expect(third).to_contain_text("Putar giliran 3")
    assert page.evaluate("document.querySelector('audio').paused")
    page.keyboard.press("Space")
    page.locator("#giliran-4 button.play").press("Enter")
    expect(third).to_contain_text("Putar giliran 3")


def test_missing_sound_is_said_in_words(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    console = consoles["filled"]
    page = open_page("filled")
    page.goto(f"{console.url}/admin/panggilan?jenis=live")  # its recording has no file
    page.locator("tbody a").first.press("Enter")
    page.wait_for_url("**/panggilan/*")
    page.locator("button.play").first.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Rekaman ini tidak ada")


def test_without_scripts_there_is_a_player_and_no_dead_button(
    open_page: OpenPage, consoles: dict[str, Console]
) -> None:
    page = open_page("filled", java_script_enabled=False)
    page.goto(f"{consoles['filled'].url}/admin/panggilan/{consoles['filled'].call}")
    assert page.locator("audio[controls]").count() == 1
    assert page.locator("button.play:visible").count() == 0


def test_an_announcement_is_recorded_by_keyboard(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page("empty", permissions=["microphone"])
    page.goto(f"{consoles['empty'].url}/admin/pengumuman")
    button = page.get_by_role("button", name="Rekam sekarang")
    button.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Sedang merekam")).to_be_visible()
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="Berhenti merekam").press("Space")
    expect(page.get_by_role("status").filter(has_text="Rekaman siap")).to_be_visible()
    expect(page.get_by_label("Rekaman Anda", exact=True)).to_be_visible()
    page.wait_for_function("document.querySelector('#merekam audio').duration > 2")  # the policy lets it be heard
    page.get_by_label("Apa yang didengar penelepon").fill("Air mati sampai sore.")
    page.get_by_label("Jenis masalah").select_option("pju")
    page.get_by_role("button", name="Umumkan").press("Enter")
    expect(page.get_by_label("Rekaman pengumuman")).to_be_visible()


def test_a_refused_microphone_is_told(open_page: OpenPage, consoles: dict[str, Console]) -> None:
    page = open_page("empty")
    page.add_init_script("MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException())")
    page.goto(f"{consoles['empty'].url}/admin/pengumuman")
    page.get_by_role("button", name="Rekam sekarang").press("Enter")
    expect(page.get_by_role("status").filter(has_text="pilih berkas WAV")).to_be_visible()
