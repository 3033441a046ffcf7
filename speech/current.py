"""The model that is in service now: loaded anew for new calls when its link is changed, while old calls keep theirs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from speech.recognize import Recognizer, RecognizerUnavailable
from speech.vosk_recognizer import VoskRecognizer

RETRY_S = 60.0  # a model that could not be loaded is tried again so much later, should the reason have gone
log = logging.getLogger(__name__)


class CurrentModel:
    """The recogniser of a link such as `var/speech/model`, or of a plain directory. Safe to share between threads.

    Whoever holds a recogniser goes on with it; its memory is free when the last one lets go. Each look at the
    link costs some 20 microseconds, so every call looks.
    """

    def __init__(self, link: Path, load: Callable[[Path], Recognizer] = VoskRecognizer) -> None:
        self._link = link
        self._load = load
        self._lock = threading.Lock()
        self._recognizer: Recognizer | None = None
        self._tried: Path | None = None
        self._retry_at = 0.0

    def recognizer(self) -> Recognizer | None:
        """The newest recogniser that is loaded; None when there is none.

        The first look loads it and takes seconds. A later one that finds another model has it loaded in the
        background and waits for nothing. A model that cannot be loaded leaves the old one in service.
        """
        target = self._link.resolve()
        with self._lock:
            failed = self._retry_at and time.monotonic() >= self._retry_at
            if target == self._tried and not failed:
                return self._recognizer
            first, self._tried, self._retry_at = self._tried is None, target, 0.0
            if first:
                self._recognizer = self._loaded(target)
            else:
                threading.Thread(target=self._exchange, args=(target,), name="load-model", daemon=True).start()
            return self._recognizer

    def _exchange(self, target: Path) -> None:
        fresh = self._loaded(target)
        with self._lock:
            if fresh is not None and self._tried == target:  # not overtaken by a still newer one
                self._recognizer = fresh
                log.info("new calls use %s", fresh.name)

    def _loaded(self, target: Path) -> Recognizer | None:
        try:
            return self._load(target)
        except RecognizerUnavailable as error:
            self._retry_at = time.monotonic() + RETRY_S
            log.error("a model cannot be loaded; what is in service stays, without any the line uses keys: %s", error)
            return None
