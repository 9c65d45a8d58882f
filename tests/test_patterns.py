"""No regular expression blows up: each is timed on hostile texts, and so is a whole prediction."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from copydesk import ArticlePredictor
from copydesk.configs.boilerplate import boilerplate_lexicon
from copydesk.models.mentions import _owning

SCANNING = {"search", "finditer", "findall", "sub", "subn", "split"}
ANCHORED = {"match", "fullmatch"}

CHARS = 20_000
SECONDS = 0.3
"""Processor time for a pattern on ``CHARS`` characters. A linear scan takes 1 to 20 ms, the quadratic ones took 0.5 s or more."""

UNITS = (
    " ", "\n", "\t", "\r\n", "\u2028", "\0", "a", "A", "é", "1", "_", ".", ",", ":",
    "-", "—", "…", "!", "(", ")", "[", "{", "<",
    '"', "'", "’", "“", "#", "@", "/", "|", "\\", "=", "*", "$", "a ", "A ", "Ab ",
    "A.", "a.", "a, ", "a-", "A-", "a'", "a|", "a/ ",
    "1.", "1,", "1-", "1. ", "$1", "- ", ". ", '. "', "\na", "\n\na", " \n", "(a",
    "(a) ", "[a] ", "<a>", "<S>", '"a" ', "#a ", "@a ",
    "the ", "of the ", "and ", "its ", "with ", "was a ", "please ", "Mr. ", "U.S. ",
    "he said. ", "Photo: ", "(AP) — ",
    "contributed by ", "additional reporting ", "a joint ", "chief of ", "B, which ",
    "http://a.b ", "military-", "Its minister, Tor Vale. ",
)  # fmt: skip
RUNS = (" ", "\n", "a", "A", "1", "-")
PREFIXES = ("", ",", "a", "A. ", "its ", "(", '"""', "file")


def patterns_in(value: Any, depth: int = 0) -> Iterator["re.Pattern[str]"]:
    """The compiled patterns in a module's variable, also inside containers, dataclasses and class bodies."""
    if isinstance(value, re.Pattern):
        yield value
        return
    inner: list[Any] = []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    elif isinstance(value, type):
        inner = list(vars(value).values())
    elif is_dataclass(value):
        inner = [getattr(value, field.name, None) for field in fields(value)]
    if depth < 4:
        for one in inner:
            yield from patterns_in(one, depth + 1)


def uses(tree: ast.Module) -> dict[str, set[str]]:
    """For each name of a module, the methods of patterns that are called on it."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SCANNING | ANCHORED and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def collected() -> Iterator[tuple[str, "re.Pattern[str]", set[str]]]:
    """Name, pattern and the ways to call it, of every pattern that a module of the package holds or compiles in passing."""
    for package in ("configs", "models", "inference", "training"):
        for found in pkgutil.iter_modules(importlib.import_module(f"copydesk.{package}").__path__):
            if found.name == "__main__":
                continue
            try:
                module = importlib.import_module(f"copydesk.{package}.{found.name}")
            except ModuleNotFoundError as error:
                if str(error.name).startswith("copydesk"):
                    raise
                continue  # it needs an extra that isn't installed; the CI has them all
            tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
            used = uses(tree)
            for name, value in vars(module).items():
                if isinstance(value, type) and value.__module__ != module.__name__:
                    continue
                for pattern in patterns_in(value):
                    yield f"{found.name}.{name}", pattern, used.get(name, {"finditer"})
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func).startswith("re.")
                    and (method := ast.unparse(node.func)[3:]) in SCANNING | ANCHORED
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield f"{found.name}:{node.lineno}", re.compile(node.args[0].value), {method}
    lexicon = boilerplate_lexicon()
    for name in ("promotion_pattern", "notice_pattern", "caption_pattern"):
        yield f"boilerplate.{name}", getattr(lexicon, name), {"match"}
    yield "mentions._owning", _owning(), {"finditer"}


PATTERNS = {(pattern.pattern, pattern.flags): (name, pattern, used) for name, pattern, used in collected()}.values()


def ways(pattern: "re.Pattern[str]", used: set[str]) -> Iterator[Callable[[str], object]]:
    if used & SCANNING:
        yield lambda text: sum(1 for _ in pattern.finditer(text))
    if "match" in used:
        yield pattern.match
    if "fullmatch" in used:
        yield pattern.fullmatch


def hostile(chars: int) -> Iterator[str]:
    for unit in UNITS:
        for prefix in PREFIXES if unit in RUNS else ("",):
            yield prefix + (unit * (chars // len(unit))) + "!"


def seconds(call: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    call(text)
    return time.process_time() - begun


def check(pattern: "re.Pattern[str]", used: set[str], chars: int, limit: float) -> None:
    for text in hostile(chars):
        for call in ways(pattern, used):
            took = seconds(call, text[: chars // 10])  # a bad one fails here, before it can hang
            assert took < limit, f"{took:.1f} s for {chars // 10:,} characters of {text[:20]!r}"
            if (took := seconds(call, text)) >= limit:
                took = seconds(call, text)  # the machine may have been busy
            assert took < limit, f"{took:.1f} s for {chars:,} characters of {text[:20]!r}"


def test_the_patterns_are_found() -> None:
    names = {name for name, _, _ in PATTERNS}
    assert len(names) > 60
    assert {"actors._PAIR_LINK", "name_lines._SIGN_OFF", "sentence_ends._ENUMERATOR", "articles._BLANK"} <= names


@pytest.mark.parametrize(("name", "pattern", "used"), PATTERNS, ids=[name for name, _, _ in PATTERNS])
def test_patterns_take_linear_time(name: str, pattern: "re.Pattern[str]", used: set[str]) -> None:  # noqa: ARG001
    check(pattern, used, CHARS, SECONDS)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "pattern", "used"), PATTERNS, ids=[name for name, _, _ in PATTERNS])
def test_patterns_on_a_megabyte(name: str, pattern: "re.Pattern[str]", used: set[str]) -> None:  # noqa: ARG001
    check(pattern, used, 1_000_000, 60.0)  # linear: at most 12 s; what was quadratic took minutes


STORIES = (
    " ", "\n", '"', "(", "1", "A", "a", ".", ",", "- ", "a ", "Ab ", "U.S. ", "a, ",
    "A-", "A.-", "a\n", "1. ", "\n\na", "<b>", "(a) ",
    "Velia, ", "Velia's ", "he said. ", "AP - ", "a/b ", "http://a.b ",
    "Army shelled Orsk. ", "Its minister, Tor Vale, spoke. ",
)  # fmt: skip


def predicted(desk: ArticlePredictor, unit: str, chars: int) -> None:
    text = unit * (chars // len(unit)) + " Police shelled Orsk."
    prediction = desk.predict(text[:999_999])
    for event in prediction.events:
        assert all(text[proof.start : proof.end] == proof.text for proof in event.evidence)


@pytest.mark.parametrize("unit", ["Velia, ", "he said. ", "A-"])
def test_a_prediction_on_a_hostile_text(baseline: ArticlePredictor, unit: str) -> None:
    begun = time.process_time()
    predicted(baseline, unit, 20_000)
    assert time.process_time() - begun < 10, "half a second where nothing is quadratic"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("unit", STORIES)
def test_a_prediction_on_a_hostile_megabyte(baseline: ArticlePredictor, unit: str) -> None:
    predicted(baseline, unit, 999_000)
