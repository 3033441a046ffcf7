"""Text messages, WhatsApp and call-backs through Twilio."""

from __future__ import annotations

import datetime as dt
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from routing.notify import NotSent

# Twilio's errors that no later try mends: not a number, not a mobile, blocked, opted out, no such WhatsApp account.
FINAL = frozenset({21211, 21214, 21217, 21219, 21610, 21612, 21614, 30003, 30005, 30006, 63003, 63024})
LONGEST_TEXT = 1600  # letters; Twilio refuses more


class _Twilio:
    """What the three have in common: one account, one number of ours."""

    def __init__(self, client: Client, number: str) -> None:
        self._client, self._number = client, number

    def _ask(self, ask: Any) -> Any:
        try:
            return ask()
        except TwilioRestException as error:
            raise NotSent(f"Twilio {error.code or error.status}", final=error.code in FINAL) from None
        except (TwilioException, requests.RequestException, OSError) as error:
            raise NotSent(f"Twilio tidak terjangkau: {type(error).__name__}") from None


class MessageWay(_Twilio):
    """A text message; with `prefix` "whatsapp:" one of WhatsApp."""

    def __init__(self, client: Client, number: str, prefix: str = "") -> None:
        super().__init__(client, prefix + number)
        self._prefix = prefix

    def send(self, to: str, subject: str, text: str, notice_id: str) -> str:
        made = self._ask(
            lambda: self._client.messages.create(to=self._prefix + to, from_=self._number, body=text[:LONGEST_TEXT])
        )
        return str(made.sid)

    def find(self, to: str, text: str, notice_id: str, since: dt.datetime) -> str | None:
        def sent() -> Any:
            return self._client.messages.list(
                to=self._prefix + to, from_=self._number, date_sent_after=since - dt.timedelta(minutes=1), limit=50
            )

        return next((str(one.sid) for one in self._ask(sent) if one.body == text[:LONGEST_TEXT]), None)


class CallWay(_Twilio):
    """A call that says the notice in the line's own voice: Twilio asks our webhook what to say.

    Args:
        base_url: as Twilio reaches us; the webhook is of `ivr.channels.twilio`.
    """

    def __init__(self, client: Client, number: str, base_url: str) -> None:
        super().__init__(client, number)
        self._base_url = base_url

    def send(self, to: str, subject: str, text: str, notice_id: str) -> str:
        made = self._ask(
            lambda: self._client.calls.create(
                to=to,
                from_=self._number,
                url=f"{self._base_url}/twilio/notice?notice={notice_id}",
                status_callback=f"{self._base_url}/twilio/notice-over?notice={notice_id}",
                timeout=30,
            )
        )
        return str(made.sid)

    def find(self, to: str, text: str, notice_id: str, since: dt.datetime) -> str | None:
        def placed() -> Any:
            return self._client.calls.list(to=to, from_=self._number, start_time_after=since, limit=5)

        return next((str(one.sid) for one in self._ask(placed)), None)
