"""The widget's messages, and the keys that questions name."""

from __future__ import annotations

import pytest

from ivr.channels import browser_wire as wire
from ivr.conversation import Speak
from ivr.effects import HandOver, HangUp, Listen
from ivr.prompts import Prompts

CHOICES = {
    "Untuk melapor, katakan lapor, atau tekan satu. Untuk bertanya, tekan tiga.": {"1": "Melapor", "3": "Bertanya"},
    "Kalau betul, katakan ya, atau tekan satu. Kalau bukan, katakan tidak, atau tekan dua.": {"1": "Ya", "2": "Tidak"},
    "Untuk lampu jalan, tekan satu. Kalau tidak ada, katakan tidak ada, atau tekan pagar.": {
        "1": "Lampu jalan",
        "#": "Tidak ada",
    },
    "Kalau sudah selesai, diam sebentar, atau tekan pagar.": {"#": "Sudah selesai"},
    "Nama kelurahannya apa?": {},
    "Untuk mengulang, tekan bintang.": {},  # is always there
}


def keys(question: str, kind: str = "menu") -> dict[str, str]:
    return {one["key"]: one["label"] for one in wire.choices(question, kind)}


@pytest.mark.parametrize("question", CHOICES)
def test_a_question_names_its_keys(question: str) -> None:
    assert keys(question) == CHOICES[question]


def test_yes_and_no_are_offered_where_they_are_asked_for() -> None:
    assert keys("Saya catat sebagai sampah. Betul?", "yes-no") == {"1": "Ya", "2": "Tidak"}
    assert keys("Ini keadaan darurat.", "veto") == {"1": "Sambungkan sekarang", "9": "Batal"}


def test_no_key_that_a_prompt_names_is_missed(prompts: Prompts) -> None:
    spoken = {"satu": "1", "dua": "2", "tiga": "3", "empat": "4", "nol": "0", "pagar": "#", "sembilan": "9"}
    for name in prompts.names():
        for wording, text in prompts.wordings(name).items():
            named = {key for word, key in spoken.items() if f"tekan {word}" in text}
            assert named <= set(keys(text)), (name, wording)


def test_a_turn_tells_all_that_a_screen_needs() -> None:
    outputs = (Speak("welcome", "Selamat datang.", 140), Speak("menu", "Untuk melapor, tekan satu.", 140))
    asked = wire.turn_message((*outputs, Listen("menu", "menu")), "", {})
    assert asked["said"] == [
        {"prompt": "welcome", "text": "Selamat datang."},
        {"prompt": "menu", "text": "Untuk melapor, tekan satu."},
    ]
    assert asked["listen"] == {"step": "menu", "kind": "menu", "keys": 1}
    assert asked["choices"] == [{"key": "1", "label": "Melapor"}]
    dialled = wire.turn_message((HandOver("operator"),), "", {"operator": "+62215550111"})
    assert dialled["dial"] == {"target": "operator", "number": "+62215550111"}
    assert wire.turn_message((HangUp(),), "12345675", {})["ended"]


def test_what_is_typed_is_kept_printable() -> None:
    assert wire.parse('{"type": "text", "text": "  jalan\\u0000 \\n rusak\\u202e "}') == wire.Typed("jalan rusak")
    with pytest.raises(wire.BadMessage):
        wire.parse('{"type": "text", "text": "\\u202e"}')
