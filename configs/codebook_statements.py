"""What is wrong with the statements of a codebook's labels: misspelt placeholders, and statements that say the same."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from copydesk.configs.codebook import SOURCE, TARGET, ancestors
from copydesk.configs.finding import Finding
from copydesk.configs.toml_places import Path as Place

NEAR_IDENTICAL = 0.8
"""Token overlap (Jaccard) from which two statements are near-identical. The closest that say different things in the shipped
codebooks, "<S> will cut aid to <T>." and "<S> will provide aid to <T>.", reach 0.75."""

STATEMENT_KEYS = ("hypotheses", "dyad", "dyad_future", "counter")
DYAD_KEYS = ("dyad", "dyad_future")
PLACEHOLDERS = (SOURCE, TARGET, "{holder}", "{target}")

_BRACKETED = re.compile(r"<[^<>\n]{1,20}>|\{[^{}\n]{0,20}\}|\[[^\[\]\n]{1,20}\]|(?<![\w<])[<{][A-Za-z]{1,6}(?![\w>}])")
_WORD = re.compile(r"<[ST]>|\w+")
_SMALL_WORDS = frozenset({"a", "an", "the"})
_STANDS_FOR = {
    "s": SOURCE, "source": SOURCE, "subject": SOURCE, "actor": SOURCE, "sender": SOURCE,
    "t": TARGET, "target": TARGET, "object": TARGET, "recipient": TARGET,
}  # fmt: skip


class Statement(NamedTuple):
    """A statement of a label, with where it stands."""

    text: str
    label: str
    key: str
    line: int
    tokens: frozenset[str]


def statements_of(place: int, label: Mapping[str, Any], lines: Mapping[Place, int]) -> Iterator[Statement]:
    """The statements of one label.

    :param place: Its number among the file's labels, from 0.
    :param label: The label as it stands in the file, whatever its shape.
    :param lines: The line of every place in the file.
    """
    for key in STATEMENT_KEYS:
        for position, text in enumerate(as_list(label.get(key))):
            if isinstance(text, str):
                line = lines.get(("labels", place, key, position), 1)
                yield Statement(text, str(label.get("id")), key, line, _tokens(text))


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one; that it is none is told elsewhere."""
    return value if isinstance(value, list) else []


def placeholder_faults(statements: Sequence[Statement]) -> Iterator[Finding]:
    """Empty statements, and placeholders that are misspelt, missing or in the wrong kind of statement."""
    for text, _, key, line, _ in statements:
        if not text.strip():
            yield Finding(line, "error", f"An empty statement in {key}.", "Fill it or remove it.")
            continue
        odd = [sign for sign in _BRACKETED.findall(text) if sign not in PLACEHOLDERS]
        for sign in odd:
            yield Finding(
                line,
                "error",
                f"The placeholder {sign} in {key} is not known.",
                f"Did you mean {_intended(sign)}? Known: {', '.join(PLACEHOLDERS)}.",
            )
        if key in DYAD_KEYS and not odd:
            yield from _dyad_placeholders(text, key, line)
        elif key not in DYAD_KEYS and (SOURCE in text or TARGET in text):
            yield Finding(
                line,
                "error",
                f"{SOURCE} and {TARGET} are filled in dyad statements only, not in {key}.",
                "Move the statement to dyad, or name the actors in general words.",
            )


def _dyad_placeholders(text: str, key: str, line: int) -> Iterator[Finding]:
    if SOURCE not in text:
        yield Finding(line, "error", f"A {key} statement without {SOURCE}.", f"Say what {SOURCE} does.")
    elif TARGET not in text:
        yield Finding(
            line, "warning", f"A {key} statement without {TARGET}.", f"Say to whom {SOURCE} does it, as {TARGET}."
        )


def repetitions(statements: Sequence[Statement], parent_of: Mapping[str, Any]) -> Iterator[Finding]:
    """Statements that say the same: within a label, or under two labels, which then can't be told apart.

    A sub-type may repeat its parent's statement, a counter statement the hypothesis of another label; and planned events are
    compared with each other only.
    """
    families = _families(parent_of)
    told: set[tuple[Statement, str]] = set()
    for earlier, later, overlap in sorted(_near_pairs(statements), key=lambda pair: -pair[2]):
        if not _must_differ(earlier, later, families) or (later, earlier.label) in told:
            continue
        told.add((later, earlier.label))  # the closest of a label's statements is enough
        same = overlap == 1.0
        where = f"{earlier.key} of {earlier.label!r} on line {earlier.line}"
        yield Finding(
            later.line,
            "error" if same and earlier.text == later.text else "warning",
            f"{later.text!r} ({later.label!r}) {'repeats' if same else 'is nearly'} the {where}.",
            "Remove one, or make it say what the other doesn't.",
        )


def _near_pairs(statements: Sequence[Statement]) -> Iterator[tuple[Statement, Statement, float]]:
    """Pairs whose token overlap reaches NEAR_IDENTICAL, the earlier first.

    Prefix filtering (Chaudhuri, Ganti and Kaushik, 2006, "A Primitive Operator for Similarity Joins in Data Cleaning"): two
    sets that overlap so much share one of their few rarest tokens, so a codebook of thousands of labels is checked in seconds.
    """
    counts = Counter(token for statement in statements for token in statement.tokens)
    by_token: defaultdict[str, list[int]] = defaultdict(list)
    for at, later in enumerate(statements):
        rarest = sorted(later.tokens, key=lambda token: (counts[token], token))
        prefix = rarest[: len(rarest) - math.ceil(NEAR_IDENTICAL * len(rarest)) + 1]
        for other in sorted({place for token in prefix for place in by_token[token]}):
            earlier = statements[other]
            overlap = len(earlier.tokens & later.tokens) / len(earlier.tokens | later.tokens)
            if overlap >= NEAR_IDENTICAL:
                yield earlier, later, overlap
        for token in prefix:
            by_token[token].append(at)


def _must_differ(one: Statement, other: Statement, families: dict[str, set[str]]) -> bool:
    if one.label == other.label:  # its hypotheses and its counters must not say the same either
        return one.key == other.key or {one.key, other.key} == {"hypotheses", "counter"}
    if "counter" in (one.key, other.key) or other.label in families.get(one.label, ()):
        return False
    return (one.key in DYAD_KEYS) == (other.key in DYAD_KEYS)


def _tokens(text: str) -> frozenset[str]:
    """The words that count, in lower case; the first placeholder is marked, since "<S> hit <T>" is not "<T> hit <S>"."""
    words = _WORD.findall(text)
    first = next((word for word in words if word in (SOURCE, TARGET)), "")
    return frozenset({word.lower() for word in words} - _SMALL_WORDS | ({f"{first} first"} if first else set()))


def _intended(sign: str) -> str:
    """The placeholder that a misspelt one stands for."""
    word = re.sub(r"\W", "", sign).lower()
    if sign[0] == "{" and (close := get_close_matches(word, ("holder", "target"), n=1, cutoff=0.5)):
        return f"{{{close[0]}}}"
    close = get_close_matches(word, _STANDS_FOR, n=1, cutoff=0.5)
    return _STANDS_FOR[close[0]] if close else SOURCE


def _families(parent_of: Mapping[str, Any]) -> dict[str, set[str]]:
    """For each label, its ancestors and its descendants."""
    families: dict[str, set[str]] = {label_id: set() for label_id in parent_of}
    for label_id in parent_of:
        for ancestor in ancestors(label_id, parent_of):
            families[label_id].add(ancestor)
            families.setdefault(ancestor, set()).add(label_id)
    return families
