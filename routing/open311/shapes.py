"""What the interface answers, field by field: GeoReport v2 and the updates extension. OpenAPI is made of these.

Fields that GeoReport names and we have no value for are null (JSON) or empty (XML), never left out.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]  # ISO 8601, whole seconds, with its zone
ExtendedStatus = Literal[
    "open", "investigating", "in_progress", "fixed", "no_further_action", "duplicate", "cancelled", "reopen"
]


class Endpoint(BaseModel):
    """One address of the interface."""

    specification: str
    url: str
    changeset: str
    type: Literal["production", "test"] = "production"
    formats: list[str] = ["text/xml", "application/json"]


class Discovery(BaseModel):
    """What there is, where, and whom to ask for a key."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Service(BaseModel):
    """Something that can be reported: a category of the city."""

    service_code: str
    service_name: str
    description: str
    metadata: bool = Field(description="whether there is a definition with attributes")
    type: Literal["realtime"] = "realtime"
    keywords: str = Field(description="words, comma between")
    group: str = Field(description="the agency whose work it is")


class Value(BaseModel):
    """One choice of an attribute."""

    key: str
    name: str


class Attribute(BaseModel):
    """What else may be told of a problem; `variable` false: it is only shown to whoever reports."""

    variable: bool
    code: str
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool
    datatype_description: str = ""
    order: int
    description: str
    values: list[Value] = []


class Definition(BaseModel):
    """The attributes of a service."""

    service_code: str
    attributes: list[Attribute]


class Request(BaseModel):
    """One case, as everybody may see it."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str | None = None
    service_name: str | None = None
    service_code: str
    description: str | None = None
    agency_responsible: str | None = None
    service_notice: str | None = None
    requested_datetime: Moment
    updated_datetime: Moment | None = None
    expected_datetime: Moment | None = None
    address: str | None = None
    address_id: str | None = None
    zipcode: str | None = None
    lat: float | None = None
    long: float | None = None
    media_url: str | None = None


class Opened(BaseModel):
    """The answer to a new report: its number, which the citizen can also ask for by telephone."""

    service_request_id: str
    service_notice: str
    account_id: str | None = None


class Token(BaseModel):
    """Numbers are given at once here, so a token is the number itself."""

    service_request_id: str
    token: str


class Update(BaseModel):
    """Something that happened to a case."""

    update_id: str
    service_request_id: str
    status: ExtendedStatus
    updated_datetime: Moment
    description: str
    media_url: str = ""
    external_status_code: str = Field(description="the stage, in the city's own word")


class Updated(BaseModel):
    """The answer to an update: its number."""

    update_id: str
    account_id: str | None = None


class Problem(BaseModel):
    """One thing that is wrong with a request; the description (Indonesian) may be shown to the user."""

    code: int
    description: str
