"""The place: which kelurahan, said by its name, keyed, or found by what is nearby. Nothing counts until confirmed.

A landmark only leads to a question: "Apakah di Kelurahan Sukasari?" What is told of it is never said as a fact.
"""

from __future__ import annotations

from ivr import understand
from ivr.effects import Effect, Say
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, Step, go, listen, say, yes_no
from ivr.steps.choose import ask_of, choose_area, choose_kecamatan, named, page_of
from ivr.steps.report import SURE_PLACE, next_question, to_nearby, with_landmark

CLOSE = 0.08  # places whose scores lie nearer than this are offered together
MOST_LANDMARKS = 1000  # that are listened for: 11 ms to open a grammar with 900 phrases, 123 ms with 5,400


def _ask_place(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    names = (*knows.city.kelurahan, *knows.city.kecamatan)
    spoken = [(understand.tidy(area.name), "kelurahan" if area.parent else "kecamatan") for area in names]
    phrases = tuple(phrase for name, kind in spoken for phrase in (name, f"{kind} {name}"))
    landmarks = tuple(understand.tidy(name) for name in knows.landmarks()[:MOST_LANDMARKS])
    example = knows.city.kelurahan[0].name
    grammar = (*phrases, *landmarks, *understand.phrases("unknown"))
    return (say(state, "place", example=example), listen(state, "menu", grammar, keys=3, instant="1"))


def _hear_place(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown", "none"):
        return _unknown(state, knows)
    places = knows.find_places(event.text, asked=True) or knows.find_places(event.free, asked=True)
    if not places or places[0][1] < SURE_PLACE:
        for words in (event.text, event.free):
            near = knows.find_nearby(words, asked=True)
            if near and (move := to_nearby(with_landmark(state, near, understand.tidy(words)), knows)):
                return move
    if not places:
        return None
    close = tuple(code for code, score in places if places[0][1] - score < CLOSE)
    # "kelurahan Jatiuwung, kecamatan Cibodas": the kecamatan only says which kelurahan is meant.
    close = tuple(code for code in close if knows.area(code).parent in close) or close
    if len(close) > 1:
        return go(state, "place-choose", options=close, page=0)
    return go(state, "place-confirm", guess=close[0])


def _unknown(state: State, knows: Knowledge) -> Move:
    placeless = state.but(area="", area_done=True, guess="", nearby_done=True)
    move = next_question(placeless, knows)
    return Move(move.state, (Say("place-unknown"), *move.before), move.then)


def _key_place(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "1":
        return go(state, "kecamatan-choose", options=tuple(a.code for a in knows.city.kecamatan), page=0)
    fits = tuple(a.code for a in knows.city.kelurahan if understand.letters_to_keys(a.name).startswith(keys))
    if not fits or len(keys) < 2:
        return None
    if len(fits) == 1:
        return go(state, "place-confirm", guess=fits[0])
    return go(state, "place-choose", options=fits, page=0)


# -- is it there?


def _ask_place_confirm(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    prompt = say(state, "place-confirm", place=knows.place(state.guess))
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no")))


def _place_right(state: State, right: bool, knows: Knowledge) -> Move:
    if not right:
        denied = state.but(guess="", area="", area_done=False)
        near = to_nearby(denied, knows) if state.nearby and not state.nearby_done else None
        return near or Move(denied.but(step="place", tries=1))
    area = knows.area(state.guess)
    if not area.parent:  # a whole kecamatan: which kelurahan of it?
        return choose_kecamatan(state, area.code, knows)
    return choose_area(state, state.guess, knows)


def _hear_place_confirm(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown"):
        return _unknown(state, knows)
    right = yes_no(state, event.text)
    other = None if right else _other_place(event, knows)
    if other and other != state.guess:
        return go(state, "place-confirm", guess=other)
    return None if right is None else _place_right(state, right, knows)


def _other_place(event: Heard, knows: Knowledge) -> str | None:
    """The place that is named instead: "bukan, di Cikokol"."""
    words = understand.tidy(event.free or event.text).split()
    while words and understand.means(words[0], "no"):
        words = words[1:]
    places = knows.find_places(" ".join(words), asked=True)
    return places[0][0] if places and places[0][1] >= SURE_PLACE else None


def _key_place_confirm(state: State, keys: str, knows: Knowledge) -> Move | None:
    return _place_right(state, keys == "1", knows) if keys in ("1", "2") else None


# -- is it near there? Asked because of a landmark


def _ask_nearby(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    prompt = say(state, "nearby-confirm", place=knows.place(state.nearby[0]))
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no", "unknown")))


def _hear_nearby(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown"):
        return _unknown(state, knows)
    right = yes_no(state, event.text)
    if right:
        return _nearby_right(state, state.nearby[0], knows)
    if other := _other_place(event, knows):
        return go(state, "place-confirm", guess=other, nearby_done=True)
    return None if right is None else _not_there(state, knows)


def _nearby_right(state: State, code: str, knows: Knowledge) -> Move:
    if not knows.area(code).parent:
        return choose_kecamatan(state.but(nearby_done=True), code, knows)
    return choose_area(state.but(nearby_done=True), code, knows)


def _not_there(state: State, knows: Knowledge) -> Move:
    """On with what is known for sure: a kecamatan that the caller agreed to, or that they know no kelurahan."""
    state = state.but(nearby_done=True)
    if state.area_done:
        return next_question(state, knows)
    if state.guess:
        return choose_kecamatan(state, state.guess, knows)
    return go(state, "place")


def _key_nearby(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "1":
        return _nearby_right(state, state.nearby[0], knows)
    return _not_there(state, knows) if keys == "2" else None


def _hear_nearby_choice(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown"):
        return _unknown(state, knows)
    code = named(state, event.text, knows)
    if code:
        return _nearby_right(state, code, knows)
    other = _other_place(event, knows)
    if other in state.options:
        return _nearby_right(state, str(other), knows)
    if other:
        return go(state, "place-confirm", guess=other, nearby_done=True)
    return _not_there(state, knows) if understand.means(event.text, "next", "no", "none") else None


def _key_nearby_choice(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "#":
        return _not_there(state, knows)
    page = page_of(state)
    return _nearby_right(state, page[int(keys) - 1], knows) if keys in "1234"[: len(page)] else None


def _open_again(state: State) -> State:
    return state.but(area="", area_done=False, nearby_done=False)


def _back_to_nearby(state: State, knows: Knowledge) -> State | None:
    return _open_again(state).but(options=state.nearby, page=0) if state.nearby else None


STEPS = {
    "place": Step(
        _ask_place,
        _hear_place,
        _key_place,
        help="help-place",
        back=lambda state, knows: _open_again(state).but(guess=""),
        digits=True,
    ),
    "place-confirm": Step(
        _ask_place_confirm,
        _hear_place_confirm,
        _key_place_confirm,
        help="help-confirm",
        back=lambda state, knows: _open_again(state) if state.guess else None,
    ),
    "nearby-confirm": Step(_ask_nearby, _hear_nearby, _key_nearby, help="help-confirm", back=_back_to_nearby),
    "nearby-choose": Step(
        ask_of("nearby-choose"), _hear_nearby_choice, _key_nearby_choice, help="help-choose", back=_back_to_nearby
    ),
}
