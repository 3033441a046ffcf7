"""A report: the story, what it is about, where it is, the read-back."""

from __future__ import annotations

from collections.abc import Sequence

from ivr import understand
from ivr.effects import Effect, Listen, OpenCase, Say
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps import alike, announce, behalf
from ivr.steps.base import PAGE, Move, Step, go, listen, say, waiting, yes_no
from routing.places import Nearby

STORY_MS = 90_000  # longest story in one breath
# How somebody wants to be known; the last that is said counts.
WISHES = ("open", "confidential", "anonymous", "disabled", "behalf")
SECRECY = {"confidential": Say("wish-confidential"), "anonymous": Say("wish-anonymous")}
SURE_PLACE = 0.85  # score from which a place named in the story is offered instead of asked for


def next_question(state: State, knows: Knowledge) -> Move:
    """What is still missing of the report, in the order of asking."""
    if not state.category:
        return _offer_category(state, knows)
    if not state.area_done and state.guess:
        return go(state, "place-confirm")
    if state.nearby and not state.nearby_done and not state.area and (move := to_nearby(state, knows)):
        return move
    if not state.area_done:
        return go(state, "place")
    if not state.landmark_done and announce.known_already(state, knows):
        return go(state, "announced")
    if not state.landmark_done:
        return go(state, "landmark")
    return go(state, "finding-alike" if alike.to_look_for(state, knows) else "read-back")


def take_story(state: State, text: str, knows: Knowledge, **changes: object) -> State:
    """Add words to the report, with a place that they name surely, and where its landmarks may be."""
    words = understand.tidy(text)
    places = knows.find_places(words)
    guess = places[0][0] if places and places[0][1] >= SURE_PLACE and not state.area_done else state.guess
    state = note_wishes(state, understand.mentions(words, *WISHES))
    if near := knows.find_nearby(words):
        state = with_landmark(state, near, near.said)
    said = (*state.said, words) if words else state.said
    return state.but(said=said, recorded=True, guess=guess, **changes)


def note_wishes(state: State, wishes: Sequence[str]) -> State:
    """Keep how the reporter wants to be known. It is read back with the report, and can be taken back there."""
    for wish in wishes:
        match wish:
            case "disabled" | "behalf":
                state = state.but(**{wish: True})
            case _:
                state = state.but(disclosure=wish)
    return state


def with_landmark(state: State, near: Nearby, said: str) -> State:
    """Keep the caller's words of a landmark, and where it may be, to ask about that once the rest is known."""
    words = state.landmark if said in state.landmark else ". ".join(part for part in (state.landmark, said) if part)
    return state.but(landmark=words, nearby=near.areas, nearby_done=False)


def to_nearby(state: State, knows: Knowledge) -> Move | None:
    """The question to which the landmarks lead; None when they may be almost anywhere.

    What is offered first is a guess, so the way to every other area stays open.
    """
    if len(state.nearby) <= PAGE:
        return go(state, "nearby-confirm" if len(state.nearby) == 1 else "nearby-choose", options=state.nearby, page=0)
    around = tuple(dict.fromkeys(knows.area(code).parent or code for code in state.nearby))
    if len(around) > PAGE:
        return None
    others = (area.code for area in knows.city.kecamatan if area.code not in around)
    return go(state, "kecamatan-choose", options=(*around, *others), page=0, nearby_done=True)


def categories_again(state: State, knows: Knowledge) -> State:
    """Back to the choice of a category."""
    return _offer_category(state.but(category=""), knows).state


def _offer_category(state: State, knows: Knowledge) -> Move:
    proposals = [code for code, _ in knows.propose(" ".join(state.said)) if code not in state.rejected][:4]
    if proposals and not state.rejected:
        return go(state, "category-confirm", category=proposals[0], category_by="machine", options=tuple(proposals))
    other = knows.city.other_category
    usual = [c.code for c in knows.city.categories.values() if not c.emergency and c.code != other]
    fresh = [code for code in usual if code not in state.rejected]
    order = tuple(dict.fromkeys([*proposals, *fresh, other, *usual]))
    return go(state, "category-choose", options=order, page=0)


# -- the story


def _ask_story(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "report"), Listen("report", "message", limit_ms=STORY_MS))


