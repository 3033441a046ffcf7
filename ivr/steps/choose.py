"""Choosing from a list, four at a time: categories, kecamatan, kelurahan, information. And naming a place."""

from __future__ import annotations

from collections.abc import Callable

from ivr import understand
from ivr.effects import Effect, Say
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps import services
from ivr.steps.base import Move, Step, go, listen, say, yes_no
from ivr.steps.report import next_question

PAGE = 4
ORDINALS = (("satu", "pertama"), ("dua", "kedua"), ("tiga", "ketiga"), ("empat", "keempat"))
ASKING, WHOLE = 0.6, 1.0  # share of a question's words: when something is asked; in any utterance
CLOSE = 0.08  # places whose scores lie nearer than this are offered together

Chosen = Callable[[State, str, Knowledge], Move]


def _page(state: State) -> tuple[str, ...]:
    pages = max(1, -(-len(state.options) // PAGE))
    first = state.page % pages * PAGE
    return state.options[first : first + PAGE]


def _ask(prompt: str) -> Callable[[State, Knowledge], tuple[Effect, ...]]:
    def ask(state: State, knows: Knowledge) -> tuple[Effect, ...]:
        names = tuple(understand.tidy(knows.name(code)) for code in state.options)
        numbers = tuple(word for words in ORDINALS for word in words)
        offered = [knows.name(code) for code in _page(state)]
        return (
            say(state, prompt, options=offered),
            listen(state, "menu", (*names, *numbers, *understand.phrases("next", "unknown", "none"))),
        )

    return ask


def _named(state: State, text: str, knows: Knowledge) -> str | None:
    """The option that was said: by name (the longest that fits) or by its place on the page."""
    said = f" {understand.tidy(text)} "
    names = [(len(name), code) for code in state.options if f" {(name := understand.tidy(knows.name(code)))} " in said]
    if names:
        return max(names)[1]
    words = understand.without_fillers(text).split()
    for code, numbers in zip(_page(state), ORDINALS, strict=False):
        if len(words) <= 3 and any(number in words for number in numbers):
            return code
    return None


def _chooser(prompt: str, chosen: Chosen, guess: Callable[[State, str, Knowledge], str | None], help_: str) -> Step:
    def hear(state: State, event: Heard, knows: Knowledge) -> Move | None:
        code = _named(state, event.text, knows) or guess(state, event.free or event.text, knows)
        if code:
            return chosen(state, code, knows)
        if understand.means(event.text, "next", "no", "none"):
            return Move(state.but(page=state.page + 1, tries=0))
        return None

    def key(state: State, keys: str, knows: Knowledge) -> Move | None:
        if keys == "#":
            return Move(state.but(page=state.page + 1, tries=0))
        page = _page(state)
        return chosen(state, page[int(keys) - 1], knows) if keys in "1234"[: len(page)] else None

    return Step(_ask(prompt), hear, key, help=help_)


def _choose_category(state: State, code: str, knows: Knowledge) -> Move:
    return next_question(state.but(category=code, category_by="caller"), knows)


def _propose(state: State, text: str, knows: Knowledge) -> str | None:
    proposals = knows.propose(text)
    return proposals[0][0] if proposals else None


def _choose_kecamatan(state: State, code: str, knows: Knowledge) -> Move:
    options = tuple(area.code for area in knows.city.kelurahan_of(code))
    return go(state, "place-choose", options=options, page=0)


def choose_area(state: State, code: str, knows: Knowledge) -> Move:
    """The caller has said or pressed this very area: no further question about it."""
    return next_question(state.but(area=code, area_done=True, guess=code), knows)


def _nearest_area(state: State, text: str, knows: Knowledge) -> str | None:
    return next((code for code, _ in knows.find_places(text) if code in state.options), None)


def choose_information(state: State, code: str, knows: Knowledge) -> Move:
    if code in knows.services:
        return services.begin(state, code)
    answer = next(item.answer for item in knows.city.information if item.code == code)
    return go(state, "after-information", Say("answer", {"answer": answer}), answer=answer)


def information_about(text: str, knows: Knowledge, share: float) -> str | None:
    """The information whose question has most of its words in what was asked, at least this share of three words."""
    asked = set(understand.tidy(text).split())
    best = None
    known = [(item.code, item.title, item.questions) for item in knows.city.information]
    known += [(code, service.title, service.questions) for code, service in knows.services.items()]
    for code, title, questions in known:
        for question in (title, *questions):
            words = set(understand.tidy(question).split())
            if len(words) >= 3 and (common := len(words & asked) / len(words)) >= share:
                best, share = code, common + 1e-9
    return best


def _nearest_information(state: State, text: str, knows: Knowledge) -> str | None:
    return information_about(text, knows, ASKING)


# -- the place


def _ask_place(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    names = (*knows.city.kelurahan, *knows.city.kecamatan)
    spoken = [(understand.tidy(area.name), "kelurahan" if area.parent else "kecamatan") for area in names]
    phrases = tuple(phrase for name, kind in spoken for phrase in (name, f"{kind} {name}"))
    example = knows.city.kelurahan[0].name
    return (
        say(state, "place", example=example),
        listen(state, "menu", (*phrases, *understand.phrases("unknown")), keys=3, instant="1"),
    )


def _hear_place(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown", "none"):
        return Move(*_pair(next_question(state.but(area="", area_done=True, guess=""), knows), Say("place-unknown")))
    places = knows.find_places(event.text) or knows.find_places(event.free)
    if not places:
        return None
    close = tuple(code for code, score in places if places[0][1] - score < CLOSE)
    # "kelurahan Jatiuwung, kecamatan Cibodas": the kecamatan only says which kelurahan is meant.
    close = tuple(code for code in close if knows.area(code).parent in close) or close
    if len(close) > 1:
        return go(state, "place-choose", options=close, page=0)
    return go(state, "place-confirm", guess=close[0])


def _pair(move: Move, first: Effect) -> tuple[State, tuple[Effect, ...], tuple[Effect, ...]]:
    return move.state, (first, *move.before), move.then


def _key_place(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "1":
        return go(state, "kecamatan-choose", options=tuple(a.code for a in knows.city.kecamatan), page=0)
    fits = tuple(a.code for a in knows.city.kelurahan if understand.letters_to_keys(a.name).startswith(keys))
    if not fits or len(keys) < 2:
        return None
    if len(fits) == 1:
        return go(state, "place-confirm", guess=fits[0])
    return go(state, "place-choose", options=fits, page=0)


def _ask_place_confirm(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    prompt = say(state, "place-confirm", place=knows.place(state.guess))
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no")))


def _place_right(state: State, right: bool, knows: Knowledge) -> Move:
    if not right:
        return Move(state.but(step="place", tries=1, guess="", area="", area_done=False))
    area = knows.area(state.guess)
    if not area.parent:  # a whole kecamatan: which kelurahan of it?
        return _choose_kecamatan(state, area.code, knows)
    return choose_area(state, state.guess, knows)


def _hear_place_confirm(state: State, event: Heard, knows: Knowledge) -> Move | None:
    right = yes_no(state, event.text)
    if right is not None:
        return _place_right(state, right, knows)
    places = knows.find_places(event.free)  # "bukan, di Cikokol"
    return go(state, "place-confirm", guess=places[0][0]) if places and places[0][0] != state.guess else None


def _key_place_confirm(state: State, keys: str, knows: Knowledge) -> Move | None:
    return _place_right(state, keys == "1", knows) if keys in ("1", "2") else None


_UNDO_CONFIRM = (("area", ""), ("area_done", False))
_UNDO_PLACE = (("area", ""), ("area_done", False), ("guess", ""))

STEPS = {
    "category-choose": _chooser("category-choose", _choose_category, _propose, "help-choose"),
    "kecamatan-choose": _chooser("kecamatan-choose", _choose_kecamatan, _nearest_area, "help-choose"),
    "place-choose": _chooser("place-choose", choose_area, _nearest_area, "help-choose"),
    "information": _chooser("information", choose_information, _nearest_information, "help-choose"),
    "place": Step(_ask_place, _hear_place, _key_place, help="help-place", undo=_UNDO_PLACE, digits=True),
    "place-confirm": Step(
        _ask_place_confirm, _hear_place_confirm, _key_place_confirm, help="help-confirm", undo=_UNDO_CONFIRM
    ),
}
