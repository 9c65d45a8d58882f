"""What is not prose is marked, measured on articles of our own wording (``data/marks_articles.txt``).

``python -m pytest tests/test_marks.py -s`` prints the figures of docs/reading.md.
"""

from collections import Counter
from pathlib import Path

import pytest

from copydesk.models.document import Document
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article

SEPARATORS = {"para": "\n\n", "line": "\n", "blank": " ", "nbsp": "\u00a0", "crlf2": "\r\n\r\n", "none": ""}
Part = tuple[int, int, str]


def load_gold() -> dict[str, tuple[str, list[Part]]]:
    """Each article's text with its parts: start, end, and the kind of mark or ``prose``."""
    articles: dict[str, tuple[str, list[Part]]] = {}
    name = ""
    for row in (Path(__file__).parent / "data" / "marks_articles.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("@ "):
            name = row[2:]
            articles[name] = ("", [])
        elif row and not row.startswith("#"):
            head, part = row.split("| ", 1)
            kind, separator = head.split()
            text, parts = articles[name]
            part = part.replace("⏎", "\n")
            parts.append((len(text), len(text) + len(part), kind))
            articles[name] = (text + part + SEPARATORS[separator], parts)
    return articles


GOLD = load_gold()


def read_parts(document: Document) -> list[Part]:
    return [(one.start, one.end, "prose") for one in document.sentences] + [
        (one.start, one.end, one.kind) for one in document.marks
    ]


def score(gold: set[object], found: set[object]) -> tuple[float, float]:
    """Precision and recall."""
    hits = len(gold & found)
    return hits / len(found), hits / len(gold)


def is_prose(parts: list[Part], length: int) -> list[bool]:
    prose = [False] * length
    for start, end, kind in parts:
        prose[start:end] = [kind == "prose"] * (end - start)
    return prose


@pytest.fixture(scope="module")
def read() -> dict[str, list[Part]]:
    return {name: read_parts(read_article(text)) for name, (text, _) in GOLD.items()}


def test_size_of_the_gold_standard():
    kinds = Counter(kind for _, parts in GOLD.values() for _, _, kind in parts)
    assert kinds["prose"] >= 200
    assert sum(kinds.values()) - kinds["prose"] >= 60
    assert set(kinds) == {"prose", "title", "dateline", "byline", "caption", "credit", "promotion", "heading", "sign-off", "furniture"}


def test_precision_and_recall(read, capsys):
    def keyed(parts_of: dict[str, list[Part]], keep) -> set[object]:
        return {(name, *part) for name, parts in parts_of.items() for part in parts if keep(part)}

    gold = {name: parts for name, (_, parts) in GOLD.items()}
    figures = {}
    for label, keep in {
        "sentences, exact span": lambda part: part[2] == "prose",
        "marks, exact span and kind": lambda part: part[2] != "prose",
    }.items():
        figures[label] = score(keyed(gold, keep), keyed(read, keep))
    unkinded = [
        {(name, start, end) for name, parts in table.items() for start, end, kind in parts if kind != "prose"}
        for table in (gold, read)
    ]
    figures["marks, exact span"] = score(*unkinded)
    marked = [
        {
            (name, at)
            for name, (text, _) in GOLD.items()
            for at, prose in enumerate(is_prose(table[name], len(text)))
            if not prose and not text[at].isspace()
        }
        for table in (gold, read)
    ]
    figures["marked characters"] = score(*marked)
    with capsys.disabled():
        kinds = Counter(part[2] for parts in gold.values() for part in parts)
        print(f"\n{len(gold)} articles, {kinds['prose']} sentences, {kinds.total() - kinds['prose']} marked parts")
        for label, (precision, recall) in figures.items():
            print(f"{label:28} precision {precision:.3f}  recall {recall:.3f}")
        for name in gold:
            for part in sorted(set(gold[name]) ^ set(read[name])):
                side = "missed" if part in gold[name] else "wrong "
                print(f"  {side} {name}: {part[2]}: {GOLD[name][0][part[0]:part[1]]!r}")
