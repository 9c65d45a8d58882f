"""Headlines that were written for us by deleting words from one sentence of an article of ``news_train``.

Published headlines are rarely made of an article's words, and the reference compressions of ``compression_train`` are no
headlines. These are both: each is the headline that its writer thought most like the published one among those that can be made
of one sentence by deletion alone, in at most 75 characters (docs/headlines.md has the instructions). The texts are not ours to
publish, so a headline is given by its row and its spans in the row's ``lead``.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from copydesk.configs.errors import ConfigError
from copydesk.models.compression import joined, token_spans
from copydesk.models.guards import kept_tokens, sentence_violations
from copydesk.models.phrases import parse
from copydesk.models.schema import Article, Span
from copydesk.models.segmenter import read_article

CHOICES = Path(__file__).with_name("headline_choices.tsv")
"""The table: ``row`` of ``news_train`` and ``spans`` (start-end, with blanks between)."""
HELD_OUT = frozenset({6, 8, 10})
"""Rows of ``news_train`` whose number leaves one of these over 45 teach no model of headlines: they are measured on."""
_MEANING = ("negation:", "attribution:", "numbers:", "hedges:")
"""Checks of what a headline says: one that fails them must not teach which words may go."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A headline that was written.

    :param row: Of the table of articles.
    :param sentence: The place of its sentence in the article, from 0.
    :param words: The sentence's tokens.
    :param kept: Whether each token of the sentence stands in it.
    :param text: The headline.
    :param teaches: Whether it keeps negations, sources, numbers and hedges, so that its gaps may teach.
    """

    row: int
    sentence: int
    words: tuple[str, ...]
    kept: tuple[bool, ...]
    text: str
    teaches: bool


def read_choices(path: Path, table: Path) -> list[Choice]:
    """The written headlines with their sentences.

    :param path: A table as :data:`CHOICES`.
    :param table: ``news_train``.
    :raises ConfigError: If a line is not a row and spans, names no words of one sentence of the table, or repeats a row.
    """
    from datasets import load_dataset

    leads = load_dataset("parquet", data_files=str(table), split="train")["lead"]
    found, rows = [], set[int]()
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            try:
                row = int(line["row"])
                spans = read_spans(line["spans"])
                if row < 0 or row in rows:
                    raise ValueError(line["row"])
                sentences = read_article(Article(leads[row])).sentences
                number = next(at for at, one in enumerate(sentences) if one.start <= spans[0][0] < one.end)
                read, offset = parse(sentences[number].text), sentences[number].start
                kept = tuple(kept_tokens(read, sentences[number], spans))
                if [(offset + start, offset + end) for start, end in token_spans(read, kept)] != spans:
                    raise ValueError(line["spans"])
            except (AttributeError, KeyError, TypeError, ValueError, IndexError, StopIteration) as error:
                raise ConfigError(
                    f"{dict(line)} is no headline of a sentence of {table.name} ({type(error).__name__}).",
                    remedy="Give the columns row and spans (start-end of whole words, with blanks between), each row once.",
                    source=str(path),
                ) from error
            rows.add(row)
            teaches = not any(one.startswith(_MEANING) for one in sentence_violations(read, kept))
            found.append(Choice(row, number, read.words, kept, joined(read, kept), teaches))
    return found


def read_spans(cell: str) -> list[Span]:
    """The spans of a headline as our tables have them: start-end, with blanks between.

    :raises ValueError: If it is something else.
    """
    return [(int(start), int(end)) for start, end in (span.split("-") for span in cell.split())]
