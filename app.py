"""Wires the parts together; the only file that knows them all.

`create_app(settings)` is the web process; `load_vocabulary` and `prompt_texts` are for set-up: what the
recogniser has to know, and what is rendered before the first call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import structlog
from click import ClickException
from flask import Flask, Response, jsonify
from pydantic import BaseModel
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

import admin
from admin.acting import UnusableSound
from ivr.channels.browser import browser_blueprint
from ivr.channels.browser_places import Places
from ivr.channels.twilio import twilio_blueprint
from ivr.effects import Say
from ivr.knowledge import Knowledge, Service
from ivr.line import CallGate, Line
from ivr.profiles import PACES
from ivr.prompts import Prompts, options
from ivr.steps.base import PAGE
from ivr.vocabulary import Vocabulary
from launch.accounts import accounts_commands
from launch.exports import export_command
from launch.keys import keys_commands
from launch.lookups import lookups_commands
from launch.prompts import prompts_commands
from launch.replay import call_commands
from launch.routing import evaluate_commands, routing_commands
from launch.words import words_commands
from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from models.store.api_keys import ApiKeyStore
from models.store.callers import CallerStore
from models.store.calls import CallStore
from models.store.cases import CaseStore
from models.store.notices import NoticeStore
from models.store.public import PublicStore
from models.store.words import WordStore
from observability import configure_logging, metrics_blueprint
from routing import tickets
from routing.city import City, load_city
from routing.classify import Classifier
from routing.current_places import CurrentPlaces
from routing.emergency import judge
from routing.learnt import usable
from routing.lookups.ask import LookUps, offered
from routing.lookups.cache import RedisCache
from routing.open311.described import Described, described
from routing.open311.server import Parts as Open311Parts
from routing.open311.server import open311_blueprint
from routing.places import PlaceFinder
from routing.queues import Queues
from settings import BadSettings, Settings, load_settings, local_url, named_secret
from speech import spoken
from speech.audio import BadAudio, normalise, read_wav, trim
from speech.clips import ClipStore, sentences
from speech.current import CurrentModel
from speech.espeak import EspeakSynthesizer
from speech.synthesize import STANDARD_PACE

PROMPT_FILE = Path(__file__).parent / "ivr" / "prompts" / "id.yaml"

log = structlog.get_logger(__name__)


def wsgi() -> Flask:
    """For gunicorn: `app:wsgi()`. The model is loaded before the first call, not by it."""
    app = create_app(load_settings())
    app.extensions["line"].hearing()
    return app


def create_app(settings: Settings | None = None) -> Flask:
    """The web process: webhooks and media of calls, the console, health, and the commands of `flask --app app`.

    Args:
        settings: of the environment when left out, as the program `flask` does.
    """
    try:
        settings = settings or load_settings()
    except BadSettings as error:
        raise ClickException(str(error)) from None
    configure_logging(settings.log_level)
    app = Flask(__name__, static_folder=None)
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=1024 * 1024)
    if settings.proxies:  # limits are counted for each visitor, not for the proxy
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    engine = connect(settings.database)
    vault = Vault(settings.keys, settings.lookup_key)
    line = build_line(settings, engine, vault)
    app.extensions["line"] = line
    vocabulary = load_vocabulary(settings, engine, line.knows.city)
    app.cli.add_command(words_commands(vocabulary, f"{local_url(settings)}/health"))
    app.cli.add_command(export_command(engine, line.knows.city))
    app.cli.add_command(accounts_commands(engine, line.knows.city))
    app.cli.add_command(lookups_commands(line.lookups, line.knows.city))
    app.cli.add_command(call_commands(engine, line))
    app.cli.add_command(keys_commands(ApiKeyStore(engine), line.knows.city))
    app.cli.add_command(routing_commands(line.knows.city))
    app.cli.add_command(prompts_commands(PROMPT_FILE, line.knows.city.folder / "prompts.yaml"))
    app.cli.add_command(evaluate_commands(line.knows, line.hearing, EspeakSynthesizer))
    account = (settings.twilio_auth_token, settings.twilio_account_sid)
    app.register_blueprint(twilio_blueprint(line, settings.base_url, *account))
    access = admin.init_app(
        app,
        engine=engine,
        vault=vault,
        recordings=line.recordings,
        settings=settings,
        city=line.knows.city,
        voice=OfficersVoice(line.voice),
    )
    widgets = Places(CallGate(settings.max_widgets))
    app.register_blueprint(browser_blueprint(line, settings.base_url, settings.hosts, widgets, access.limiter))
    app.register_blueprint(open311_blueprint(open311_parts(settings, engine, vault, line), access.limiter))
    app.register_blueprint(metrics_blueprint(settings.metrics_token))
    _add_health(app, settings, engine, line)
    return app


def load_knowledge(settings: Settings, city: City, places: PlaceFinder | CurrentPlaces | None = None) -> Knowledge:
    """What the dialogue knows: the city's data and the pure functions that find meaning in words."""
    learnt = usable(city.folder)
    classifier, places = Classifier(city, learnt), places or PlaceFinder(city)

    def verdict(words: str) -> tuple[str, str | None]:
        found = judge(words, city, learnt)
        return found.level, found.category

    return Knowledge(
        city=city,
        propose=lambda words: [(p.category, p.score) for p in classifier.propose(words)],
        find_places=lambda text, asked=False: [(m.area.code, m.score) for m in places.find(text, asked)],
        find_nearby=places.nearby,
        landmarks=lambda: places.landmarks,
        judge=verdict,  # type: ignore[arg-type]
        digits=spoken.digits_from_words,
        valid_ticket=tickets.valid,
        services={
            code: Service(one.title, one.number, one.digits, one.questions)
            for code, one in offered(city.lookups, partial(named_secret, settings)).items()
        },
        lines=frozenset(target for target, number in _numbers(settings, city).items() if number),
    )


