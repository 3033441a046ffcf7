"""What a report is about: the city's own words, and what its cases have taught. Pure, and quick enough for a caller.

Rules (keywords.yaml, emergencies) and the trained model are added up as evidence in nats, and the sum is a probability
that has been held against sentences that neither had seen. Where the two disagree, clear rules win: they weigh more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from routing.city import City
from routing.emergency import judge
from routing.learnt import Learnt
from routing.words import Phrase, Words, tokens

# Weights were set by hand and checked on development sentences (tests/routing/test_classify.py reports figures).
STRONG = 3.0
WEAK = 1.0
SECOND_WORD = 1.0  # what each further word of a phrase adds: "lampu merah" outweighs "lampu"
EMERGENCY = 6.0  # what an emergency in the words is worth for its category; half of it when in doubt
PLACE = 0.6  # factor for words that tell where ("depan sekolah"): what a place is does not say what is wrong there
FIRST = 0.5  # the first word of a report against its last: decides between equals
ENOUGH = 1.8  # less than this is a guess: better ask
SMOOTHING = 1.5  # keeps the score of a lonely weak word low
MOST = 4  # no more choices than a caller can keep in mind
# With a trained model (all four fitted on sentences that were kept apart; `flask evaluate table` shows them at work):
RULES = 0.8  # nats a point of the rules is worth beside the model's
TEMPERATURE = 1.3  # divides the sum, so that what is said with 80 % is right eight times in ten
UNLEARNT = -6.0  # nats of a category that the model does not know
UNSUPPORTED = 0.35  # a model that is less sure than this of a few words, with no rule for anything, has guessed:
TELLING = 5  # words, below which "halo selamat siang" and the like are
# Score from which a category that nobody chose is changed, and below which the console says "tidak yakin": the least
# tenth from which eight in ten unseen sentences are right (81 in 100 of 4,569, cross-validated; of the others 46).
SURE_ENOUGH = 0.7
LEAST_SCORE = 0.03  # less is not worth a caller's time
_WHERE = (
    "di depan dekat deket belakang samping sebelah seberang sekitar bawah atas kolong pinggir ke arah menuju dari gang"
    " ngarep hareupeun nang ning ti"  # Javanese, Sundanese
)
WHERE = frozenset(_WHERE.split())
# Words of the categories' descriptions that say nothing by themselves.
_EMPTY = "dan yang di ke tidak orang luar lain dengan atau sedang terjadi adalah dalam"
EMPTY = frozenset(_EMPTY.split())


@dataclass(frozen=True)
class Proposal:
    """A category, how likely it is the right one (0..1), and the words by which rules chose it (see `explain`)."""

    category: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Clue:
    category: str
    phrase: Phrase
    weight: float


class Classifier:
    """Proposes categories for a report; made once per city, shared by all threads."""

    def __init__(self, city: City, learnt: Learnt | None = None) -> None:
        """`learnt`: the city's model; None for a city that goes by its rules alone."""
        self._city = city
        self._learnt = learnt
        self._clues = tuple(self._gather(city))

    @staticmethod
    def _gather(city: City) -> Iterable[_Clue]:
        for code, category in city.categories.items():
            seen: set[str] = set()
            kinds = city.keywords.get(code, {})
            for base, texts in (
                (STRONG, kinds.get("strong", ())),
                (WEAK, kinds.get("weak", ())),
                (WEAK, _described(category.covers)),
            ):
                for text in texts:
                    if text not in seen:
                        seen.add(text)
                        phrase = Phrase.of(text)
                        yield _Clue(code, phrase, base + SECOND_WORD * (len(phrase.words) - 1))

    def propose(self, text: str) -> tuple[Proposal, ...]:
        """Categories for what was said, best first, four at most; none when nothing speaks for any.

        With a model the scores are probabilities; without one they are shares of the evidence: 0.8 and more is
        clear, two near 0.4 are a choice to be offered.
        """
        words = Words(text)
        points, spoke = self._weigh(words)
        verdict = judge(text, self._city, self._learnt)
        if verdict.category is not None and verdict.level != "none":
            points[verdict.category] = points.get(verdict.category, 0.0) + (
                EMERGENCY if verdict.level == "sure" else EMERGENCY / 2
            )
            spoke.setdefault(verdict.category, []).extend(verdict.words)
        if self._learnt is not None:
            return self._weighed(text, self._learnt, points, spoke)
        ranked = sorted((code for code in points if points[code] >= ENOUGH), key=lambda code: -points[code])[:MOST]
        total = sum(points[code] for code in ranked) + SMOOTHING
        return tuple(Proposal(code, points[code] / total, tuple(dict.fromkeys(spoke[code]))) for code in ranked)

    def _weighed(
        self, text: str, learnt: Learnt, points: dict[str, float], spoke: dict[str, list[str]]
    ) -> tuple[Proposal, ...]:
        evidence = {
            code: learnt_nats + RULES * points.get(code, 0.0)
            for code, learnt_nats in learnt.log_probabilities(text).items()
            if code in self._city.categories
        }
        for code in points.keys() - evidence.keys():  # a category that is too new to have taught anything
            evidence[code] = UNLEARNT + RULES * points[code]
        most = max(evidence.values(), default=0.0)
        odds = {code: math.exp((nats - most) / TEMPERATURE) for code, nats in evidence.items()}
        total = sum(odds.values())
        ranked = sorted(odds, key=lambda code: -odds[code])[:MOST]
        unsure = not ranked or odds[ranked[0]] / total < UNSUPPORTED
        guessed = unsure and max(points.values(), default=0.0) < ENOUGH and len(tokens(text)) < TELLING
        return tuple(
            Proposal(code, odds[code] / total, tuple(dict.fromkeys(spoke.get(code, ()))))
            for code in ranked
            if odds[code] / total >= LEAST_SCORE and not guessed
        )

    def explain(self, text: str, proposal: Proposal) -> tuple[str, ...]:
        """The words that spoke for a proposal: the rules' own, or those without which the model would doubt it."""
        return proposal.words or (self._learnt.reasons(text, proposal.category) if self._learnt else ())

    def _weigh(self, words: Words) -> tuple[dict[str, float], dict[str, list[str]]]:
        """Points of each category. A word counts once per category, in its weightiest phrase."""
        hits: dict[str, list[tuple[float, tuple[int, ...], str]]] = {}
        for clue in self._clues:
            at = words.find(clue.phrase, forgiving=True)
            if at:
                weight = clue.weight * (PLACE if self._is_where(words, at[0]) else 1.0)
                early = FIRST * (1 - at[0] / len(words.tokens))  # who complains names the thing first
                hits.setdefault(clue.category, []).append((weight + early, at, clue.phrase.text))
        points: dict[str, float] = {}
        spoke: dict[str, list[str]] = {}
        for category, found in hits.items():
            used: set[int] = set()
            for weight, at, text in sorted(found, key=lambda hit: -hit[0]):
                if used.isdisjoint(at):
                    used.update(at)
                    points[category] = points.get(category, 0.0) + weight
                    spoke.setdefault(category, []).append(text)
        return points, spoke

    @staticmethod
    def _is_where(words: Words, at: int) -> bool:
        """Whether the word tells where, rather than what: "di lampu merah", "depan sekolah"."""
        return at > 0 and words.tokens[at - 1] in WHERE


def _described(covers: str) -> list[str]:
    """Single words of a category's description."""
    return [word for word in tokens(covers) if word not in EMPTY and len(word) > 2]
