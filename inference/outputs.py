"""How results are written: one text for each result, so that a file can grow as a run goes on and be cut back to any of them.

Parquet can't grow like that. It is staged as JSONL and converted at the end by :func:`convert_to_parquet`.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from copydesk.inference.ninjs import to_ninjs
from copydesk.inference.records import PredictionError, Result, json_line, result_from_dict
from copydesk.models.flat_rows import ROW_COLUMNS

Format = Literal["jsonl", "csv", "parquet", "ninjs"]
FORMATS: tuple[Format, ...] = get_args(Format)

FORMAT_OF_SUFFIX: dict[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""A spreadsheet may run a cell that starts so (OWASP, "CSV Injection"); the full-width signs count in some locales."""

PARQUET_ROWS = 500
"""Records in a row group: some 5 MB, so that converting a million stays as small as converting a thousand."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A text format.

    :param head: What stands before the first result.
    :param encode: The text of one result.
    :param holds_errors: Error records have a place in it; else they go to a file of their own.
    """

    head: str
    encode: Callable[[Result], str]
    holds_errors: bool = True


def encoder(form: Format) -> Encoder:
    """The encoder of a format; parquet is staged as JSONL."""
    if form == "csv":
        return Encoder(head=_csv_lines([ROW_COLUMNS]), encode=_csv)
    if form == "ninjs":
        return Encoder(head="", encode=_ninjs, holds_errors=False)
    return Encoder(head="", encode=_json)


def _json(result: Result) -> str:
    return json_line(result.to_dict())


def _ninjs(result: Result) -> str:
    return "" if isinstance(result, PredictionError) else json_line(to_ninjs(result))


def _csv(result: Result) -> str:
    return _csv_lines([[_harmless(row[column]) for column in ROW_COLUMNS] for row in result.rows()])


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet runs: an apostrophe before what could be a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _csv_lines(rows: Sequence[Sequence[Any]]) -> str:
    """Lines as RFC 4180 has them. With another line end, csv.writer would leave a bare carriage return unquoted."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def convert_to_parquet(staged: Path, target: Path) -> None:
    """Write a JSONL file of records as a parquet table: a row for each record, nested as the record is.

    :raises OSError: If the disk is full or the folder can't be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _arrow_schema()
    with (
        staged.open(encoding="utf-8", newline="\n") as lines,
        pq.ParquetWriter(target, schema, compression="zstd") as out,
    ):
        while rows := [json.loads(line) for line in islice(lines, PARQUET_ROWS)]:
            out.write_table(pa.Table.from_pylist(rows, schema=schema))


def read_parquet(path: Path) -> Iterator[Result]:
    """The results in a table that :func:`convert_to_parquet` wrote."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(PARQUET_ROWS):
            for row in batch.to_pylist():
                yield result_from_dict(
                    {key: value for key, value in row.items() if key != "error" or value is not None}
                )


def _arrow_schema() -> Any:
    """The record's columns; the same for every table, whether its rows have events or not."""
    import pyarrow as pa

    text, real, number = pa.string(), pa.float64(), pa.int64()

    def struct(**columns: Any) -> Any:
        return pa.struct([pa.field(name, kind) for name, kind in columns.items()])

    evidence = pa.list_(struct(start=number, end=number, text=text, score=real))
    spans = pa.list_(pa.list_(number))
    columns = {
        "schema_version": text,
        "article": struct(id=text, title=text, source=text, date=text, url=text, author=text, text=text),
        "headline": struct(text=text, spans=spans, score=real),
        "summary": evidence,
        "events": pa.list_(
            struct(label=text, score=real, evidence=evidence, modality=text, name=text, parent=text, child=text)
        ),
        "stances": pa.list_(
            struct(
                holder=text, target=text, polarity=text, score=real, evidence=evidence, statements=number, reason=text
            )
        ),
        "actors": pa.list_(struct(name=text, kind=text, mentions=spans, salience=real, aliases=pa.list_(text))),
        "language": text,
        "warnings": pa.list_(text),
        "provenance": struct(
            copydesk=text, model=text, model_hash=text, codebook=text, codebook_version=text, codebook_hash=text
        ),
        "duplicate": struct(cluster=number, first=text),
        "error": struct(message=text, remedy=text, input=text, line=number, id=text),
    }
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])
