"""The best legal compressions of a sentence: deletions chosen together, under a length limit.

Keeping a word earns the probability that a published headline has it; every word costs a share of the target, so that the
sum that is maximised is the expected F1 of the words (Dinkelbach's method for a ratio; the quantity that ROUGE-1 measures).
The search is over all combinations of non-overlapping deletions: a dynamic programme over (token, characters used) with
dominated states pruned, exact but for a cap on the states of one token. What
it returns has passed every check in :mod:`copydesk.models.guards`.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from copydesk.models.auxiliaries import is_stand_in
from copydesk.models.deletions import Deletion, Kind, deletions
from copydesk.models.guards import is_allowed
from copydesk.models.headline_words import normal, stem
from copydesk.models.learnt_deletions import learnt_gaps
from copydesk.models.phrases import Parse, runs
from copydesk.models.suite import Floats, GapScores
from copydesk.models.words import is_word

HEADLINE_WORDS = 9.5
"""Mean words of a published headline (``news_train``): the reference length in the expected F1."""
STATES = 40
"""States kept for each token; twice as many changed no headline of 200 in ``news_train``."""
FINALISTS = 60
"""Complete compressions that are checked, best first."""
ROUNDS = 3
"""Steps of Dinkelbach's method; the ratio is stable after two."""

_CLOSING = frozenset({",", ";", ":", ".", "?", "!", ")", "]", "”", "''", "’", "%"})
_OPENING = frozenset({"(", "[", "“", "``", "‘", "$"})

DELETION_GAIN: Mapping[Kind, float] = {
    "article": 0.0,
    "adverb": 0.0,
    "calendar": 0.3,
    "aside": 0.0,
    "bracket": 0.0,
    "modifier": -0.05,
    "phrase": -0.15,
    "introduction": 0.0,
    "auxiliary": -0.05,
    "that": 0.0,
    "name": -0.05,
    "owner": -0.1,
    "tail": 0.0,
    "ticker": 1.0,
    "conjunct": -0.1,
}
"""What a deletion earns (or costs) by its kind, in expected matching words: dates go first, inner phrases last."""


@dataclass(frozen=True, slots=True)
class Compression:
    """One legal compression.

    :param kept: Whether each token stays.
    :param score: Expected F1 of its words against a published headline, 0 to 1.
    """

    kept: tuple[bool, ...]
    score: float


GAP_WEIGHT = 0.8
"""What a unit of the gap model's score (a nat) is worth, in expected matching words. On 600 articles of ``news_train``, ROUGE-1
over the lead cut is 5.58 with it and 5.48 with 1.2."""
GAP_FINALISTS = 200
"""Complete compressions with learnt gaps that are checked: the checks refuse more of them."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A deletion in the search.

    :param start: First token.
    :param end: One past the last.
    :param gain: What it earns in the search.
    :param match: What it earns in the compression's score.
    :param is_gap: Whether it is a learnt gap; of these none follows another.
    """

    start: int
    end: int
    gain: float
    match: float
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class _Task:
    """What is searched.

    :param read: The parsed sentence.
    :param keep: Probability of each token to be in the headline.
    :param extra: What each kept token earns on top of its probability.
    :param units: The deletions.
    :param finalists: Complete states that are checked.
    :param closing: What keeping the sentence's last word earns: its full stop goes by itself.
    """

    read: Parse
    keep: Floats
    extra: Floats
    units: Sequence[_Unit]
    finalists: int
    closing: float = 0.0


class _Key(NamedTuple):
    """What a state's future depends on.

    :param used: Characters used.
    :param after_gap: Whether a learnt gap ends here.
    :param verb: Whether a verb is kept.
    """

    used: int
    after_gap: bool
    verb: bool


@dataclass(frozen=True, slots=True)
class _State:
    gain: float
    matches: float
    words: int
    kept: tuple[int, ...] = field(compare=False)