def _hear_story(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if not understand.tidy(event.text) and state.tries == 0 and not state.recorded:
        return None  # sound without a known word: ask once more, it is recorded in any case
    state = take_story(state, event.text, knows)
    move = next_question(state, knows)
    return Move(move.state, (Say("report-heard"), *move.before), move.then)


def _key_story(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "2":
        return go(state, "message")
    if keys == "1" or (keys == "#" and state.recorded):
        return next_question(state, knows)
    return None


# -- what it is about


def _ask_category(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    prompt = say(state, "category-confirm", category=knows.category(state.category))
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no")))


def _category_right(state: State, right: bool, knows: Knowledge) -> Move:
    if right:
        return next_question(state.but(category_by="caller"), knows)
    rejected = (*state.rejected, state.category)
    return _offer_category(state.but(category="", rejected=rejected), knows)


def _category_again(state: State, knows: Knowledge) -> State | None:
    """Back to the category that was denied, if there is none now."""
    if state.category or not state.rejected:
        return state if state.category else None
    return state.but(category=state.rejected[-1], rejected=state.rejected[:-1])


def _hear_category(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown"):
        move = next_question(state, knows)
        return Move(move.state, (Say("category-unknown"), *move.before), move.then)
    right = yes_no(state, event.text)
    if right is not None:
        return _category_right(state, right, knows)
    proposals = knows.propose(event.free or event.text)  # "bukan, ini soal sampah"
    if proposals and proposals[0][0] != state.category:
        return go(state, "category-confirm", category=proposals[0][0])
    return None


def _key_category(state: State, keys: str, knows: Knowledge) -> Move | None:
    return _category_right(state, keys == "1", knows) if keys in ("1", "2") else None


# -- where it is


def _ask_landmark(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "landmark"), Listen("landmark", "sentence", limit_ms=30_000))


def _hear_landmark(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "none", "unknown", "next"):
        return next_question(state.but(landmark_done=True), knows)
    words = understand.tidy(event.text)
    places = knows.find_places(words)
    if not state.area and places and places[0][1] >= SURE_PLACE:
        state = state.but(area=places[0][0])
    near = knows.find_nearby(words, asked=True) or Nearby((), "")
    state = with_landmark(state, near, words)
    return next_question(state.but(landmark_done=True, landmark_recorded=True), knows)


def _key_landmark(state: State, keys: str, knows: Knowledge) -> Move | None:
    return next_question(state.but(landmark_done=True), knows) if keys == "#" else None


# -- is it right?


def _ask_read_back(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    slots = {
        "category": knows.category(state.category),
        "place": knows.place(state.area) if state.area else Say("place-missing"),
        "landmark": Say("landmark-recorded" if state.landmark or state.landmark_recorded else "landmark-none"),
        "disclosure": SECRECY.get(state.disclosure, ""),
        "disabled": Say("wish-disabled") if state.disabled else "",
        "behalf": Say("wish-behalf") if state.behalf else "",
    }
    return (say(state, "read-back", **slots), listen(state, "yes-no", understand.phrases("yes", "no", *WISHES)))


def _read_back_right(state: State, right: bool) -> Move:
    if not right:
        return go(state, "correct")
    return go(state, "tell-whom" if behalf.to_ask_whom(state) else "opening")


def _hear_read_back(state: State, event: Heard, knows: Knowledge) -> Move | None:
    wish = understand.means(event.text, *WISHES)
    if wish:
        return Move(note_wishes(state, [wish]).but(tries=0))
    right = yes_no(state, event.text)
    if right is None:
        return _hear_correction(state, event, knows)
    return _read_back_right(state, right)


def _key_read_back(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "3":
        return Move(state.but(tries=0, disclosure="open" if state.disclosure != "open" else "confidential"))
    if keys == "4":
        return Move(state.but(tries=0, disabled=not state.disabled))
    return _read_back_right(state, keys == "1") if keys in ("1", "2") else None


def _ask_correction(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "correct"), listen(state, "menu", understand.correction_phrases()))


def _correct(state: State, what: str, knows: Knowledge) -> Move:
    if what == "category":
        return _offer_category(state.but(rejected=(*state.rejected, state.category), category=""), knows)
    placeless = state.but(area="", area_done=False, guess="", nearby=(), landmark="", landmark_done=False)
    if what == "place":
        return go(placeless, "place")
    return go(placeless, "report", category="", rejected=(), said=())  # the call keeps what was told before


def _hear_correction(state: State, event: Heard, knows: Knowledge) -> Move | None:
    what = understand.correction(event.text)
    return _correct(state, what, knows) if what else None


def _key_correction(state: State, keys: str, knows: Knowledge) -> Move | None:
    what = {"1": "category", "2": "place", "3": "report"}.get(keys)
    return _correct(state, what, knows) if what else None


# -- the case


def open_case(state: State, knows: Knowledge, review: str | None = None) -> OpenCase:
    """The present report as a case, with whatever of it is known."""
    by = "caller" if state.category_by == "caller" else "machine"
    return OpenCase(
        report=state.report,
        category=state.category or (state.emergency if review == "darurat" else "") or knows.city.other_category,
        category_by=by,  # type: ignore[arg-type]
        area=state.area or state.guess or None,
        landmark=state.landmark,
        description=". ".join(state.said),
        disclosure=state.disclosure,  # type: ignore[arg-type]
        disabled=state.disabled,
        tell_number=state.tell_number,
        continues=state.continues,
        review=review or state.review or (None if state.category and (state.said or state.area) else "belum jelas"),
    )


def _ask_opening(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (open_case(state, knows),)


STEPS = {
    "report": Step(_ask_story, _hear_story, _key_story, help="help-report", story=True),
    "category-confirm": Step(_ask_category, _hear_category, _key_category, help="help-confirm", back=_category_again),
    "landmark": Step(
        _ask_landmark,
        _hear_landmark,
        _key_landmark,
        back=lambda state, knows: state.but(landmark_done=False),
        story=True,
    ),
    "read-back": Step(_ask_read_back, _hear_read_back, _key_read_back, help="help-read-back"),
    "correct": Step(_ask_correction, _hear_correction, _key_correction, help="help-choose"),
    "opening": waiting(_ask_opening),
}
