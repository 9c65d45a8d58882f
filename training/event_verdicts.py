"""Our verdicts on which labels the sentences of news tell, for :mod:`copydesk.training.event_teller` and the benchmarks.

The texts are not ours to publish, so a sentence is given by its table, its row and its span. Two kinds: which of the types of
PLOVER a sentence tells, all of them asked; and which of the 8 or 12 labels that were asked, most of them the nearest of 221 from
the lexicon, ACLED, the IPTC's topics and PLOVER's modes.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ConfigError
from copydesk.configs.label_lexicon import KnownLabel, known_labels, spelt_out

VERDICTS = Path(__file__).with_name("event_verdicts.tsv")
"""Ours: columns table, row, start, end, asked, held and doubtful; labels as ``source:name`` with ``;`` between, and
``source:*`` for all of a codebook."""
TEXT_COLUMNS = ("text", "lead", "body")
"""Where a table has its article, the first of them that it has."""
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one sentence.

    :param table: Its table, under the data folder.
    :param row: Of the table.
    :param span: In the article.
    :param text: The sentence, on one line.
    :param asked: The labels that were asked, as ``source:name``.
    :param held: Those that it tells.
    :param doubtful: Those on which nobody should be judged.
    :param is_whole: Whether all labels of a codebook were asked.
    """

    table: str
    row: int
    span: tuple[int, int]
    text: str
    asked: tuple[str, ...]
    held: frozenset[str]
    doubtful: frozenset[str]
    is_whole: bool

    @property
    def is_dev(self) -> bool:
        """Whether it belongs to a development table, and so teaches nothing."""
        return self.table.endswith("_dev")


def read_verdicts(path: Path, data: Path) -> list[Verdict]:
    """The verdicts with their sentences.

    :param data: The folder of the tables.
    :raises ConfigError: If a line can't be read, or names no sentence or no known label.
    """
    articles = _Articles(data)
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            try:
                found.append(_verdict(line, articles))
            except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
                raise ConfigError(
                    f"{dict(line)} is no verdict on a sentence ({type(error).__name__}: {error}).",
                    remedy="Give the columns table, row, start, end, asked, held and doubtful; labels as source:name, ; between.",
                    source=str(path),
                ) from error
    return found


def _verdict(line: Mapping[str, str], articles: "_Articles") -> Verdict:
    refs = line["asked"].split(";")
    asked = [label for ref in refs for label in _labels(ref)]
    held, doubtful = _among(line["held"], asked), _among(line["doubtful"], asked)
    if both := held & doubtful:
        raise ValueError(f"{', '.join(sorted(both))} is held and doubtful")
    row, start, end = int(line["row"]), int(line["start"]), int(line["end"])
    text = articles.text(line["table"], row)
    if not 0 <= start < end <= len(text):
        raise ValueError(f"the article has {len(text)} characters")
    return Verdict(
        table=line["table"],
        row=row,
        span=(start, end),
        text=" ".join(text[start:end].split()),
        asked=tuple(asked),
        held=held,
        doubtful=doubtful,
        is_whole=any(ref.endswith(EVERY) for ref in refs),
    )


def labels_asked(verdicts: Iterable[Verdict]) -> dict[str, Sequence[str]]:
    """The texts of each label that was asked: statements, name and definition, as the tagger reads them."""
    known = _known()
    return {
        label: tuple(text for text in dict.fromkeys((*one.statements, spelt_out(one.names[0]), one.definition)) if text)
        for label in dict.fromkeys(label for verdict in verdicts for label in verdict.asked)
        for one in (known[label],)
    }


def ids_by_reference(codebook: Codebook) -> dict[str, str]:
    """The ids of a codebook's labels by the references that verdicts have for them."""
    return {f"{codebook.name}:{label.name}": label.id for label in codebook.labels}


class _Articles:
    """The texts of tables, each table read once."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._tables: dict[str, Sequence[str]] = {}

    def text(self, table: str, row: int) -> str:
        if table not in self._tables:
            from datasets import load_dataset

            rows = load_dataset("parquet", data_files=str(self._data / f"{table}.parquet"), split="train")
            column = next((name for name in TEXT_COLUMNS if name in rows.column_names), None)
            if column is None:
                raise ValueError(f"{table} has none of the columns {', '.join(TEXT_COLUMNS)}")
            self._tables[table] = rows[column]
        if not 0 <= row < len(self._tables[table]):
            raise ValueError(f"{table} has {len(self._tables[table])} rows")
        return self._tables[table][row]


@cache
def _known() -> Mapping[str, KnownLabel]:
    found: dict[str, KnownLabel] = {}
    for one in known_labels():
        found.setdefault(f"{one.source}:{one.names[0]}", one)
    return found


@cache
def _labels(ref: str) -> tuple[str, ...]:
    found = tuple(
        label for label in _known() if label == ref or (ref.endswith(f":{EVERY}") and label.startswith(ref[:-1]))
    )
    if not found:
        raise ValueError(f"no label is called {ref!r}")
    return found


def _among(refs: str, asked: Sequence[str]) -> frozenset[str]:
    found = frozenset(ref for ref in refs.split(";") if ref)
    if strangers := found - set(asked):
        raise ValueError(f"{', '.join(sorted(strangers))} was not asked")
    return found