def compressions(
    read: Parse, keep: Floats, *, max_chars: int, max_words: int | None = None, count: int = 1
) -> list[Compression]:
    """The best legal compressions of a sentence, maybe none; best first by what the search knows: what a repeated word takes off
    a score comes after it.

    :param read: The parsed sentence.
    :param keep: Probability of each token to be in the headline, shape (n_tokens,); punctuation's is not read.
    :param max_chars: Longest headline, in code points.
    :param max_words: Longest headline, in words.
    :param count: How many to return at most.
    """
    units = [_Unit(one.start, one.end, gain, gain) for one, gain in _by_rule(read, keep)]
    task = _Task(read, _outside_brackets(read, keep), np.zeros(len(read), dtype=np.float32), units, FINALISTS)
    return _best(task, max_chars, max_words, count)


def gapped_compressions(
    read: Parse, keep: Floats, scores: GapScores, *, max_chars: int, max_words: int | None = None, count: int = 1
) -> list[Compression]:
    """The best legal compressions of a sentence by learnt gaps, maybe none, in the order of :func:`compressions`.

    :param read: The parsed sentence.
    :param keep: As of :func:`compressions`.
    :param scores: The gap model's of the sentence.
    :param max_chars: Longest headline, in code points.
    :param max_words: Longest headline, in words.
    :param count: How many to return at most.
    """
    units = [_Unit(one.start, one.end, GAP_WEIGHT * one.score, 0.0, is_gap=True) for one in learnt_gaps(read, scores)]
    closing = GAP_WEIGHT * float(scores.gaps[read.body_end, len(read)]) if read.body_end < len(read) else 0.0
    task = _Task(read, _outside_brackets(read, keep), GAP_WEIGHT * scores.keeps, units, GAP_FINALISTS, closing)
    return _best(task, max_chars, max_words, count)


def _by_rule(read: Parse, keep: Floats) -> Iterator[tuple[Deletion, float]]:
    """The rules' deletions and what each earns; one that puts an acronym in its name's place earns the acronym, too."""
    for one in deletions(read):
        bares = read.words[one.end - 1] == "("  # "[Harbour Energy Agency (]HEA[)]"
        yield one, DELETION_GAIN[one.kind] + (float(keep[one.end]) if bares else 0.0)


def _outside_brackets(read: Parse, keep: Floats) -> Floats:
    """The probabilities, but 0 for what stands in brackets: 2 in 1,000 published headlines have any, and an acronym that is
    likely to be in one stands there in place of its name."""
    found, opened = keep.copy(), None
    for index, word in enumerate(read.words):
        if word == "(":
            opened = index
        elif word == ")" and opened is not None:
            found[opened:index] = 0.0
            opened = None
    return found


def _best(task: _Task, max_chars: int, max_words: int | None, count: int) -> list[Compression]:
    price, best = 0.2, []
    for _ in range(ROUNDS):
        best = list(_legal(task, price, max_chars, max_words, count))
        if not best:
            return []
        if abs(best[0].score / 2 - price) < 0.01:
            break
        price = best[0].score / 2
    return best


def joined(read: Parse, kept: Sequence[bool]) -> str:
    """The kept tokens as running text, with the sentence's own spacing."""
    parts: list[str] = []
    last = -1
    for index, (start, end) in enumerate(read.spans):
        if kept[index]:
            parts.append((" " if parts and _spaced(read, last, index) else "") + read.text[start:end])
            last = index
    return "".join(parts)


def token_spans(read: Parse, kept: Sequence[bool]) -> list[tuple[int, int]]:
    """The runs of kept tokens, as spans of the sentence; what the parse left out (a list of links) ends a run."""
    found: list[tuple[int, int]] = []
    for start, end in runs([not flag for flag in kept]):
        found.append(read.spans[start])
        for left, right in read.spans[start + 1 : end]:
            if is_word(read.text[found[-1][1] : left]):
                found.append((left, right))
            else:
                found[-1] = (found[-1][0], right)
    return found


def _spaced(read: Parse, left: int, right: int) -> bool:
    """Whether a blank stands between two kept tokens: as in the article where they are neighbours, as usual where not."""
    if left + 1 == right:
        return read.spans[right][0] > read.spans[left][1]
    owns = read.words[right] in {"'", "’"} and read.lower[right + 1 : right + 2] == ("s",)  # "Norvik [Corp.]'s"
    return not owns and read.words[right] not in _CLOSING and read.words[left] not in _OPENING


