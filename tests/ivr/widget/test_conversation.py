"""Conversations in a real Chromium without a microphone: keyboard, touch and typing, our voice and theirs, breaks."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.ivr.channels.browser_served import Site
from tests.ivr.widget.conftest import Cable, OtherSite

OpenPage = Callable[..., Page]
OWN_VOICE, QUIET_START, TYPE = "Pembaca layar", "Tanpa mikrofon", "Atau ketik jawaban"
# What a screen reader is told by itself: text that comes into a polite region.
LISTEN_IN = """() => {
    window.told = [];
    const root = document.querySelector("suara-warga").shadowRoot;
    const spoken = (node) => {
        const region = (node.closest ? node : node.parentElement)?.closest("[aria-live], [role=status], [role=log]");
        return region && (region.getAttribute("aria-live") || "polite") !== "off";
    };
    new MutationObserver((changes) => {
        for (const change of changes) {
            for (const node of change.addedNodes) {
                const text = node.textContent.trim();
                if (text && (node.nodeType === 1 || node.nodeType === 3) && spoken(node)) window.told.push(text);
            }
        }
    }).observe(root, { childList: true, subtree: true });
}"""


def begin(page: Page, site: Site, *, voice: bool = False, address: str = "") -> None:
    """Open the page and a call without a microphone."""
    page.goto((address or site.url) + "/")
    if not voice:
        page.get_by_label(OWN_VOICE).check()
    page.evaluate(LISTEN_IN)
    page.get_by_role("button", name=QUIET_START).click()
    expect(page.get_by_role("log")).to_contain_text("Selamat datang")


def type_answer(page: Page, text: str, then: str) -> None:
    field = page.get_by_label(TYPE)
    field.fill(text)
    for _ in range(50):  # before the line has asked, what was typed waits in the field
        field.press("Enter")
        if not field.input_value():
            break
        page.wait_for_timeout(100)
    expect(page.locator("suara-warga li").last).to_contain_text(then)


def report(page: Page) -> str:
    """A whole report from the menu on, typed; its number."""
    for text, then in (
        ("lapor", "Silakan ceritakan"),
        ("lampu jalan mati di depan pasar", "Betul?"),
        ("ya", "Di kelurahan mana"),
        ("cikokol", "Betul?"),
        ("ya", "patokannya"),
        ("tidak ada", "Saya bacakan"),
        ("ya", "Nomor laporannya"),
    ):
        type_answer(page, text, then)
    return page.locator("suara-warga .number").inner_text().replace(" ", "")


def test_a_report_by_keyboard_alone(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(site.url + "/")
    reached = []
    for _ in range(2):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(document.activeElement.shadowRoot?.activeElement || document.activeElement).textContent")
        )
    assert reached == ["Mulai bicara", "Tanpa mikrofon, pakai tombol dan ketikan"]
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the own voice
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Selamat datang")
    page.get_by_role("button", name="Bicara", exact=True).focus()
    page.keyboard.press("1")
    expect(page.get_by_role("log")).to_contain_text("Silakan ceritakan")
    page.get_by_label(TYPE).focus()
    page.keyboard.type("Lampu jalan mati, sudah 3 malam, RT 05.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("lampu jalan. Betul?")
    page.get_by_role("button", name="Ya", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Di kelurahan mana")
    focused = page.evaluate("document.activeElement.shadowRoot.activeElement.textContent")
    assert focused == "Bicara", "what was pressed is gone, so the first of all is where one stands"
    for text, then in (("cikokol", "Betul?"), ("ya", "patokannya"), ("tidak ada", "bacakan"), ("ya", "Nomor laporan")):
        type_answer(page, text, then)
    case = site.line.cases.by_ticket(page.locator("suara-warga .number").inner_text().replace(" ", ""))
    assert case is not None and "sudah 3 malam rt 05" in case.description


def test_everything_is_announced_once_and_nothing_over_our_own_voice(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    type_answer(page, "lapor", "Silakan ceritakan")
    page.get_by_role("button", name="Ulangi").click()
    expect(page.locator("suara-warga li")).to_have_count(5)
    told = page.evaluate("window.told")
    assert [text[:31] for text in told] == [
        "Suara WargaSelamat datang di Su",
        "Suara WargaSilakan ceritakan, a",
        "Suara WargaSilakan ceritakan, a",
    ]

    loud = open_page()
    begin(loud, site, voice=True)
    type_answer(loud, "lapor", "Silakan ceritakan")
    assert loud.evaluate("window.told") == [], "our voice has said it"


def test_a_refused_microphone_is_said_and_the_conversation_goes_on(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(site.url + "/")
    page.get_by_label(OWN_VOICE).check()
    page.evaluate(LISTEN_IN)
    page.get_by_role("button", name="Mulai bicara").click()
    expect(page.get_by_role("status")).to_contain_text("Mikrofon tidak diizinkan")
    expect(page.locator("suara-warga")).to_contain_text("Mikrofon mati")
    report(page)
    assert sum("tidak diizinkan" in text for text in page.evaluate("window.told")) == 1


def test_the_second_half_of_a_double_click_answers_nothing(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    page.get_by_role("button", name="Melapor").dblclick()
    expect(page.get_by_role("log")).to_contain_text("Silakan ceritakan")
    page.wait_for_timeout(500)
    assert page.locator("suara-warga li.yours").count() == 1


def test_a_number_is_entered_on_the_keypad(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    number = report(page)
    type_answer(page, "cek status", "delapan angka")
    page.get_by_text("Tombol angka").click()
    for digit in number:
        page.get_by_role("button", name=digit, exact=True).click()
    expect(page.locator("suara-warga li").last).to_contain_text("diterima Dinas Perhubungan")


def test_a_network_that_drops_in_the_middle_costs_nothing(site: Site, open_page: OpenPage, cable: Cable) -> None:
    page = open_page()
    begin(page, site, address=cable.url)
    type_answer(page, "lapor", "Silakan ceritakan")
    type_answer(page, "lampu jalan mati di depan pasar", "Betul?")
    cable.pull()
    expect(page.get_by_role("status")).to_contain_text("Sambungan terputus")
    cable.put()
    expect(page.get_by_role("status")).to_contain_text("Sudah tersambung lagi", timeout=20_000)
    expect(page.locator("suara-warga li").last).to_contain_text(
        "Kita lanjutkan. Saya catat sebagai lampu jalan. Betul?"
    )
    type_answer(page, "ya", "Di kelurahan mana")
    told = page.evaluate("window.told")
    assert len([text for text in told if "terputus. Kami" in text]) == 1, told


def test_a_page_that_is_loaded_again_goes_on_with_its_call(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    type_answer(page, "lapor", "Silakan ceritakan")
    page.reload()
    page.get_by_label(OWN_VOICE).check()
    page.get_by_role("button", name="Lanjutkan percakapan tadi").click()
    expect(page.get_by_role("log")).to_contain_text("Kita lanjutkan. Silakan ceritakan")


def test_a_second_tab_takes_the_call_and_the_first_says_so(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    begin(page, site)
    token = page.evaluate("sessionStorage.getItem('suara-warga-panggilan')")
    second = page.context.new_page()
    second.goto(site.url + "/")
    second.evaluate("token => sessionStorage.setItem('suara-warga-panggilan', token)", token)
    second.reload()
    second.get_by_role("button", name="Lanjutkan percakapan tadi").click()
    expect(page.get_by_role("status")).to_contain_text("di jendela lain")
    expect(second.get_by_role("log")).to_contain_text("Kita lanjutkan")
    page.get_by_role("button", name="Lanjutkan percakapan tadi").click()
    expect(second.get_by_role("status")).to_contain_text("di jendela lain")


def test_a_person_is_telephoned(site: Site, open_page: OpenPage) -> None:
    site.line.numbers = {"operator": "+622155550111"}
    page = open_page()
    begin(page, site)
    page.get_by_role("button", name="Bicara dengan petugas").click()
    expect(page.get_by_role("link", name="Telepon petugas: +622155550111")).to_have_attribute(
        "href", "tel:+622155550111"
    )
    page.get_by_role("button", name="Tidak diangkat").click()
    expect(page.get_by_role("log")).to_contain_text("petugas belum bisa")


def test_an_ended_call_keeps_its_number_and_another_can_begin(site: Site, open_page: OpenPage) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    begin(page, site)
    number = report(page)
    type_answer(page, "tidak", "Terima kasih sudah menelepon")
    expect(page.get_by_text("Percakapan selesai")).to_be_visible()
    page.get_by_role("button", name="Salin nomor").click()
    expect(page.get_by_role("status")).to_contain_text("disalin")
    assert page.evaluate("navigator.clipboard.readText()") == number
    assert page.get_by_role("link", name="Kirim lewat SMS").get_attribute("href") == (
        f"sms:?&body=Nomor%20laporan%20Suara%20Warga%3A%20{number}"
    )
    page.get_by_role("button", name="Mulai percakapan baru").click()
    expect(page.locator("suara-warga li").last).to_contain_text("Selamat datang")


# -- in other pages


def test_one_line_puts_it_into_a_listed_sites_page(site: Site, embedding: OtherSite, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(embedding.url)
    page.get_by_label(OWN_VOICE).check()
    page.get_by_role("button", name=QUIET_START).click()
    page.get_by_label(TYPE).fill("lapor")
    page.get_by_label(TYPE).press("Enter")  # before the line has asked anything: it stays to be sent
    expect(page.get_by_role("log")).to_contain_text("Selamat datang")
    report(page)


def test_a_site_that_is_not_listed_is_told_so(site: Site, unlisted: OtherSite, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(unlisted.url)
    page.get_by_role("button", name=QUIET_START).click()
    expect(page.get_by_role("status")).to_contain_text("belum terdaftar", timeout=20_000)
    assert site.gate.live == 0


def test_an_embedding_page_loses_no_time_and_nothing_moves(
    site: Site, embedding: OtherSite, open_page: OpenPage
) -> None:
    page = open_page()
    page.add_init_script("""
        window.long = []; window.moved = 0;
        new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration)))
            .observe({ type: "longtask", buffered: true });
    """)
    page.goto(embedding.url)
    expect(page.get_by_role("button", name="Mulai bicara")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("window.long") == [], "no task of 50 ms or more"


def test_an_old_browser_is_told_in_words(site: Site, embedding: OtherSite, open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(
        "delete window.customElements; Object.defineProperty(window, 'customElements', {value: undefined})"
    )
    page.goto(embedding.url)
    expect(page.locator("suara-warga")).to_contain_text("peramban ini terlalu lama")


def test_without_scripts_there_are_words(site: Site, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site.url + "/")
    expect(page.locator("main")).to_contain_text("silakan telepon kami")
