"""Reading a codebook with a critical eye: every fault of the file at once, each with its line and a remedy.

:meth:`Codebook.load` stops at the first fault. This check goes on, and it also finds what loads but codes badly: the same
statement under two labels, two statements that differ in an article only, a placeholder that is spelt wrong.
"""

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from copydesk.configs.codebook import SOURCE, TARGET, Codebook, Label
from copydesk.configs.errors import CodebookError
from copydesk.configs.toml_places import Path as Place
from copydesk.configs.toml_places import toml_lines

Severity = Literal["error", "warning"]

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


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a codebook file.

    :param line: The line of the file, from 1.
    :param severity: An ``error`` stops the codebook from loading or from coding as meant; a ``warning`` makes it code worse.
    :param message: What is wrong.
    :param remedy: What to do about it.
    """

    line: int
    severity: Severity
    message: str
    remedy: str


class _Statement(NamedTuple):
    """A statement of a label, with where it stands."""

    text: str
    label: str
    key: str
    line: int
    tokens: frozenset[str]


def check_file(path: str | Path) -> list[Finding]:
    """Everything that is wrong with a codebook file, in the order of its lines.

    :param path: A ``.toml`` codebook, or a shipped codebook's file.
    :raises CodebookError: If the file can't be read at all.
    """
    file = Path(path)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CodebookError(
            f"it can't be read ({error.strerror}).", remedy="Give the path of a codebook.", source=str(file)
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return [Finding(line, "error", f"Byte {error.start} is not UTF-8.", "Save the file as UTF-8.")]
    return check_text(text)


def check_text(text: str) -> list[Finding]:
    """The same as :func:`check_file` for the text of a codebook."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_malformed(error, text)]
    except RecursionError:
        return [Finding(1, "error", "The arrays are nested too deeply.", "A codebook needs two levels at most.")]
    lines = toml_lines(text.replace("\r\n", "\n"))
    labels = [
        (place, label) for place, label in enumerate(_list(data.get("labels"))) if isinstance(label, dict) and label
    ]
    statements = [statement for place, label in labels for statement in _statements(place, label, lines)]
    findings = [
        *_form(data, lines),
        *_ids(labels, lines),
        *_parents(labels, lines),
        *_bare(labels, lines),
        *_placeholders(statements),
        *_repeated(statements, _families(labels)),
    ]
    return sorted(set(findings), key=lambda finding: (finding.line, finding.severity, finding.message))


def _malformed(error: tomllib.TOMLDecodeError, text: str) -> Finding:
    """``tomllib`` tells the place in its message only: "… (at line 3, column 5)" or "… (at end of document)"."""
    message = str(error)
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(place[1]) if place else text.count("\n") + 1
    column = f" at column {place[2]}" if place else " at the end of the file"
    return Finding(
        line,
        "error",
        f"Not valid TOML{column}: {message.partition(' (at ')[0]}.",
        "Often a quotation mark, comma or bracket is missing here or on the line before.",
    )


def _form(data: dict[str, Any], lines: Mapping[Place, int]) -> Iterator[Finding]:
    """What the codebook's model refuses: unknown keys, wrong types, thresholds outside 0 to 1, missing ids."""
    try:
        Codebook.model_validate(data)
    except ValidationError as error:
        for fault in error.errors():
            if fault["loc"]:  # without a place it is about ids or parents, which have their own rules below
                yield _form_finding(fault, lines)


def _form_finding(fault: ErrorDetails, lines: Mapping[Place, int]) -> Finding:
    place = fault["loc"]
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 1)
    name = ".".join(str(part) for part in place)
    match fault["type"]:
        case "extra_forbidden":
            known = (Label if place[0] == "labels" else Codebook).model_fields
            close = get_close_matches(str(place[-1]), known, n=1)
            remedy = f"Did you mean {close[0]!r}?" if close else f"Known keys: {', '.join(known)}."
            return Finding(line, "error", f"Unknown key {place[-1]!r}.", remedy)
        case "greater_than_equal" | "less_than_equal":
            return Finding(
                line, "error", f"The threshold {fault['input']} is outside 0 to 1.", "Give a probability, e.g. 0.5."
            )
        case "missing":
            return Finding(line, "error", f"{name} is missing.", f"Add {place[-1]} = …")
        case _:
            return Finding(line, "error", f"{name}: {fault['msg']}.", "See docs/codebooks.md for what belongs here.")


