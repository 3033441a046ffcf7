"""Choosing from a list, four at a time: categories, kecamatan, kelurahan, information."""

from __future__ import annotations

from collections.abc import Callable

from ivr import understand
from ivr.effects import Effect
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.profiles import profile_of
from ivr.state import State
from ivr.steps import services
from ivr.steps.base import PAGE, Move, Step, go, listen, say
from ivr.steps.report import categories_again, next_question, to_nearby
from ivr.steps.status import answer_again

ORDINALS = (("satu", "pertama"), ("dua", "kedua"), ("tiga", "ketiga"), ("empat", "keempat"))
# What was chosen by voice is read back to who needs that, and what it is kept as until then.
READ_BACK = {"category-choose": ("category-confirm", "category"), "place-choose": ("place-confirm", "guess")}
ASKING, WHOLE = 0.6, 1.0  # share of a question's words: when something is asked; in any utterance

Chosen = Callable[[State, str, Knowledge], Move]


def page_of(state: State) -> tuple[str, ...]:
    pages = max(1, -(-len(state.options) // PAGE))
    first = state.page % pages * PAGE
    return state.options[first : first + PAGE]


def ask_of(prompt: str) -> Callable[[State, Knowledge], tuple[Effect, ...]]:
    def ask(state: State, knows: Knowledge) -> tuple[Effect, ...]:
        names = tuple(understand.tidy(knows.name(code)) for code in state.options)
        numbers = tuple(word for words in ORDINALS for word in words)
        offered = [knows.name(code) for code in page_of(state)]
        return (
            say(state, prompt, options=offered),
            listen(state, "menu", (*names, *numbers, *understand.phrases("next", "unknown", "none"))),
        )

    return ask


def named(state: State, text: str, knows: Knowledge) -> str | None:
    """The option that was said: by name (the longest that fits) or by its place on the page."""
    said = f" {understand.tidy(text)} "
    names = [(len(name), code) for code in state.options if f" {(name := understand.tidy(knows.name(code)))} " in said]
    if names:
        return max(names)[1]
    words = understand.without_fillers(text).split()
    for code, numbers in zip(page_of(state), ORDINALS, strict=False):
        if len(words) <= 3 and any(number in words for number in numbers):
            return code
    return None


def _chooser(
    prompt: str,
    chosen: Chosen,
    guess: Callable[[State, str, Knowledge], str | None],
    back: Callable[[State, Knowledge], State | None],
) -> Step:
    def hear(state: State, event: Heard, knows: Knowledge) -> Move | None:
        code = named(state, event.text, knows) or guess(state, event.free or event.text, knows)
        if code and profile_of(state.pace).confirms and prompt in READ_BACK:
            step, name = READ_BACK[prompt]
            return go(state, step, **{name: code})
        if code:
            return chosen(state, code, knows)
        if understand.means(event.text, "next", "no", "none"):
            return Move(state.but(page=state.page + 1, tries=0))
        return None

    def key(state: State, keys: str, knows: Knowledge) -> Move | None:
        if keys == "#":
            return Move(state.but(page=state.page + 1, tries=0))
        page = page_of(state)
        return chosen(state, page[int(keys) - 1], knows) if keys in "1234"[: len(page)] else None

    return Step(ask_of(prompt), hear, key, help="help-choose", back=back)


def _choose_category(state: State, code: str, knows: Knowledge) -> Move:
    return next_question(state.but(category=code, category_by="caller"), knows)


def _propose(state: State, text: str, knows: Knowledge) -> str | None:
    proposals = knows.propose(text)
    return proposals[0][0] if proposals else None


def choose_kecamatan(state: State, code: str, knows: Knowledge) -> Move:
    """Which kelurahan of it? Those where a landmark was heard come first."""
    inside = tuple(area.code for area in knows.city.kelurahan_of(code))
    near = tuple(area for area in state.nearby if area in inside)
    if near and not state.nearby_done and (move := to_nearby(state.but(nearby=near), knows)):
        return move
    return go(state, "place-choose", options=tuple(dict.fromkeys((*near, *inside))), page=0)


def choose_area(state: State, code: str, knows: Knowledge) -> Move:
    """The caller has said or pressed this very area: no further question about it."""
    return next_question(state.but(area=code, area_done=True, guess=code), knows)


def _nearest_area(state: State, text: str, knows: Knowledge) -> str | None:
    return next((code for code, _ in knows.find_places(text, asked=True) if code in state.options), None)


def choose_information(state: State, code: str, knows: Knowledge) -> Move:
    if code in knows.services:
        return services.begin(state, code)
    item = next(item for item in knows.city.information if item.code == code)
    after = state.but(answer=item.answer, unsure=item.status == "contoh")
    return go(after, "answered", answer_again(after))


def information_about(state: State, text: str, knows: Knowledge, share: float) -> str | None:
    """The information whose question has most of its words in what was asked, at least this share of three words."""
    asked = set(understand.tidy(text).split())
    best = None
    known = [(i.code, i.title, i.questions) for i in knows.city.information if i.code not in state.stale]
    known += [(code, service.title, service.questions) for code, service in knows.services.items()]
    for code, title, questions in known:
        for question in (title, *questions):
            words = set(understand.tidy(question).split())
            if len(words) >= 3 and (common := len(words & asked) / len(words)) >= share:
                best, share = code, common + 1e-9
    return best


def _nearest_information(state: State, text: str, knows: Knowledge) -> str | None:
    return information_about(state, text, knows, ASKING)


# -- back to a choice: what is offered may be another list by now


def _all_kecamatan(state: State, knows: Knowledge) -> State:
    return state.but(options=tuple(area.code for area in knows.city.kecamatan), page=0)


def _same_areas(state: State, knows: Knowledge) -> State | None:
    """None, so that the question before it is asked again, when something else was offered meanwhile."""
    return state.but(page=0) if all(knows.city.area(code) for code in state.options) else None


def _all_information(state: State, knows: Knowledge) -> State:
    return state.but(options=knows.asked_about(state.stale), page=0)


STEPS = {
    "category-choose": _chooser("category-choose", _choose_category, _propose, categories_again),
    "kecamatan-choose": _chooser("kecamatan-choose", choose_kecamatan, _nearest_area, _all_kecamatan),
    "place-choose": _chooser("place-choose", choose_area, _nearest_area, _same_areas),
    "information": _chooser("information", choose_information, _nearest_information, _all_information),
}
