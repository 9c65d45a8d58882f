"""Training tables: read through Hugging Face ``datasets`` and checked before any time is spent on them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from copydesk.configs.errors import InputError

Row = dict[str, Any]

_READERS = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".csv": "csv"}
"""Suffix to the name of the reader in ``datasets``."""
HUB_ID_PARTS = 2
"""``owner/name``; a longer path, or one with a table's suffix, is a file and never asked for on the network."""
MIN_EXAMPLES = 2
"""Examples of a class without which it can't be both learnt and judged."""


def load_table(
    table: str, columns: Sequence[str], *, may_be_empty: Sequence[str] = (), limit: int | None = None, seed: int = 0
) -> list[Row]:
    """Read a table and check that it has the columns and that none of their cells is empty.

    :param table: A parquet, JSONL or CSV file, or the id of a data set on the Hugging Face Hub (its ``train`` split).
    :param columns: What must be in it; other columns are left out.
    :param may_be_empty: Those of the columns whose cells may be empty.
    :param limit: Keep at most this many rows, drawn with ``seed``.
    :raises InputError: If the table can't be read, lacks a column, has no row, or has an empty cell in one of the columns.
    """
    data = open_table(table)
    check_columns(data.column_names, columns, table)
    if not len(data):
        raise InputError("the table has no rows.", remedy="Give a table with examples.", source=table)
    data = data.select_columns(list(dict.fromkeys(columns)))
    if limit is not None and limit < len(data):
        data = data.shuffle(seed=seed).select(range(limit))
    rows: list[Row] = data.to_list()
    for number, row in enumerate(rows, start=1):
        check_cells(row, number, columns, may_be_empty, table)
    return rows


def check_columns(there: Sequence[str], wanted: Sequence[str], source: str) -> None:
    """Check that a table has its columns.

    :raises InputError: If one is missing; those that are there are named.
    """
    if missing := [column for column in wanted if column not in there]:
        raise InputError(
            f"the table has no column {missing[0]!r}.",
            remedy=f"It has {', '.join(there)}; name the right one in the recipe.",
            source=source,
        )


def check_cells(row: Row, number: int, columns: Sequence[str], may_be_empty: Sequence[str], source: str) -> None:
    """Check that a row has no empty cell in one of the columns, but for those that may be empty.

    :raises InputError: If it has; the row's number is named.
    """
    empty = [one for one in columns if row[one] in (None, "") and one not in may_be_empty]
    if empty:
        raise InputError(f"row {number} has an empty {empty[0]!r}.", remedy="Fill it or remove the row.", source=source)


def open_table(table: str, *, streaming: bool = False) -> Any:
    """A table as ``datasets`` has it: a ``Dataset``, or an ``IterableDataset`` that is read as it is iterated.

    :raises InputError: If there is no such table, or it is of a kind that can't be read.
    """
    import datasets

    path = Path(table)
    if path.is_file() and path.suffix not in _READERS:
        raise InputError(
            f"tables of type {path.suffix!r} can't be read.", remedy="Give parquet, JSONL or CSV.", source=table
        )
    if not path.is_file() and (path.suffix in _READERS or len(path.parts) > HUB_ID_PARTS):
        raise InputError("there is no such file.", remedy="Look at the recipe's data folder.", source=table)
    if path.is_file() and not path.stat().st_size:
        raise InputError("the table has no rows.", remedy="Give a table with examples.", source=table)
    datasets.disable_progress_bars()
    with reading(table):
        if path.is_file():
            options = {"keep_default_na": False} if path.suffix == ".csv" else {}  # a label "NA" is a word
            kind = _READERS[path.suffix]
            return datasets.load_dataset(kind, data_files=table, split="train", streaming=streaming, **options)
        return datasets.load_dataset(table, split="train", streaming=streaming)


@contextmanager
def reading(table: str) -> Iterator[None]:
    """Turn what ``datasets`` raises over a table into an error that names it.

    :raises InputError: If something in the block can't read the table.
    """
    import datasets

    try:
        yield
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise InputError(
            f"the table can't be read ({' '.join(str(error).split())[:200]}).",
            remedy="Give a file under the recipe's data folder, or a Hub id and a network.",
            source=table,
        ) from error


def check_classes(
    labels: Iterable[str] | Mapping[str, int], known: Sequence[str], *, source: str, judged: bool = True
) -> None:
    """Check that every label is a known one and that each that occurs does so often enough to be learnt.

    :param labels: One label per row, or how often each occurs.
    :param known: What the labels may be.
    :param source: The table or tables, for the message.
    :param judged: Whether some of these rows are held out; where none is, one example of a class is enough.
    :raises InputError: If a label is unknown, there are fewer than two classes, or one has too few examples.
    """
    counts = Counter(labels)
    if unknown := sorted(set(counts) - set(known)):
        raise InputError(
            f"the label {unknown[0]!r} is unknown ({len(unknown)} such in all).",
            remedy=f"Known labels: {', '.join(map(str, known[:20]))}. Rename or drop it in the recipe.",
            source=source,
        )
    if len(counts) < 2:
        raise InputError(
            f"all rows have the label {next(iter(counts))!r}.", remedy="Give at least two classes.", source=source
        )
    rare = [label for label in sorted(counts) if judged and counts[label] < MIN_EXAMPLES]
    if rare:
        raise InputError(
            f"the class {rare[0]!r} has {counts[rare[0]]} example, which can't be both learnt and judged.",
            remedy=f"Give at least {MIN_EXAMPLES} examples, or drop the class in the recipe.",
            source=source,
        )