def _legal(task: _Task, price: float, max_chars: int, max_words: int | None, count: int) -> Iterator[Compression]:
    found = 0
    seen: set[tuple[int, ...]] = set()
    read = task.read
    for state in _search(task, price, max_chars, max_words):
        if state.kept in seen:
            continue
        seen.add(state.kept)
        indices = set(state.kept)
        kept = tuple(index in indices for index in range(len(read)))
        if len(joined(read, kept)) > max_chars or not is_allowed(read, kept):
            continue
        matches = state.matches - _repeated(read, task.keep, state.kept)
        yield Compression(kept, max(0.0, min(1.0, 2 * matches / (state.words + HEADLINE_WORDS))))
        found += 1
        if found == count:
            return


def _repeated(read: Parse, keep: Floats, kept: Sequence[int]) -> float:
    """What words that come again earn too much: a headline has each of them once, as a rule."""
    largest: dict[str, float] = {}
    total = 0.0
    for index in kept:
        if is_word(read.words[index]):
            form = stem(normal(read.words[index]))
            total += float(keep[index])
            largest[form] = max(largest.get(form, 0.0), float(keep[index]))
    return total - sum(largest.values())


def _search(task: _Task, price: float, max_chars: int, max_words: int | None) -> list[_State]:
    """The best complete states, best first: a dynamic programme over the tokens from left to right."""
    read, keep = task.read, task.keep
    end = read.body_end
    by_start: dict[int, list[_Unit]] = {}
    for unit in task.units:
        by_start.setdefault(unit.start, []).append(unit)
    table: list[dict[_Key, _State]] = [{} for _ in range(end + 1)]
    table[0][_Key(0, after_gap=False, verb=False)] = _State(0.0, 0.0, 0, ())
    finals: list[_State] = []
    for index in range(end):
        states = _undominated(table[index])
        width = read.spans[index][1] - read.spans[index][0]
        word = is_word(read.words[index])
        for key, state in states:
            cost = key.used + width + (bool(state.kept) and _spaced(read, state.kept[-1], index))
            words = state.words + word
            if cost <= max_chars and (max_words is None or words <= max_words):
                chance = float(keep[index]) if word else 0.0
                gain = state.gain + chance - price * word + float(task.extra[index])
                on = _Key(cost, after_gap=False, verb=key.verb or _is_verb(read, index))
                _offer(table[index + 1], on, _State(gain, state.matches + chance, words, (*state.kept, index)))
            for unit in by_start.get(index, ()):
                if unit.is_gap and key.after_gap:
                    continue
                gained = _State(state.gain + unit.gain, state.matches + unit.match, state.words, state.kept)
                if unit.end < end:
                    _offer(table[unit.end], key._replace(after_gap=unit.is_gap), gained)
                elif key.verb:
                    finals.append(gained)
    finals.extend(replace(state, gain=state.gain + task.closing) for key, state in _undominated(table[end]) if key.verb)
    return heapq.nlargest(task.finalists, finals, key=lambda state: state.gain)


def _is_verb(read: Parse, index: int) -> bool:
    """Whether a token makes a statement of a headline: a finite verb, or what stays of one."""
    return read.finite[index] or is_stand_in(read, index)


def _offer(states: dict[_Key, _State], key: _Key, state: _State) -> None:
    if key not in states or state.gain > states[key].gain:
        states[key] = state


def _undominated(states: Mapping[_Key, _State]) -> list[tuple[_Key, _State]]:
    """States that no shorter one of their kind beats, the best :data:`STATES` of each kind."""
    kept: list[tuple[_Key, _State]] = []
    best: dict[tuple[bool, bool], float] = {}
    fronts: dict[tuple[bool, bool], list[tuple[_Key, _State]]] = {}
    for key in sorted(states):
        kind = (key.after_gap, key.verb)
        if states[key].gain > best.get(kind, float("-inf")):
            best[kind] = states[key].gain
            fronts.setdefault(kind, []).append((key, states[key]))
    for front in fronts.values():
        kept.extend(front[-STATES:])
    return kept
