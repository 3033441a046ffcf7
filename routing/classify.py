"""What a report is about: the city's own words, weighed. Pure, and quick enough for a caller who waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from routing.city import City
from routing.emergency import judge
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
    """A category, how sure (0..1), and the words that spoke for it."""

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

    def __init__(self, city: City) -> None:
        self._city = city
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

        Scores are shares of the evidence: 0.8 and more is clear, two near 0.4 are a choice to be offered.
        """
        words = Words(text)
        points, spoke = self._weigh(words)
        verdict = judge(text, self._city)
        if verdict.category is not None and verdict.level != "none":
            points[verdict.category] = points.get(verdict.category, 0.0) + (
                EMERGENCY if verdict.level == "sure" else EMERGENCY / 2
            )
            spoke.setdefault(verdict.category, []).extend(verdict.words)
        ranked = sorted((code for code in points if points[code] >= ENOUGH), key=lambda code: -points[code])[:MOST]
        total = sum(points[code] for code in ranked) + SMOOTHING
        return tuple(Proposal(code, points[code] / total, tuple(dict.fromkeys(spoke[code]))) for code in ranked)

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
