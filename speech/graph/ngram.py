"""Which word follows which: an interpolated Witten-Bell n-gram, written as an acceptor with back-off arcs.

Witten and Bell (1991): the mass kept for the unseen after a history is t / (n + t), n words counted there,
t different ones. It needs no held-out text and is sound on little text, which is what we have.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from speech.graph.openfst import TextFst

_START, _END = "<s>", "</s>"
History = tuple[str, ...]


class WittenBell:
    """Probabilities of a word after the words before it; every word of the vocabulary has some."""

    def __init__(self, sentences: Iterable[Sequence[str]], vocabulary: Sequence[str], order: int = 3) -> None:
        self._order = order
        self._known: dict[History, dict[str, float]] = {}
        self._backoff: dict[History, float] = {}
        counts = self._count(sentences)
        start = counts[0][()]
        total, kinds = start.total(), max(len(start), 1)
        even = kinds / (len(vocabulary) + 1)
        self._known[()] = {w: (start[w] + even) / (total + kinds) for w in [*vocabulary, _END]}
        for histories in counts[1:]:
            for history, after in histories.items():
                total, kinds = after.total(), len(after)
                self._backoff[history] = kinds / (total + kinds)
                self._known[history] = {
                    w: (n + kinds * self.probability(w, history[1:])) / (total + kinds) for w, n in after.items()
                }

    def _count(self, sentences: Iterable[Sequence[str]]) -> list[dict[History, Counter[str]]]:
        counts: list[dict[History, Counter[str]]] = [defaultdict(Counter) for _ in range(self._order)]
        counts[0][()] = Counter()
        for sentence in sentences:
            words = [_START, *sentence, _END]
            for at in range(1, len(words)):
                for length in range(min(self._order, at + 1)):
                    counts[length][tuple(words[at - length : at])][words[at]] += 1
        return counts

    def probability(self, word: str, history: History) -> float:
        while history not in self._known:
            history = history[1:]
        if word in self._known[history]:
            return self._known[history][word]
        return self._backoff[history] * self.probability(word, history[1:])

    def fst(self, word_ids: Mapping[str, int]) -> TextFst:
        """Acceptor over word ids; unseen words are reached through epsilon arcs to shorter histories."""
        fst = TextFst()
        start: History = (_START,) if (_START,) in self._known else ()
        histories = sorted(self._known, key=lambda history: history != start)
        states = {history: fst.state() for history in histories}

        def longest(history: History) -> int:
            while history not in states:
                history = history[1:]
            return states[history]

        for history in histories:
            state = states[history]
            for word, probability in self._known[history].items():
                cost = -math.log(probability)
                if word == _END:
                    fst.final(state, cost)
                else:
                    following = (*history, word)[1 - self._order :] if self._order > 1 else ()
                    fst.arc(state, longest(following), word_ids[word], word_ids[word], cost)
            if history:
                fst.arc(state, longest(history[1:]), 0, 0, -math.log(self._backoff[history]))
        return fst
