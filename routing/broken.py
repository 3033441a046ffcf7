"""What a call that lost its line leaves: whether anything was said, and a report of it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from models.store.repair import BrokenCall
from routing.cases import CaseDraft

LOST_CALL = "telepon terputus"  # review: the line broke before the caller had finished

# Questions of a call that are answered by no report: sound alone, without a word of a report, makes no case there.
UNTELLING = ("status", "finding", "after-status", "after-ticket", "information", "after-information", "handed", "ended")


def something_said(call: BrokenCall, has_sound: Callable[[str, int], bool]) -> bool:
    """Words of a report, a category that the caller chose by keys, or sound that no turn has answered."""
    state = call.state
    if state.get("said") or state.get("recorded") or state.get("category_by") == "caller":
        return True
    telling = (sound for sound in call.sound if sound.step not in UNTELLING)
    return any(sound.awaited or has_sound(sound.recording_id, sound.answered_ms) for sound in telling)


def draft_of(call: BrokenCall, report: int) -> CaseDraft:
    """What is known of the report that was being made, for a person to look at."""
    state = call.state
    return CaseDraft(
        origin=f"{call.id}:{report}",
        channel=call.channel,
        call_id=call.id,
        category=str(state.get("category") or ""),
        category_by="machine",
        area=state.get("area") or state.get("guess") or None,
        landmark=str(state.get("landmark") or ""),
        description=". ".join(text for text in state.get("said") or () if text),
        review=LOST_CALL,
        disclosure=str(state.get("disclosure") or "open"),
        disabled=bool(state.get("disabled")),
        reporter_sealed=call.caller_sealed,
        reporter_lookup=call.caller_lookup,
    )
