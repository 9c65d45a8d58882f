"""Training tables that are too large to hold: read row by row through Hugging Face ``datasets``, anew on every pass.

Before training the table is read through once, at some 40,000 rows a second, so that an empty cell or an unknown label at its end
is told before hours are spent. Then each pass shuffles through a buffer, from which rows leave at random while new ones come in.
A buffer can't mix what lies far apart: a table that is sorted by label or by date should be shuffled where it was made.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from copydesk.configs.errors import InputError
from copydesk.training.tables import Row, check_cells, check_columns, open_table, reading

SHUFFLE_ROWS = 8192
"""Rows in the buffer: some 50 MB of whole articles."""
SAY_EVERY = 10.0
"""Seconds between two lines about how far the first reading has come."""


@dataclass(frozen=True)
class StreamedTable:
    """A table that was read through once and found fit.

    :param source: A parquet, JSONL or CSV file, or the id of a data set on the Hub (its ``train`` split).
    :param columns: What is read of it.
    :param shape: Makes the adapter's row of the table's.
    :param limit: The first rows to stop after; ``None`` reads all.
    :param count: Its rows, ``limit`` at most.
    :param labels: How often each label occurs; empty for a table without labels.
    """

    source: str
    columns: Sequence[str]
    shape: Callable[[Row], Row]
    limit: int | None
    count: int
    labels: Counter[str]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        """All rows in the table's order."""
        return map(self.shape, _read(self.source, _opened(self.source, self.columns, self.limit)))

    def shuffled(self, seed: int, passed: int) -> Iterator[Row]:
        """All rows in the order of pass number ``passed``: the same for the same seed, and another for each pass.

        :raises InputError: If the table can't be read any more.
        """
        data = _opened(self.source, self.columns, self.limit).shuffle(seed=seed, buffer_size=SHUFFLE_ROWS)
        data.set_epoch(passed)
        return map(self.shape, _read(self.source, data))


def stream_table(
    source: str,
    columns: Sequence[str],
    shape: Callable[[Row], Row],
    *,
    may_be_empty: Sequence[str] = (),
    known: Sequence[str] = (),
    limit: int | None = None,
    say: Callable[[str], None] = print,
) -> StreamedTable:
    """Read a table through and check every row of it.

    :param columns: What must be in it; other columns are left out.
    :param may_be_empty: Those of the columns whose cells may be empty.
    :param known: What the rows' ``label`` may be; empty where they have none.
    :param say: Is told how far it is, now and then.
    :raises InputError: If the table can't be read, lacks a column or has no row, or at the first row with an empty cell or an
        unknown label, which is named by its number.
    """
    first = next(_read(source, open_table(source, streaming=True)), None)
    if first is None:
        raise InputError("the table has no rows.", remedy="Give a table with examples.", source=source)
    check_columns(list(first), columns, source)
    count, labels, said = 0, Counter[str](), time.monotonic()
    for count, row in enumerate(_read(source, _opened(source, columns, limit)), start=1):
        check_cells(row, count, columns, may_be_empty, source)
        if known:
            label = str(shape(row)["label"])
            if label not in known:
                raise InputError(
                    f"row {count} has the label {label!r}, which is unknown.",
                    remedy=f"Known labels: {', '.join(known[:20])}. Rename or drop it in the table.",
                    source=source,
                )
            labels[label] += 1
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            say(f"checking {source}: {count:,} rows so far")
    return StreamedTable(source, tuple(columns), shape, limit, count, labels)


def _opened(source: str, columns: Sequence[str], limit: int | None) -> Any:
    data = open_table(source, streaming=True).select_columns(list(dict.fromkeys(columns)))
    return data if limit is None else data.take(limit)


def _read(source: str, data: Any) -> Iterator[Row]:
    with reading(source):
        yield from data
