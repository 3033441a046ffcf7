"""Makes the gateways that a city's `gateways.yaml` names (read by `routing.reach`), with their secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from routing.city_files import CityDataError
from routing.gateways.contract import Gateway
from routing.gateways.http import Http
from routing.gateways.mail import Mail
from routing.gateways.open311 import Open311, Server
from routing.gateways.webhook import Webhook
from routing.reach import Reach
from routing.ways.mail import MailWay


def gateways(reaches: Mapping[str, Reach], secret: Callable[[str], str], mail: MailWay | None) -> dict[str, Gateway]:
    """The gateways themselves, by agency.

    Args:
        secret: gives the value of a variable of the environment; empty when it is not set.

    Raises:
        CityDataError: when a secret is missing or malformed, or there is no server for letters.
    """
    return {agency: _gateway(agency, reach, secret, mail) for agency, reach in reaches.items()}


def _gateway(agency: str, reach: Reach, secret: Callable[[str], str], mail: MailWay | None) -> Gateway:
    if reach.way == "email":
        if mail is None:
            raise CityDataError(f"gateways.yaml: {agency} is written to: set SMTP_URL and MAIL_FROM")
        return Mail(mail, reach.to)
    value = secret(reach.secret)
    if not value:
        raise CityDataError(f"gateways.yaml: {agency} needs the variable {reach.secret} in the environment")
    http = Http(reach.private)
    if reach.way == "webhook":
        try:
            return Webhook(http, reach.url, value)
        except ValueError as error:
            raise CityDataError(f"gateways.yaml: {agency}: {reach.secret}: {error}") from None
    return Open311(http, Server(reach.url, value, reach.jurisdiction, reach.form, reach.services))
