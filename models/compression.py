"""The best legal compressions of a sentence: deletions chosen together, under a length limit.

Keeping a word earns the probability that a published headline has it; every word costs a share of the target, so that the
sum that is maximised is the expected F1 of the words (Dinkelbach's method for a ratio; the quantity that ROUGE-1 measures).
The search is over all combinations of non-overlapping deletions: a dynamic programme over (token, characters used) with
dominated states pruned, exact but for a cap on the states of one token. What
it returns has passed every check in :mod:`copydesk.models.guards`.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from copydesk.models.deletions import Deletion, Kind, deletions
from copydesk.models.guards import is_allowed
from copydesk.models.phrases import Parse, runs
from copydesk.models.suite import Floats
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


@dataclass(frozen=True, slots=True)
class _State:
    gain: float
    words: int
    kept: tuple[int, ...] = field(compare=False)


def compressions(
    read: Parse, keep: Floats, *, max_chars: int, max_words: int | None = None, count: int = 1
) -> list[Compression]:
    """The best legal compressions of a sentence, best first, maybe none.

    :param read: The parsed sentence.
    :param keep: Probability of each token to be in the headline, shape (n_tokens,); punctuation's is not read.
    :param max_chars: Longest headline, in code points.
    :param max_words: Longest headline, in words.
    :param count: How many to return at most.
    """
    units = deletions(read)
    price, best = 0.2, []
    for _ in range(ROUNDS):
        best = list(_legal(read, keep, units, price, max_chars, max_words, count))
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


def _legal(
    read: Parse,
    keep: Floats,
    units: Sequence[Deletion],
    price: float,
    max_chars: int,
    max_words: int | None,
    count: int,
) -> Iterator[Compression]:
    found = 0
    seen: set[tuple[int, ...]] = set()
    for state in _search(read, keep, units, price, max_chars, max_words):
        if state.kept in seen:
            continue
        seen.add(state.kept)
        indices = set(state.kept)
        kept = tuple(index in indices for index in range(len(read)))
        if len(joined(read, kept)) > max_chars or not is_allowed(read, kept):
            continue
        matches = state.gain + price * state.words
        yield Compression(kept, max(0.0, min(1.0, 2 * matches / (state.words + HEADLINE_WORDS))))
        found += 1
        if found == count:
            return


def _search(
    read: Parse, keep: Floats, units: Sequence[Deletion], price: float, max_chars: int, max_words: int | None
) -> list[_State]:
    """The best complete states, best first: a dynamic programme over the tokens from left to right."""
    end = read.body_end
    by_start: dict[int, list[Deletion]] = {}
    for unit in units:
        by_start.setdefault(unit.start, []).append(unit)
    table: list[dict[int, _State]] = [{} for _ in range(end + 1)]  # per token: characters used → best state
    table[0][0] = _State(0.0, 0, ())
    finals: list[_State] = []
    for index in range(end):
        states = _undominated(table[index])
        width = read.spans[index][1] - read.spans[index][0]
        word = is_word(read.words[index])
        for used, state in states:
            cost = used + width + (bool(state.kept) and _spaced(read, state.kept[-1], index))
            words = state.words + word
            if cost <= max_chars and (max_words is None or words <= max_words):
                gain = state.gain + (float(keep[index]) - price if word else 0.0)
                _offer(table[index + 1], cost, _State(gain, words, (*state.kept, index)))
            for unit in by_start.get(index, ()):
                gained = _State(state.gain + DELETION_GAIN[unit.kind], state.words, state.kept)
                if unit.end >= end:
                    finals.append(gained)
                else:
                    _offer(table[unit.end], used, gained)
    finals.extend(state for _, state in _undominated(table[end]))
    return heapq.nlargest(FINALISTS, finals, key=lambda state: state.gain)


def _offer(states: dict[int, _State], used: int, state: _State) -> None:
    if used not in states or state.gain > states[used].gain:
        states[used] = state


def _undominated(states: Mapping[int, _State]) -> list[tuple[int, _State]]:
    """States that no shorter one beats, the best :data:`STATES` of them."""
    kept: list[tuple[int, _State]] = []
    best = float("-inf")
    for used in sorted(states):
        if states[used].gain > best:
            best = states[used].gain
            kept.append((used, states[used]))
    return kept[-STATES:]
