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
FLOOR = 0.97
"""Least precision and recall; all were 1.0 when it was set (docs/reading.md)."""

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


def non_prose(parts: list[Part], text: str) -> list[int]:
    """Visible characters that are in no sentence."""
    prose = {at for start, end, kind in parts if kind == "prose" for at in range(start, end)}
    return [at for at, char in enumerate(text) if at not in prose and not char.isspace()]


@pytest.fixture(scope="module")
def read() -> dict[str, list[Part]]:
    return {name: read_parts(read_article(text)) for name, (text, _) in GOLD.items()}


def test_size_of_the_gold_standard():
    kinds = Counter(kind for _, parts in GOLD.values() for _, _, kind in parts)
    assert kinds["prose"] >= 200
    assert sum(kinds.values()) - kinds["prose"] >= 60
    assert set(kinds) == {
        "prose",
        "title",
        "dateline",
        "byline",
        "caption",
        "credit",
        "promotion",
        "heading",
        "sign-off",
        "furniture",
    }


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
        {(name, at) for name, parts in table.items() for at in non_prose(parts, GOLD[name][0])}
        for table in (gold, read)
    ]
    figures["marked characters"] = score(*marked)
    with capsys.disabled():
        kinds = Counter(part[2] for parts in gold.values() for part in parts)
        print(f"\n{len(gold)} articles, {kinds['prose']} sentences, {kinds.total() - kinds['prose']} marked parts")
        for label, (precision, recall) in figures.items():
            print(f"{label:28} precision {precision:.3f}  recall {recall:.3f}")
        for name, parts in gold.items():
            for part in sorted(set(parts) ^ set(read[name])):
                side = "missed" if part in parts else "wrong "
                print(f"  {side} {name}: {part[2]}: {GOLD[name][0][part[0] : part[1]]!r}")
    for precision, recall in figures.values():
        assert min(precision, recall) >= FLOOR


PROSE = (
    "He joined the Telegram channel last year.",
    "Join the army, the Telegram channel told them, and see the world.",
    "Follow the money, and you will find a cement works.",
    "Moscow said it would study the outcome.",
    "LONDON traders shrugged off the result.",
    "NATO - the alliance that both want to join - made no comment.",
    "By Tuesday, the shouting had stopped.",
    "Reporting by the newspaper found that turnout had doubled.",
    "A photograph of the loser leaving by a back door was shared widely.",
    "Related claims were dismissed by the court in May.",
    "Share prices fell by a third.",
    "The ministry said the photo was taken in 2017.",
    "Many believe that the restrictions contributed to the deaths.",
    "Polls by CNN and the BBC show a close race.",
    '"Follow us on Telegram," the militia told its supporters.',
    "Subscribe to that view and you will lose the vote, she said.",
    "He was photographed by Reuters outside the court on Friday.",
    "The men, who signed up for the militia last year, were unpaid.",
    "Read the decision before you comment, the judge urged reporters.",
    "Are you safe? That was the first question that they asked her.",
)


@pytest.mark.parametrize("sentence", PROSE)
def test_prose_that_looks_like_boilerplate_stays_prose(sentence):
    context = (
        "Ministers met in Geneva on Monday to discuss the truce.\n\n{}\n\nThe talks go on until Friday, officials said."
    )
    document = read_article(context.format(sentence))
    assert document.marks == ()
    assert sentence.split(maxsplit=2)[2] in " ".join(one.text for one in document.sentences)


LINES = [
    ("dateline", "WASHINGTON, Nov. 16 (Xinhua) --"),
    ("dateline", "Washington (CNN)"),
    ("dateline", "GENEVA/ZURICH (Reuters) -"),
    ("dateline", "ST. PETERSBURG, Fla. —"),
    ("dateline", "Doha, Qatar –"),
    ("dateline", "ISLAMABAD:"),
    ("byline", "By Jane Doe, Staff Writer"),
    ("byline", "Analysis by Jane Doe, BBC News, Brisbane"),
    ("byline", "As told to Jane Doe"),
    ("caption", "FILE PHOTO: Soldiers stand guard near the parliament in June."),
    ("caption", "Watch: Crowds storm the palace gates"),
    ("promotion", "Click here to get our app."),
    ("promotion", "Follow @newsdesk on Twitter"),
    ("promotion", "Have you been affected by the floods? Email haveyoursay@example.org."),
    ("promotion", "Subscribe to The Daily Wrap newsletter"),
    ("furniture", "Story continues below advertisement"),
    ("furniture", "RELATED: How the border was drawn"),
    ("furniture", "READ MORE"),
    ("furniture", "Published: 16 Nov 2021, 10:32 GMT"),
    ("furniture", "5 MIN READ"),
    ("furniture", "* * *"),
    ("furniture", "This story has been corrected to fix a name."),
    ("sign-off", "(Additional reporting by Jane Doe in Kyiv; editing by John Roe)"),
    ("sign-off", "Jane Doe contributed to this report from Kyiv."),
    ("furniture", "This is a rush transcript."),
    ("sign-off", "— Reuters"),
]


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_lines_of_each_kind(kind, line):
    first = ["Ministers met in Geneva on Monday to discuss the truce.", "They left on Tuesday.", "It rained."]
    before = " ".join(first) + "\n\n"
    text = before + line + (" " if kind == "dateline" else "\n\n") + "The talks go on until Friday, officials said."
    document = read_article(text)
    assert {mark.kind for mark in document.marks} == {kind}
    assert [one.text for one in document.sentences] == [*first, "The talks go on until Friday, officials said."]
    assert document.marks[0].start == len(before)
    assert document.marks[-1].end == len(before) + len(line)


def test_a_title_given_beside_the_text_is_found_in_it():
    article = Article(text="Ceasefire Holds.\n\nThe truce held on Monday, officials said.", title="Ceasefire holds")
    document = read_article(article)
    assert [(mark.start, mark.end, mark.kind) for mark in document.marks] == [(0, 16, "title")]
    assert document.title == "Ceasefire holds"


def test_a_title_with_a_full_stop_is_told_by_the_dateline_after_it():
    document = read_article(
        "Police remove candidate from debate.\n\nHEMPSTEAD, N.Y., Sept. 26 (UPI) — The talk began at nine on Monday."
    )
    assert [mark.kind for mark in document.marks] == ["title", "dateline"]


def test_a_byline_between_two_datelines():
    document = read_article("(Reuters) - By Jane Doe \n KARA CITY, April 22 (Reuters) - Orion Lines will open a yard.")
    assert [mark.kind for mark in document.marks] == ["dateline", "byline", "dateline"]
    assert [one.text for one in document.sentences] == ["Orion Lines will open a yard."]


@pytest.mark.parametrize(
    "text",
    [
        "I can't believe this is happening again\nThey should all resign now.",
        "this is so true\nnobody cares about us\nwe should move",
        "@minister you lied to us again #resign\n\nThe whole country saw it on Monday night.",
        "The minister resigned on Monday after a vote of no confidence.\nHe had been in office for two years.",
    ],
)
def test_texts_without_title_get_none(text):
    assert read_article(text).marks == ()