def load_lookups(settings: Settings, city: City) -> LookUps:
    """What asks the owners of the city's other services."""
    vault = Vault(settings.keys, settings.lookup_key)
    secret = partial(named_secret, settings)
    cache = RedisCache(settings.redis)
    return LookUps(city.lookups, secret, cache, vault.lookup, vault.seal_text, vault.open_text)


def load_prompts(city: City) -> Prompts:
    """The product's sentences, and the city's own where it has some."""
    return Prompts(PROMPT_FILE, city.folder / "prompts.yaml")


def build_line(settings: Settings, engine: Engine, vault: Vault) -> Line:
    """All parts of the process's line. A recogniser that fails leaves a line of keys and recordings."""
    city = load_city(settings.city_dir)
    zone = ZoneInfo(city.time_zone)
    places = CurrentPlaces(city, WordStore(engine))
    return Line(
        knows=load_knowledge(settings, city, places),
        places=places,
        prompts=load_prompts(city),
        voice=load_voice(settings),
        hearing=CurrentModel(model_folder(settings)).recognizer,
        calls=CallStore(engine),
        cases=CaseStore(engine),
        notices=NoticeStore(engine),
        announcements=AnnouncementStore(engine),
        callers=CallerStore(engine),
        lookups=load_lookups(settings, city),
        recordings=Recordings(settings.var_dir / "recordings", vault),
        vault=vault,
        queues=Queues(settings.redis),
        gate=CallGate(settings.max_calls),
        numbers=_numbers(settings, city),
        today=lambda: dt.datetime.now(zone).date(),
    )


def open311_parts(settings: Settings, engine: Engine, vault: Vault, line: Line) -> Open311Parts:
    """What other systems reach: the same store, queues and city as the line's."""
    city = line.knows.city
    return Open311Parts(
        city=city,
        places=line.places,
        cases=line.cases,
        public=PublicStore(engine),
        keys=ApiKeyStore(engine),
        enqueue=line.queues.enqueue_case,
        seal=vault.seal_text,
        lookup=vault.lookup,
        base_url=settings.base_url,
    )


def load_voice(settings: Settings) -> ClipStore:
    """The voice of the line with everything that it has said before."""
    return ClipStore(settings.var_dir / "speech" / "clips", EspeakSynthesizer())


class OfficersVoice:
    """The line's voice for the console: an answer is heard before it is sent (`admin.acting.Voice`)."""

    def __init__(self, clips: ClipStore) -> None:
        self._clips = clips

    def said(self, text: str) -> str:
        return spoken.say_text(text)

    def clips(self, text: str) -> tuple[str, ...]:
        return tuple(self._clips.clip(sentence, STANDARD_PACE).key for sentence in sentences(self.said(text)))

    def recorded(self, file: bytes) -> bytes:
        try:
            pcm = normalise(trim(read_wav(file)))
        except BadAudio as error:
            raise UnusableSound(str(error)) from error
        if not pcm:
            raise UnusableSound("the file is silent")
        return pcm

    def pcm(self, key: str) -> bytes | None:
        wav = self._clips.wav(key)
        return read_wav(wav) if wav else None


