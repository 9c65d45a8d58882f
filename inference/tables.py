"""Tables of articles, one row each: JSONL, CSV, parquet and Hugging Face datasets folders, streamed."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from copydesk.configs.errors import InputError
from copydesk.inference.columns import Columns, choose_columns, to_article
from copydesk.inference.records import PredictionError
from copydesk.inference.sources import InputOptions, Source
from copydesk.inference.streams import Lines, LineTooLongError
from copydesk.models.schema import Article

if TYPE_CHECKING:
    from pathlib import Path

PEEK_ROWS = 20
"""Rows of JSONL that are looked at for their keys; a key that none of them has is no column of the table."""
PEEK_CHARS = 2**20
"""Fewer rows do where they are long: they are held in memory."""
ARROW_ROWS = 64
"""Rows of a columnar table that are held at once."""


Records = Iterator[tuple[int, Article | PredictionError, float]]
"""A table's rows: the line, the article or the error, and the share of the table that has been read."""


@dataclass(frozen=True, slots=True)
class Table:
    """An open table.

    :param columns: Which column is read as what.
    :param rows: Its rows, once.
    :param close: Lets go of the file.
    """

    columns: Columns
    rows: Records
    close: Callable[[], object]


def open_table(source: Source, options: InputOptions) -> Table:
    """Open a table and choose its columns.

    :raises InputError: If the table can't be opened or its columns can't be told.
    """
    return _OPENERS[source.kind](source, options)


def _article(row: Any, columns: Columns) -> Article | PredictionError:
    try:
        return to_article(row, columns)
    except InputError as error:
        identity = row.get(columns.id) if columns.id else None
        return PredictionError.of(error, id=identity if isinstance(identity, str) else None)


def _share(stream: BinaryIO, size: int) -> float:
    """How much of a file has been read, 0 to 1, by the position in the file itself where it is compressed."""
    raw = getattr(getattr(stream, "raw", None), "raw", None)
    return (raw or stream).tell() / size if size else 0.0


# JSONL

JsonRow = tuple[int, dict[str, Any] | PredictionError]
"""A line's number, and its object or what is wrong with it."""


def _open_jsonl(source: Source, options: InputOptions) -> Table:
    stream = source.open()
    lines = Lines(stream, options.max_line_bytes)
    ahead, fault = _peek(lines)
    keys = dict.fromkeys(key for _, row in ahead if isinstance(row, dict) for key in row)
    columns = choose_columns(keys, options.columns, source.name) if keys else _unseen(options)

    def rows() -> Records:
        for number, row in chain(ahead, _after(fault, lines)):
            content = _article(row, columns) if isinstance(row, dict) else row
            yield number, content, _share(stream, source.size)

    return Table(columns, rows(), stream.close)


def _peek(lines: Lines) -> tuple[list[JsonRow], InputError | None]:
    """The first rows, for their keys; and the fault that ended the stream among them, which is told in its place later."""
    ahead: list[JsonRow] = []
    size = 0
    try:
        for number, row in _json_rows(lines):
            ahead.append((number, row))
            size += sum(len(value) for value in row.values() if isinstance(value, str)) if isinstance(row, dict) else 0
            if len(ahead) >= PEEK_ROWS or size > PEEK_CHARS:
                break
    except InputError as error:
        return ahead, error
    return ahead, None


def _after(fault: InputError | None, lines: Lines) -> Iterator[JsonRow]:
    if fault:
        raise fault
    yield from _json_rows(lines)


def _unseen(options: InputOptions) -> Columns:
    """The columns of a table none of whose first rows can be read: those asked for, and ``text``."""
    return Columns(**{"text": "text", **options.columns})


def _json_rows(lines: Lines) -> Iterator[JsonRow]:
    """Each line that isn't blank: its number, and the object or what is wrong with it."""
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return
        except LineTooLongError:
            yield lines.number, _too_long(lines)
            continue
        if line.strip():
            yield lines.number, _json_object(line, first=lines.number == 1)


