"""How a bill stands: asked for by word or key, its number read back, the answer said; nothing else is offered."""

from __future__ import annotations

import dataclasses

import pytest

from ivr.effects import AskService
from ivr.events import ServiceAnswered
from ivr.knowledge import Knowledge, Service
from ivr.prompts import Prompts
from tests.ivr.talk import Talk


class Asks(Talk):
    """Answers look-ups as the owner would."""

    outcome = "found"
    asked: list[AskService]

    def happens(self, event: object) -> Talk:
        super().happens(event)  # type: ignore[arg-type]
        for effect in self.effects:
            if isinstance(effect, AskService):
                self.asked = [*getattr(self, "asked", []), effect]
                text = "Pajaknya lunas." if self.outcome == "found" else ""
                self.happens(ServiceAnswered(self.outcome, text))  # type: ignore[arg-type]
        return self


@pytest.fixture
def talk(knows: Knowledge, prompts: Prompts) -> Asks:
    tax = Service("pajak rumah", "nomor pajak", (6,), ("berapa pajak rumah saya",))
    return Asks(dataclasses.replace(knows, services={"layanan-pajak": tax}), prompts)


def test_a_bill_by_words(talk: Asks) -> None:
    talk.says("berapa pajak rumah saya")
    assert talk.step == "service-number" and "nomor pajak" in talk.text
    talk.says("satu dua tiga empat lima enam")
    assert talk.step == "service-confirm" and "satu dua tiga. empat" in talk.text
    talk.says("ya")
    assert talk.asked == [AskService("layanan-pajak", "123456")]
    assert talk.step == "after-information" and "Pajaknya lunas." in talk.text
    talk.says("ulangi")
    assert "Pajaknya lunas." in talk.text


def test_a_bill_by_keys(talk: Asks) -> None:
    talk.presses("3", "1", "123456", "1")
    assert talk.asked == [AskService("layanan-pajak", "123456")]


def test_a_number_that_was_misheard_is_said_again(talk: Asks) -> None:
    talk.says("informasi", "pajak rumah", "satu dua tiga empat lima enam", "tidak")
    assert talk.step == "service-number" and not hasattr(talk, "asked")


def test_too_few_digits_are_asked_for_again(talk: Asks) -> None:
    talk.says("informasi", "pajak rumah", "satu dua tiga")
    assert talk.step == "service-number" and talk.wording == "helpful"


def test_who_does_not_know_the_number_is_back_at_the_menu(talk: Asks) -> None:
    talk.says("informasi", "pajak rumah", "tidak tahu")
    assert talk.step == "menu" and talk.prompts_said[0] == "service-number-unknown"


@pytest.mark.parametrize(
    ("outcome", "step", "prompt"),
    [
        ("missing", "service-number", "service-missing"),
        ("away", "after-information", "service-away"),
        ("unreadable", "after-information", "service-away"),
    ],
)
def test_every_other_outcome_has_its_sentence(talk: Asks, outcome: str, step: str, prompt: str) -> None:
    talk.outcome = outcome
    talk.says("informasi", "pajak rumah", "satu dua tiga empat lima enam", "ya")
    assert (talk.step, talk.prompts_said[0]) == (step, prompt)


def test_without_services_none_is_offered(knows: Knowledge, prompts: Prompts) -> None:
    assert knows.services == {}
    talk = Talk(knows, prompts).says("informasi")
    assert "pajak rumah" not in talk.text
