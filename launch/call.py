"""Places a spoken call against the running line: `script/call` ends here."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from app import load_voice
from ivr.channels.telephone import LineUnreachable, Telephone
from ivr.channels.telephone_caller import ScriptedCaller
from ivr.channels.telephone_record import CallRecord, Happening
from ivr.channels.telephone_voice import NoVoice, Voice
from settings import BadSettings, Settings, load_settings
from speech.audio import BadAudio, silence, write_wav
from speech.spoken import say_digits

WELL, NO_TICKET, CANNOT_CALL = 0, 1, 2
# What earlier calls and other callers may have left to ask, and what nobody has to answer.
BESIDES = {"continue": "tidak", "outcome": "lanjut", "alike": "tidak", "about-you": "lanjut"}
REPORT = {
    "menu": "lapor",
    "report": "lampu jalan mati di depan masjid, sudah tiga malam gelap",
    "category-confirm": "ya",
    "place": "cikokol",
    "place-confirm": "ya",
    "landmark": "dekat masjid raya",
    "read-back": "betul",
    "after-ticket": "tidak",
    **BESIDES,
}
# How a call goes on when everything that --say, --wav and --keys gave has been said.
FINISH = {step: REPORT[step] for step in ("category-confirm", "place-confirm", "read-back", "after-ticket")} | {
    **BESIDES,
    "answered": "ya",
    "place": "tidak tahu",
    "landmark": "tidak ada",
    "after-status": "tidak",
    "after-information": "tidak",
}
COMMANDS = """\
examples:
  script/call                                  a report, then its status, all by voice
  script/call --say lapor --say "jalan berlubang di Cikokol"
  script/call --wav cerita.wav                 a recording of a person; any rate, 8 to 32 bit
  script/call --keys 2 --keys 12345675#        by keys: status of a ticket
  script/call --status 12345675                the same, by voice

