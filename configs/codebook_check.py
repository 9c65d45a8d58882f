"""Reading a codebook with a critical eye: every fault of the file at once, each with its line and a remedy.

:meth:`Codebook.load` stops at the first fault. This check goes on, and it also finds what loads but codes badly: the same
statement under two labels, two statements that differ in an article only, a placeholder that is spelt wrong.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from copydesk.configs.codebook import Codebook, Label, ancestors, listed_labels
from copydesk.configs.codebook_statements import (
    STATEMENT_KEYS,
    as_list,
    placeholder_faults,
    repetitions,
    statements_of,
)
from copydesk.configs.errors import CodebookError
from copydesk.configs.finding import Finding
from copydesk.configs.toml_places import Path as Place
from copydesk.configs.toml_places import toml_lines

WRITE_LABELS = 'Write [[labels]] and below it id = "…" for each label.'


def check_file(path: str | Path) -> list[Finding]:
    """Everything that is wrong with a codebook file, in the order of its lines.

    :param path: A ``.toml`` codebook, or a text file with a label a line.
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
    return check_text(text) if file.suffix.lower() == ".toml" else list(_check_list(text))


def _check_list(text: str) -> Iterator[Finding]:
    """What is wrong with a list of labels: names that are the same but for their case and spaces."""
    labels = listed_labels(text)
    if not labels:
        yield Finding(1, "error", "There is no label.", "Write one a line.")
    first: dict[str, int] = {}
    for line, label in labels:
        same = " ".join(label.lower().split())
        if same in first:
            yield Finding(line, "error", f"The label {label!r} stands on line {first[same]} too.", "Remove one.")
        first.setdefault(same, line)


def check_text(text: str) -> list[Finding]:
    """The same as :func:`check_file` for the text of a TOML codebook."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_malformed(error, text)]
    except RecursionError:
        return [Finding(1, "error", "The arrays are nested too deeply.", "A codebook needs two levels at most.")]
    lines = toml_lines(text.replace("\r\n", "\n"))
    labels = [
        (place, label) for place, label in enumerate(as_list(data.get("labels"))) if isinstance(label, dict) and label
    ]
    statements = [statement for place, label in labels for statement in statements_of(place, label, lines)]
    parent_of = {str(label.get("id")): label.get("parent") for _, label in labels}
    findings = [
        *_form(data, lines),
        *_ids(labels, lines),
        *_parents(labels, parent_of, lines),
        *_bare(labels, lines),
        *placeholder_faults(statements),
        *repetitions(statements, parent_of),
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
            if not _said_elsewhere(fault, data):
                yield _form_finding(fault, lines)


def _said_elsewhere(fault: ErrorDetails, data: dict[str, Any]) -> bool:
    """Whether another finding tells this fault better."""
    place = fault["loc"]
    return (
        not place  # ids and parents, which have rules of their own
        or (fault["type"] == "string_too_short" and place[-2:-1] and place[-2] in STATEMENT_KEYS)  # an empty statement
        or (fault["type"] == "too_short" and place == ("labels",) and bool(data.get("labels")))  # each label is faulty
    )


def _form_finding(fault: ErrorDetails, lines: Mapping[Place, int]) -> Finding:
    place = fault["loc"]
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 1)
    return Finding(line, "error", *_explained(fault, ".".join(str(part) for part in place)))


def _explained(fault: ErrorDetails, name: str) -> tuple[str, str]:
    """Message and remedy for a fault of pydantic's.

    :param name: Where it is, e.g. ``labels.0.hypotheses``.
    """
    key, given = str(fault["loc"][-1]), fault["input"]
    match fault["type"]:
        case "extra_forbidden":
            known = (Label if fault["loc"][0] == "labels" else Codebook).model_fields
            close = get_close_matches(key, known, n=1)
            told = (
                f"Unknown key {key!r}.",
                f"Did you mean {close[0]!r}?" if close else f"Known keys: {', '.join(known)}.",
            )
        case "greater_than_equal" | "less_than_equal":
            told = f"The threshold {given} is outside 0 to 1.", "Give a probability, e.g. 0.5."
        case "missing":
            told = f"{name} is missing.", WRITE_LABELS if key == "labels" else f"Add {key} = …"
        case "too_short" if key == "labels":
            told = "There is no label.", WRITE_LABELS
        case "model_type":
            told = f"{name} is {given!r}, not a table.", WRITE_LABELS
        case "tuple_type":
            told = f"{name} is {given!r}, not a list.", f"Write [{given!r}]."
        case _:
            told = f"{name}: {fault['msg']}.", "See docs/codebooks.md for what belongs here."
    return told


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


def _parents(
    labels: list[tuple[int, dict[str, Any]]], parent_of: Mapping[str, Any], lines: Mapping[Place, int]
) -> Iterator[Finding]:
    for place, label in labels:
        label_id, parent = str(label.get("id")), label.get("parent")
        line = lines.get(("labels", place, "parent"), 1)
        if parent is None:
            continue
        if parent not in parent_of:
            close = get_close_matches(str(parent), parent_of, n=1)
            remedy = f"Did you mean {close[0]!r}?" if close else "Add that label, or remove the parent."
            yield Finding(line, "error", f"The parent {parent!r} of {label_id!r} is not in the codebook.", remedy)
        elif label_id in ancestors(label_id, parent_of):
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