def _json_object(line: bytes, *, first: bool) -> dict[str, Any] | PredictionError:
    try:
        row = json.loads(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as error:
        return PredictionError(f"byte {error.start} of the line is not UTF-8.", "Save the file as UTF-8.")
    except RecursionError:
        return PredictionError("the JSON is nested too deeply.", "Give one flat object a line.")
    except ValueError as error:  # JSONDecodeError, and numbers with too many digits
        return PredictionError(f"not valid JSON: {str(error)[:200]}.", "Give one JSON object a line.")
    if not isinstance(row, dict):
        return PredictionError(f"a {type(row).__name__} is no article.", "Give one JSON object a line.")
    return row


def _too_long(lines: Lines) -> PredictionError:
    return PredictionError(
        f"the line is longer than {lines.limit:,} bytes.", "Split it, or raise the limit with --max-line-mb."
    )


# CSV


def _open_csv(source: Source, options: InputOptions) -> Table:
    if options.encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        raise InputError(
            f"a table in {options.encoding} can't be read line by line.",
            remedy=f"Convert it first: iconv -f {options.encoding} -t UTF-8.",
            source=source.name,
        )
    csv.field_size_limit(
        max(csv.field_size_limit(), options.max_line_bytes)
    )  # the module's only way to allow long cells
    stream = source.open()
    lines = Lines(stream, options.max_line_bytes)
    decoded = partial(_decoded, encoding=options.encoding)
    try:
        first = decoded(next(lines, b"")).lstrip("\ufeff")
    except LineTooLongError as error:
        raise InputError(
            "the first line is too long for a header.", remedy="Is it a CSV table?", source=source.name
        ) from error
    delimiter = "\t" if source.kind == "tsv" else max(",;\t", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter), [])
    columns = choose_columns(header, options.columns, source.name)
    cells = csv.reader(map(decoded, lines), delimiter=delimiter, strict=True)

    def rows() -> Records:
        while True:
            start = lines.number + 1
            try:
                row = next(cells)
            except StopIteration:
                return
            except LineTooLongError:
                yield start, _too_long(lines), _share(stream, source.size)
            except csv.Error as error:
                fault = PredictionError(f"not valid CSV: {error}.", "Check the quotes of this row and the one before.")
                yield start, fault, _share(stream, source.size)
            else:
                if row:
                    yield start, _csv_article(row, header, columns, options), _share(stream, source.size)

    return Table(columns, rows(), stream.close)


def _decoded(line: bytes, encoding: str) -> str:
    """The line as text; a byte that is none becomes half a surrogate, so that its row is refused and no other."""
    return line.decode(encoding, "surrogateescape")


def _csv_article(
    row: Sequence[str], header: Sequence[str], columns: Columns, options: InputOptions
) -> Article | PredictionError:
    if len(row) != len(header):
        return PredictionError(
            f"the row has {len(row)} cells, the header {len(header)}.", "Check its quotes and delimiters."
        )
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        return PredictionError(f"the row is not {options.encoding.upper()}.", "Name the encoding: --encoding cp1252.")
    return _article(dict(zip(header, row, strict=True)), columns)


# Parquet and datasets folders


def _open_parquet(source: Source, options: InputOptions) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = _path(source)
    try:
        table = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"this is no parquet table: {error}.", remedy="Check the file.", source=source.name) from error
    columns = choose_columns(table.schema_arrow.names, options.columns, source.name)

    def rows() -> Records:
        total = max(table.metadata.num_rows, 1)
        number = 0
        try:
            for batch in table.iter_batches(ARROW_ROWS, columns=sorted(set(columns.used().values()))):
                for row in batch.to_pylist():
                    number += 1
                    yield number, _article(row, columns), number / total
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(
                f"the table is damaged after row {number}: {error}.", remedy="Make or copy the file again."
            ) from error

    return Table(columns, rows(), table.close)


def _open_dataset(source: Source, options: InputOptions) -> Table:
    from datasets import DatasetDict, load_from_disk

    try:
        dataset = load_from_disk(str(_path(source)))
    except (OSError, ValueError) as error:
        raise InputError(f"this is no datasets folder: {error}.", remedy="Check it.", source=source.name) from error
    if isinstance(dataset, DatasetDict):
        splits = list(dataset)
        split = options.split or (splits[0] if len(splits) == 1 else "")
        if split not in splits:
            raise InputError(
                f"the dataset has the splits {', '.join(splits)}.",
                remedy="Choose one with --split.",
                source=source.name,
            )
        dataset = dataset[split]
    columns = choose_columns(dataset.column_names, options.columns, source.name)
    used = dataset.select_columns(sorted(set(columns.used().values())))

    def rows() -> Records:
        for number, row in enumerate(used, start=1):
            yield number, _article(row, columns), number / max(len(used), 1)

    return Table(columns, rows(), lambda: None)


def _path(source: Source) -> "Path":
    if source.path is None:
        raise InputError(f"a {source.kind} table can't come from standard input.", remedy="Give its path.")
    return source.path


_OPENERS: dict[str, Callable[[Source, InputOptions], Table]] = {
    "jsonl": _open_jsonl,
    "csv": _open_csv,
    "tsv": _open_csv,
    "parquet": _open_parquet,
    "dataset": _open_dataset,
}