def _numbers(settings: Settings, city: City) -> dict[str, str]:
    return {
        "emergency": settings.emergency_number or city.emergency_number,
        "operator": settings.operator_number or city.operator_number,
    }


def model_folder(settings: Settings) -> Path:
    """Where the recogniser of this city is: its own Vosk model, or the one that set-up builds."""
    return settings.vosk_model_dir or settings.var_dir / "speech" / "model"


def load_vocabulary(settings: Settings, engine: Engine, city: City) -> Vocabulary | None:
    """What the recogniser knows and how it learns more; None for a city's own model, which stays as it is."""
    if settings.vosk_model_dir:
        return None
    return Vocabulary(WordStore(engine), city, settings.model_dir, model_folder(settings), EspeakSynthesizer(0))


class Health(BaseModel):
    """How the line is; `parts`: whether store, queue and recogniser work."""

    status: Literal["ok", "degraded", "down"]
    parts: dict[str, bool]
    live_calls: int
    max_calls: int
    recogniser: str


def _add_health(app: Flask, settings: Settings, engine: Engine, line: Line) -> None:
    redis = Redis.from_url(settings.redis, socket_timeout=0.5, socket_connect_timeout=0.5)

    @app.get("/health")
    @described(
        Described("Whether calls can be taken; status 503 when nothing can be kept", Health, many=False, errors=())
    )
    def health() -> tuple[Response, int]:
        """200 while calls can be taken, even if poorly ("degraded"); 503 when nothing can be kept."""
        recognizer = line.hearing()  # a look at the link: on a quiet line, too, a new model is loaded
        line.places.look()  # and what was added is found in Open311's addresses
        parts = {"store": True, "queue": True, "recogniser": recognizer is not None}
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            parts["store"] = False
        try:
            redis.ping()
        except RedisError:
            parts["queue"] = False
        status = "ok" if all(parts.values()) else "degraded" if parts["store"] else "down"
        told = {"status": status, "parts": parts, "live_calls": line.gate.live, "max_calls": line.gate.most}
        told["recogniser"] = recognizer.name if recognizer else ""
        return jsonify(told), 503 if status == "down" else 200


# -- what set-up needs to know


def prompt_texts(city: City, prompts: Prompts) -> Iterator[tuple[str, int]]:
    """Each sentence with its pace (words per minute) that is rendered before the first call.

    Sentences without slots at every pace; those made of the city's names at the standard pace, since
    the rarer paces are rendered while the sentence before them plays.
    """
    seen: set[tuple[str, int]] = set()
    today = dt.date.today()
    named = [*_with_names(city, prompts, today), prompts.text(Say("welcome", {"line": city.line_name}), today)]
    for texts, paces in ((prompts.fixed(), PACES), (named, (STANDARD_PACE,))):
        for whole in texts:
            for item in ((sentence, pace) for sentence in sentences(whole) for pace in paces):
                if item not in seen:
                    seen.add(item)
                    yield item


def _with_names(city: City, prompts: Prompts, today: dt.date) -> Iterator[str]:
    categories = [c.name.lower() for c in city.categories.values()]
    for category in categories:
        yield prompts.text(Say("category-confirm", {"category": category}), today)
    names = [*categories, *(item.title for item in city.information), *(area.name for area in city.kecamatan)]
    for name in names:
        yield from (options([name] * PAGE).split(". ")[place].rstrip(".") + "." for place in range(PAGE))
    for item in city.information:
        yield item.answer
    for area in city.kelurahan:
        parent = city.area(area.parent)
        place = f"Kelurahan {area.name}, Kecamatan {parent.name if parent else ''}"
        yield from (prompts.text(Say(name, {"place": place}), today) for name in ("place-confirm", "nearby-confirm"))
        yield from (f"Tempatnya {place}.", *(f"Masalahnya {category}." for category in categories))
    for agency in city.agencies.values():
        yield prompts.text(Say("ticket-agency", {"agency": agency.spoken}), today)