--say, --wav and --keys may be given often, in any order; each answers one question of the line. "silence"
and "hang-up" as text do just that. When all is said, the caller says yes and finishes the report."""


class Table:
    """Both sides of the dialogue in two columns, while it goes on."""

    def __init__(self, title: str) -> None:
        self._title = title  # printed when the line has answered
        width = min(shutil.get_terminal_size((110, 24)).columns, 140)
        self._left = max(24, (width - 12) * 6 // 10)
        self._right = max(16, width - 12 - self._left)

    def _head(self) -> None:
        if self._title:
            print(f"\n{self._title}\n")
            self._title = ""
            self._line("", "Sistem", "Warga")
            self._line("", "-" * (self._left - 2), "-" * self._right)

    def show(self, happening: Happening) -> None:
        """Print what a person would hear or do; the machinery stays hidden, but for what went wrong."""
        at, text = _clock(happening.at_ms), happening.text
        match happening.kind:
            case "verb":
                self._head()
            case "prompt":
                self._line(at, text or f"({happening.name})", "")
            case "said":
                self._line(at, "", text)
            case "pressed":
                self._line(at, "", f"[tombol {text}]")
            case "quiet":
                self._line(at, "", "(diam)")
            case "answer":
                self._line("", "", f"  (dijawab setelah {text})")
            case "dialled":
                self._line(at, f"(menyambungkan ke {happening.name}: {text})", "")
            case "failed" | "lost" if not self._title:
                self._line(at, f"(gagal: {happening.name} {text})", "")
            case "end":
                self._line(at, "(telepon ditutup)" if happening.name != "caller" else "", "(menutup telepon)"
                           if happening.name == "caller" else "")  # fmt: skip

    def _line(self, at: str, left: str, right: str) -> None:
        lefts = textwrap.wrap(left, self._left - 2) or [""]
        rights = textwrap.wrap(right, self._right, drop_whitespace=False) or [""]
        for number in range(max(len(lefts), len(rights))):
            said = lefts[number] if number < len(lefts) else ""
            told = rights[number] if number < len(rights) else ""
            print(f"{at if number == 0 else '':>9}  {said:<{self._left}}{told}".rstrip(), flush=True)


def main(arguments: Sequence[str]) -> int:
    """Place the call or calls.

    Returns:
        0 when all went well, 1 when a report got no ticket number, 2 when no call could be placed.
    """
    wanted = _parser().parse_args(arguments)
    try:
        return _place(wanted, load_settings())
    except (BadSettings, LineUnreachable, NoVoice, BadAudio) as error:
        print(f"Cannot call. {error}", file=sys.stderr)
        return CANNOT_CALL
    except KeyboardInterrupt:
        return CANNOT_CALL


def _place(wanted: argparse.Namespace, settings: Settings) -> int:
    clips = load_voice(settings)

    def text_of(key: str) -> str | None:
        clip = clips.by_key(key)
        return clip.text if clip else None

    voice = Voice(wanted.voice, wanted.pace)
    heard: list[CallRecord] = []

    def call(caller: ScriptedCaller, title: str) -> CallRecord:
        table = Table(f"{title}: {wanted.number} -> {settings.base_url}")
        account = (settings.twilio_auth_token, settings.twilio_account_sid)
        telephone = Telephone(
            settings.base_url, *account, wanted.number, text_of=text_of, on_event=table.show, limit_s=wanted.limit
        )
        heard.append(telephone.call(caller))
        return heard[-1]

    try:
        if wanted.sayings:
            first = call(ScriptedCaller(sayings=wanted.sayings, voice=voice, otherwise=FINISH), "Telepon")
            return _tell(first, needs_ticket=False)
        ticket = wanted.status
        if not ticket:
            result = _tell(call(ScriptedCaller(REPORT, voice=voice), "Telepon 1, melapor"), needs_ticket=True)
            if result != WELL:
                return result
            ticket = heard[-1].number_heard()
        ask = {"menu": "cek status", "status": say_digits(ticket), "after-status": "tidak"}
        return _tell(call(ScriptedCaller(ask, voice=voice), "Telepon 2, cek status"), needs_ticket=False)
    finally:
        if wanted.out and heard:
            write_wav(wanted.out, silence(1000).join(bytes(record.heard) for record in heard))
            print(f"Yang terdengar: {wanted.out}")


def _tell(record: CallRecord, needs_ticket: bool) -> int:
    """What came of a call."""
    ticket = record.number_heard()
    times = sorted(answer.ms for answer in record.answer_times if answer.by == "voice")
    if times:
        middle, most = times[len(times) // 2], times[-1]
        print(f"\nDari akhir ucapan sampai jawaban: median {middle} ms, terlama {most} ms ({len(times)} jawaban)")
    if ticket:
        print(f"Nomor laporan: {ticket}")
    if record.outcome == "failed":
        print("The line broke off; its log under var/log says why.", file=sys.stderr)
        return NO_TICKET
    if needs_ticket and not ticket:
        print("The call ended without a ticket number.", file=sys.stderr)
        return NO_TICKET
    return WELL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/call",
        description="Place a spoken call against the running line, and print both sides of it.",
        epilog=COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    say = {"dest": "sayings", "action": "append"}
    parser.add_argument("--say", metavar="TEXT", help="spoken by espeak-ng", **say)  # type: ignore[arg-type]
    parser.add_argument("--wav", metavar="FILE", type=_wav, help="a recording, played", **say)  # type: ignore[arg-type]
    parser.add_argument("--keys", metavar="KEYS", type=_keys, help="0-9 * #, pressed", **say)  # type: ignore[arg-type]
    parser.add_argument("--status", metavar="TICKET", type=_ticket, help="ask for the status of this ticket only")
    parser.add_argument("--number", default="+6281200000001", help="the caller's number, or anonymous (%(default)s)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write what the caller heard to a WAV file")
    parser.add_argument("--voice", default="m3", help="espeak-ng variant of the caller: m1-m8, f1-f5 (%(default)s)")
    parser.add_argument("--pace", type=int, default=130, help="the caller's words per minute (%(default)s)")
    parser.add_argument("--limit", type=float, default=600.0, help="put down after so many seconds (%(default).0f)")
    return parser


def _wav(name: str) -> str:
    if not Path(name).is_file():
        raise argparse.ArgumentTypeError(f"{name} is no file")
    return f"wav:{name}"


def _keys(keys: str) -> str:
    if not keys or set(keys) - set("0123456789*#"):
        raise argparse.ArgumentTypeError(f"{keys!r}: only 0-9, * and # are keys")
    return f"keys:{keys}"


def _ticket(number: str) -> str:
    digits = number.replace(" ", "").replace("-", "")
    if not digits.isdigit():
        raise argparse.ArgumentTypeError(f"{number!r}: a ticket number is digits only")
    return digits


def _clock(ms: int) -> str:
    return f"{ms // 60_000:d}:{ms // 1000 % 60:02d}.{ms % 1000 // 100}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
