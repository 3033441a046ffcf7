"""Words and their sounds as one transducer from transition ids to words ("HCL" in Kaldi's terms).

Phones carry no context, so H, C and L need no composition: the words are laid out as a prefix tree whose arcs
are transition ids. A word is put out where it becomes unique. Kaldi's reordered self-loops are assumed: a
state is entered by its "go" and then repeated by its "stay".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from speech.graph.hmm import SILENCE, Hmm, Position
from speech.graph.openfst import TextFst
from speech.recognize import UNKNOWN

Entry = tuple[str, Sequence[str], float]  # a word, one of its readings, and what that reading costs


@dataclass
class _Node:
    """A beginning of words."""

    next: dict[tuple[str, Position], _Node] = field(default_factory=dict)
    ends: list[tuple[str, Position, str, float]] = field(default_factory=list)  # last phone, position, word, cost
    readings: set[int] = field(default_factory=set)  # of which entries this is the beginning


class LexiconFst:
    """Builds the transducer; `fst` holds it."""

    def __init__(self, hmm: Hmm, entries: Sequence[Entry], word_ids: Mapping[str, int], unknown_cost: float) -> None:
        self._hmm = hmm
        self._word_ids = word_ids
        self._entries = entries
        self.fst = TextFst()
        self._between = self.fst.state()
        self._root, silence = self.fst.state(), self.fst.state()
        self.fst.arc(self._between, self._root, 0)
        self.fst.arc(self._between, silence, hmm.go(SILENCE))
        self.fst.arc(silence, silence, hmm.stay(SILENCE))
        self.fst.arc(silence, self._root, 0)
        self.fst.final(self._between)
        self.fst.final(silence)
        self._ends: dict[int, int] = {}
        self._lay_out(_tree(entries))
        self._add_unknown(unknown_cost)

    def _lay_out(self, tree: _Node) -> None:
        stack = [(tree, self._root, False, "")]
        while stack:
            node, state, told, before = stack.pop()
            inside = node is not tree
            for (phone, position), child in node.next.items():
                word = 0
                if not told and len(child.readings) == 1:
                    word = self._word_ids[self._entries[next(iter(child.readings))][0]]
                target = self._heard(self._hmm.id(phone, position))
                self._enter(state, target, phone, position, word, blank=inside, direct=phone != before)
                stack.append((child, target, told or bool(word), phone))
            for phone, position, text, cost in node.ends:
                word = 0 if told else self._word_ids[text]
                target = self._end(self._hmm.id(phone, position))
                self._enter(state, target, phone, position, word, blank=inside, direct=phone != before, cost=cost)

    def _enter(
        self, source: int, target: int, phone: str, position: Position, word: int, *, blank: bool, direct: bool,
        cost: float = 0.0,
    ) -> None:  # fmt: skip
        """One phone: through blanks if it stands inside a word, directly unless it repeats the phone before."""
        phone_id = self._hmm.id(phone, position)
        if blank:
            waiting = self.fst.state()
            self.fst.arc(source, waiting, self._hmm.go(phone_id, blank=True), 0, cost)
            self.fst.arc(waiting, waiting, self._hmm.stay(phone_id, blank=True))
            self.fst.arc(waiting, target, self._hmm.go(phone_id), word)
        if direct:
            self.fst.arc(source, target, self._hmm.go(phone_id), word, cost)

    def _heard(self, phone_id: int) -> int:
        """A new state in which the phone goes on."""
        state = self.fst.state()
        self.fst.arc(state, state, self._hmm.stay(phone_id))
        return state

    def _end(self, phone_id: int) -> int:
        """All words that end with this phone end in one state."""
        if phone_id not in self._ends:
            self._ends[phone_id] = self._heard(phone_id)
            self.fst.arc(self._ends[phone_id], self._between, 0)
        return self._ends[phone_id]

    def _add_unknown(self, cost: float) -> None:
        """`[unk]`: any phones, each at a cost, since CTC has no sound of its own for "something else".

        One phone alone is none: a breath before "enam" would be taken for a word.
        """
        word, middle = self._word_ids[UNKNOWN], self.fst.state()
        for phone in self._hmm.phones:
            first, inner = (self._heard(self._hmm.id(phone, p)) for p in ("B", "I"))
            self._enter(self._root, first, phone, "B", word, blank=False, direct=True, cost=cost)
            self._enter(middle, inner, phone, "I", 0, blank=True, direct=True, cost=cost)
            self.fst.arc(first, middle, 0)
            self.fst.arc(inner, middle, 0)
            self._enter(middle, self._end(self._hmm.id(phone, "E")), phone, "E", 0, blank=True, direct=True, cost=cost)


def _tree(entries: Sequence[Entry]) -> _Node:
    tree = _Node()
    for number, (word, phones, cost) in enumerate(entries):
        alone = len(phones) == 1
        node = tree
        for n, phone in enumerate(phones[:-1]):
            node = node.next.setdefault((phone, "I" if n else "B"), _Node())
            node.readings.add(number)
        node.ends.append((phones[-1], "S" if alone else "E", word, cost))
    return tree
