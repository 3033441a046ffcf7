"""What other systems send, checked: every field with its bounds, and every mistake told at once, in Indonesian.

OpenAPI describes parameters from the very same classes.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from werkzeug.datastructures import MultiDict

from routing.open311.errors import Refused
from routing.open311.wire import UNPRINTABLE

LONGEST_DESCRIPTION = 4000  # letters; the bound of the published schema of GeoReport v2
MOST_ROWS = 1000  # GeoReport v2: the first 1000, or a span of 90 days, whichever is smaller
SPAN = dt.timedelta(days=90)
MOST_MEDIA = 10
MEDIA = re.compile(r"https?://[^\s<>\"]{4,1000}")
ATTRIBUTE = re.compile(r"attribute\[([\w\-]{1,40})\](?:\[\])?")
YEARS = range(2000, 2101)  # outside of these a date is a slip of the pen, and some databases refuse it


def _moment(value: Any) -> dt.datetime:
    """A W3C date and time; a plus sign that a client forgot to encode has become a space on the way."""
    try:
        moment = dt.datetime.fromisoformat(str(value).strip().replace(" ", "+", 1 if "T" in str(value) else 0))
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise PydanticCustomError("moment", "a date and time such as 2026-11-24T08:00:00+07:00")
    return moment


def _list(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Moment = Annotated[dt.datetime, BeforeValidator(_moment, json_schema_input_type=dt.datetime)]
Listed = BeforeValidator(_list, json_schema_input_type=str)
Code = Annotated[str, Field(max_length=64)]
Name = Annotated[str, Field(max_length=120)]


class Sent(BaseModel):
    """What all have in common. Fields that are not named here are let be."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    jurisdiction_id: Code | None = Field(None, description="the city's code; may be left out")


class NewRequest(Sent):
    """A report. One of `lat` with `long`, `address_string` and `address_id` is needed."""

    api_key: Code | None = Field(None, description="needed, here or in the header X-Api-Key")
    service_code: Code
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False, description="WGS84")
    long: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False, description="WGS84")
    address_string: str = Field("", max_length=500)
    address_id: str = Field("", max_length=64, description="official code of a kelurahan or kecamatan")
    phone: str = Field("", max_length=30, description="kept encrypted: the citizen can ask from it by telephone")
    email: str = Field("", max_length=254, description="not kept")
    first_name: Name = Field("", description="not kept")
    last_name: Name = Field("", description="not kept")
    device_id: Name = Field("", description="not kept")
    account_id: Name = Field("", description="given back, not kept")
    media_url: tuple[str, ...] = Field((), max_length=MOST_MEDIA)
    attributes: dict[str, str] = Field({}, description="as attribute[CODE]; see the service's definition")

    @model_validator(mode="after")
    def _somewhere(self) -> NewRequest:
        if (self.lat is None) != (self.long is None):
            raise PydanticCustomError("half", "lat and long go together")
        if self.lat is None and not (self.address_string or self.address_id):
            raise PydanticCustomError("nowhere", "a place is needed")
        if any(not MEDIA.fullmatch(url) for url in self.media_url):
            raise PydanticCustomError("media", "an address of a picture")
        return self


class NewUpdate(Sent):
    """Something that a citizen, or an agency's own system, adds to a case."""

    api_key: Code | None = Field(None, description="needed, here or in the header X-Api-Key")
    service_request_id: Code
    update_id: Code = Field(description="the sender's own; sending it again changes nothing")
    status: Code
    updated_datetime: Moment | None = None
    description: str = Field("", max_length=2000)
    account_id: Name = ""


class RequestsQuery(Sent):
    """Which cases; by default those of the last 90 days, newest first, 1000 at most."""

    service_request_id: Annotated[tuple[str, ...], Listed] = Field((), max_length=MOST_ROWS)
    service_code: Annotated[tuple[str, ...], Listed] = ()
    status: Annotated[tuple[Literal["open", "closed"], ...], Listed] = ()
    start_date: Moment | None = Field(None, description="of the report; at most 90 days before end_date")
    end_date: Moment | None = None
    updated_after: Moment | None = Field(None, description="of the last change; then no span is assumed")
    updated_before: Moment | None = None
    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS)


class UpdatesQuery(Sent):
    """What happened in which time; by default in the last 24 hours."""

    start_date: Moment | None = None
    end_date: Moment | None = None


class PlainQuery(Sent):
    """Nothing but the city."""


Form = TypeVar("Form", bound=Sent)


def read(form: type[Form], sent: MultiDict[str, str]) -> Form:
    """The checked content of a form or of a query.

    Raises:
        Refused: with 400 and every mistake.
    """
    values: dict[str, Any] = {}
    for name in sent:
        clean = [UNPRINTABLE.sub("", value).strip() for value in sent.getlist(name)]
        filled = [value for value in clean if value]
        if found := ATTRIBUTE.fullmatch(name):
            values.setdefault("attributes", {})[found[1]] = ",".join(filled)[:500]
        elif filled and name != "attributes":  # an empty field counts as none: that is what forms of browsers send
            values[name] = filled if name == "media_url" else filled[0]
    try:
        return form.model_validate(values)
    except ValidationError as error:
        raise Refused(400, *(_mistake(one) for one in error.errors())) from None  # the cause shows what was sent


_MISTAKES = {
    "missing": "wajib diisi",
    "string_too_long": "terlalu panjang, paling banyak {max_length} huruf",
    "too_long": "terlalu banyak, paling banyak {max_length}",
    "float_parsing": "harus berupa angka",
    "finite_number": "harus berupa angka",
    "int_parsing": "harus berupa angka bulat",
    "greater_than_equal": "paling kecil {ge}",
    "less_than_equal": "paling besar {le}",
    "literal_error": "tidak dikenal",
    "moment": "harus waktu seperti 2026-11-24T08:00:00+07:00",
}
_WHOLE = {
    "half": "lat dan long harus diisi bersama.",
    "nowhere": "Tempat kejadian wajib diisi: lat dan long, address_string, atau address_id.",
    "media": "media_url harus alamat http atau https.",
}


def _mistake(error: ErrorDetails) -> str:
    """One sentence, without what was sent: it may be personal."""
    if error["type"] in _WHOLE:
        return _WHOLE[error["type"]]
    said = _MISTAKES.get(error["type"], "tidak benar").format(**error.get("ctx", {}))
    return f"{error['loc'][0] if error['loc'] else 'Isian'} {said}."