def _ids(labels: list[tuple[int, dict[str, Any]]], lines: Mapping[Place, int]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for place, label in labels:
        line = lines.get(("labels", place, "id"), 1)
        if not isinstance(label_id := label.get("id"), str):
            continue
        if label_id in first:
            yield Finding(
                line, "error", f"The id {label_id!r} stands on line {first[label_id]} too.", "Rename or remove one."
            )
        first.setdefault(label_id, line)


def _parents(labels: list[tuple[int, dict[str, Any]]], lines: Mapping[Place, int]) -> Iterator[Finding]:
    parent_of = {str(label.get("id")): label.get("parent") for _, label in labels}
    for place, label in labels:
        label_id, parent = str(label.get("id")), label.get("parent")
        line = lines.get(("labels", place, "parent"), 1)
        if parent is None:
            continue
        if parent not in parent_of:
            close = get_close_matches(str(parent), parent_of, n=1)
            remedy = f"Did you mean {close[0]!r}?" if close else "Add that label, or remove the parent."
            yield Finding(line, "error", f"The parent {parent!r} of {label_id!r} is not in the codebook.", remedy)
        elif label_id in _ancestors(label_id, parent_of):
            yield Finding(line, "error", f"{label_id!r} is its own ancestor.", "Break the circle of parents.")


def _bare(labels: list[tuple[int, dict[str, Any]]], lines: Mapping[Place, int]) -> Iterator[Finding]:
    """A label in a worked-out codebook that has nothing to be compared with but its name."""
    if not any(label.get("hypotheses") or label.get("definition") for _, label in labels):
        return  # a bare list of labels is a codebook too
    for place, label in labels:
        if not (label.get("hypotheses") or label.get("definition")):
            yield Finding(
                lines.get(("labels", place), 1),
                "warning",
                f"The label {label.get('id')!r} has neither hypotheses nor a definition.",
                "Add at least one hypothesis; four to ten that cover its forms work best.",
            )


def _placeholders(statements: list[_Statement]) -> Iterator[Finding]:
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


def _repeated(statements: list[_Statement], families: dict[str, set[str]]) -> Iterator[Finding]:
    """Statements that say the same: within a label, or under two labels, which then can't be told apart.

    A sub-type may repeat its parent's statement, a counter statement the hypothesis of another label; and planned events are
    compared with each other only.
    """
    for earlier, later, overlap in _near_pairs(statements):
        if not _must_differ(earlier, later, families):
            continue
        same = overlap == 1.0
        where = f"{earlier.key} of {earlier.label!r} on line {earlier.line}"
        yield Finding(
            later.line,
            "error" if same and earlier.text == later.text else "warning",
            f"{later.text!r} ({later.label!r}) {'repeats' if same else 'is nearly'} the {where}.",
            "Remove one, or make it say what the other doesn't.",
        )


def _near_pairs(statements: list[_Statement]) -> Iterator[tuple[_Statement, _Statement, float]]:
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


def _must_differ(one: _Statement, other: _Statement, families: dict[str, set[str]]) -> bool:
    if one.label == other.label:  # its hypotheses and its counters must not say the same either
        return one.key == other.key or {one.key, other.key} == {"hypotheses", "counter"}
    if "counter" in (one.key, other.key) or other.label in families.get(one.label, ()):
        return False
    return (one.key in DYAD_KEYS) == (other.key in DYAD_KEYS)


def _statements(place: int, label: dict[str, Any], lines: Mapping[Place, int]) -> Iterator[_Statement]:
    for key in STATEMENT_KEYS:
        for position, text in enumerate(_list(label.get(key))):
            if isinstance(text, str):
                line = lines.get(("labels", place, key, position), 1)
                yield _Statement(text, str(label.get("id")), key, line, _tokens(text))


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


def _families(labels: list[tuple[int, dict[str, Any]]]) -> dict[str, set[str]]:
    """For each label, its ancestors and its descendants."""
    parent_of = {str(label.get("id")): label.get("parent") for _, label in labels}
    families: dict[str, set[str]] = {label_id: set() for label_id in parent_of}
    for label_id in parent_of:
        for ancestor in _ancestors(label_id, parent_of):
            families[label_id].add(ancestor)
            families.setdefault(ancestor, set()).add(label_id)
    return families


def _ancestors(label_id: str, parent_of: dict[str, Any]) -> set[str]:
    """Every label above this one; itself too, if the parents go in a circle."""
    found: set[str] = set()
    parent = parent_of.get(label_id)
    while isinstance(parent, str) and parent not in found:
        found.add(parent)
        parent = parent_of.get(parent)
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
