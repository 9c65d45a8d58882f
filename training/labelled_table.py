"""Labelled tables for evaluation: CSV, TSV, JSONL or parquet read into plain rows, with errors that name the column.

Cells are kept as they stand: a label "NA" or "None" stays a word, which table libraries that guess types would turn into a
missing value.
"""

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copydesk.configs.errors import InputError

Row = Mapping[str, Any]

_CELL_LIMIT = 100_000_000
"""Characters in one CSV cell; the csv module's own limit of 131,072 is less than a long report."""


@dataclass(frozen=True)
class Table:
    """Rows of a file with named columns.

    :param path: The file, for messages and reports.
    :param rows: One mapping per row, in file order.
    :param columns: The column names, in file order.
    :param indices: The place of each row in the file, from 0; ``None`` where these are all of its rows.
    """

    path: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    indices: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def numbers(self) -> list[int]:
        """The number of each row in the file, from 1, the header not counted."""
        return [index + 1 for index in (range(len(self.rows)) if self.indices is None else self.indices)]

    def require(self, *columns: str) -> None:
        """Check that the columns exist.

        :raises InputError: If one does not; the message lists those that do.
        """
        if missing := [column for column in columns if column not in self.columns]:
            raise InputError(
                f"there is no column {missing[0]!r}.",
                remedy=f"The columns are: {', '.join(self.columns)}.",
                source=self.path,
            )

    def texts(self, column: str) -> list[str]:
        """A column as text, one string per row.

        :raises InputError: If there is no such column, or a cell is empty; the message gives the row.
        """
        self.require(column)
        cells = ["" if row.get(column) is None else str(row[column]) for row in self.rows]
        for number, cell in zip(self.numbers, cells, strict=True):
            if _is_empty(cell):
                raise InputError(
                    f"row {number} has an empty {column!r}.",
                    remedy="Fill it or remove the row; evaluate does with --skip-empty.",
                    source=self.path,
                )
        return cells

    def filled(self, columns: Iterable[str]) -> "Table":
        """The rows in which none of the columns is empty.

        :raises InputError: If there is no such column, or no row is left.
        """
        columns = tuple(columns)
        self.require(*columns)
        full = [not any(_is_empty(row.get(column)) for column in columns) for row in self.rows]
        if not any(full):
            raise InputError(
                f"every row has an empty {' or '.join(map(repr, columns))}.",
                remedy="Name the columns that are filled.",
                source=self.path,
            )
        return self._only([at for at, flag in enumerate(full) if flag])

    def sample(self, limit: int | None, seed: int) -> "Table":
        """At most ``limit`` rows drawn at random with ``seed``, in file order; all rows for ``None``."""
        if limit is None or limit >= len(self.rows):
            return self
        return self._only(sorted(random.Random(seed).sample(range(len(self.rows)), limit)))

    def _only(self, places: Sequence[int]) -> "Table":
        numbers = self.numbers
        rows = tuple(self.rows[at] for at in places)
        return Table(self.path, rows, self.columns, tuple(numbers[at] - 1 for at in places))


def _is_empty(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def read_table(path: str | Path) -> Table:
    """Read a labelled table by its suffix: ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``.

    :raises InputError: If the file is missing, empty, of another kind or malformed; the message gives the line.
    """
    path = Path(path)
    readers: dict[str, Callable[[Path], Table]] = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".jsonl": _read_jsonl,
        ".parquet": _read_parquet,
    }
    if path.suffix.lower() not in readers:
        raise InputError(
            f"a table cannot be read from a {path.suffix or 'file without a'} suffix.",
            remedy=f"Give a {', '.join(readers)} file.",
            source=str(path),
        )
    if not path.is_file():
        raise InputError("there is no such file.", remedy="Check the path.", source=str(path))
    try:
        table = readers[path.suffix.lower()](path)
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start} is not UTF-8.", remedy="Save the table as UTF-8.", source=str(path)
        ) from error
    except OSError as error:
        raise InputError(
            f"it can't be read: {error.strerror}.", remedy="Check who may read it.", source=str(path)
        ) from error
    if not table.rows:
        raise InputError("the table has no rows.", remedy="Give a table with at least one.", source=str(path))
    return table


def _read_csv(path: Path) -> Table:
    csv.field_size_limit(_CELL_LIMIT)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
        try:
            rows = []
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(
                        f"line {reader.line_num} has more or fewer cells than the header.",
                        remedy="Quote cells that hold a comma or a line break.",
                        source=str(path),
                    )
                rows.append(row)
        except csv.Error as error:
            raise InputError(
                f"line {reader.line_num}: {error}.", remedy="Mend the quotes there.", source=str(path)
            ) from error
        return Table(str(path), tuple(rows), tuple(reader.fieldnames or ()))


def _read_jsonl(path: Path) -> Table:
    rows: list[dict[str, Any]] = []
    columns: dict[str, None] = {}
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(
                    f"not valid JSON: {error.msg}.", remedy="One object a line.", source=f"{path}:{number}"
                ) from error
            if not isinstance(row, dict):
                raise InputError("not a JSON object.", remedy="One object a line.", source=f"{path}:{number}")
            rows.append(row)
            columns.update(dict.fromkeys(row))
    return Table(str(path), tuple(rows), tuple(columns))


def _read_parquet(path: Path) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        content = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"not a parquet file: {error}.", remedy="Write it again.", source=str(path)) from error
    return Table(str(path), tuple(content.to_pylist()), tuple(content.column_names))
