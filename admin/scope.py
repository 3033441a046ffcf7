"""Who sees what: the control room everything, an agency's officer the cases of that agency, of these never the number.

An officer hears a report's voice only if nothing in the call was confidential, anonymous or another agency's, and reads
the words of a confidential report only after the control room has looked at them (until then it has no agency).
"""

from __future__ import annotations

from collections.abc import Collection

from flask import abort
from flask_security import current_user

from models.cases import Case

CONTROL_ROOM = ("operator", "administrator")


def agency_of_user() -> str:
    """Code of the agency to which whoever asks is confined; empty: the whole city."""
    if any(current_user.has_role(role) for role in CONTROL_ROOM):
        return ""
    return current_user.agency_code or "none"  # an officer without an agency sees nothing


def sees(case: Case) -> bool:
    """Whether the case is any business of whoever asks."""
    agency = agency_of_user()
    return not agency or (case.agency_code == agency and not case.review)


def may_hear(cases: Collection[Case]) -> bool:
    """Whether the sound and the words of a call that made these cases may be heard and read."""
    agency = agency_of_user()
    return not agency or (bool(cases) and all(sees(case) and case.disclosure == "open" for case in cases))


def control_room_only() -> None:
    """Refuse (403) whoever is confined to an agency."""
    if agency_of_user():
        abort(403)
