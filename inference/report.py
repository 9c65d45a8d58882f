"""One page that holds a coded corpus: plots, a list to filter, and each article with its evidence marked where it stands.

The page is one file that asks nothing of the network. Its policy (CSP) allows exactly the style and the script that are built
in, by their hashes, so that nothing from a record can run even if an escape were missing; what records bring stands in it as
JSON in data blocks and becomes text nodes. Each article has a block of its own, which is parsed when it is opened; the blocks
stand after the script, so that plots and list can be used while a browser still reads them.
"""

import base64
import hashlib
import json
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from html import escape
from importlib.resources import files
from itertools import chain
from pathlib import Path
from string import Template
from typing import IO, Any

from copydesk.configs.errors import ConfigError, InputError
from copydesk.inference.records import PredictionError, Result
from copydesk.inference.report_highlights import highlights, nested, utf16_offsets
from copydesk.inference.report_overview import Overview, day_of, is_repeat
from copydesk.inference.streams import Lines, LineTooLongError, open_bytes
from copydesk.models.schema import POLARITIES, SCHEMA_VERSION, Prediction

MAX_LISTED = 20_000
"""Articles and errors that a page lists unless told otherwise: some 100 MB, which a laptop's browser still opens. The plots
count all."""

_SPOOL_BYTES = 64 * 2**20
"""Article data beyond this waits in a file, and not in memory, until all is counted: the page's head needs the counts."""

_NOT_IN_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""What could end a data block or break a line in it. JSON has them only inside strings, where the escape means the same."""
_HTML_SAFE = str.maketrans(_NOT_IN_HTML)

FLAGS = {"warning": 1, "error": 2, "repeat": 4}


def write_report(
    results: Iterable[Result], target: Path, *, title: str = "copydesk report", limit: int = MAX_LISTED
) -> Overview:
    """Write the page.

    :param results: Predictions and errors, streamed.
    :param target: The file to write; it is replaced whole or not at all.
    :param title: Heading of the page.
    :param limit: Articles and errors that are listed; the plots count all.
    :return: The counts, for a summary on screen.
    :raises ConfigError: If the file can't be written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as blocks:
            gathered = _Gathered(blocks, limit)
            for result in results:
                gathered.add(result)
            blocks.seek(0)
            head, tail = _frame(gathered, title)
            with part.open("wb") as out:
                out.write(head)
                out.writelines(blocks)
                out.write(tail)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise ConfigError(
            f"can't be written: {error.strerror or error}.", remedy="Choose another with -o.", source=str(target)
        ) from error
    return gathered.overview


def read_results(path: Path, tell: Callable[[PredictionError], None] = lambda _: None) -> Iterator[Result]:
    """The records in an output of ``copydesk predict``: JSONL, also as ``.gz`` or ``.zst``, or parquet.

    :param tell: Called with the error that takes the place of a line that is no record.
    :raises InputError: If the file can't be opened or is in another format.
    """
    if path.suffix.lower() in {".csv", ".tsv", ".html", ".txt"}:
        raise InputError(
            f"a report can't be made from {path.suffix} files.",
            remedy="It needs the records of copydesk predict … -o coded.jsonl (or .parquet), with the articles' texts.",
            source=str(path),
        )
    rows = _parquet_rows(path) if path.suffix.lower() == ".parquet" else _json_rows(path)
    check = _checker()
    for number, row in rows:
        try:
            if isinstance(row, ValueError):
                raise row
            result = check(row)
        except ValueError as error:  # pydantic's ValidationError is one, too
            result = PredictionError(
                f"this is no copydesk record: {str(error)[:300]}", "Make it again.", str(path), number
            )
            tell(result)
        yield result


def _checker() -> Any:
    """What makes a record a result, with each value's type checked: the page computes with them.

    :return: A function of a record that raises ValueError.
    """
    from pydantic import TypeAdapter

    predictions, errors = TypeAdapter(Prediction), TypeAdapter(PredictionError)

    def check(record: Any) -> Result:
        if not isinstance(record, dict):
            raise ValueError(f"a {type(record).__name__}, not an object")
        version = str(record.get("schema_version"))
        if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise ValueError(f"its schema_version is {version!r:.40}; this copydesk reads {SCHEMA_VERSION}")
        if record.get("error") is not None:
            return errors.validate_python(record["error"])
        return predictions.validate_python(record)

    return check


def _json_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The number of each line and what it holds, or the ValueError that it gave."""
    with open_bytes(path) as stream:
        lines = Lines(stream)
        while True:
            try:
                line = next(lines)
                if line.strip():
                    yield lines.number, json.loads(line)
            except StopIteration:
                return
            except LineTooLongError:
                yield lines.number, ValueError(f"the line is longer than {lines.limit:,} bytes")
            except (ValueError, RecursionError) as error:
                yield lines.number, ValueError(f"not valid JSON: {error}")


def _parquet_rows(path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as table:
            batches = (batch.to_pylist() for batch in table.iter_batches(500))
            yield from enumerate(chain.from_iterable(batches), start=1)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"this is no parquet table: {error}.", remedy="Check the file.", source=str(path)) from error


class _Gathered:
    """What a pass over the results leaves: counts, an index row for each article, and the articles' blocks in a file."""

    def __init__(self, blocks: IO[bytes], limit: int) -> None:
        self.blocks = blocks
        self.limit = limit
        self.overview = Overview()
        self.rows: list[list[Any]] = []
        self.labels = _Numbered()
        self.names = _Numbered()
        self.left_out = 0
        self.made_by: Counter[str] = Counter()

    def add(self, result: Result) -> None:
        if isinstance(result, PredictionError):
            self.overview.errors += 1
            row, block = self._error(result)
        else:
            self.overview.add(result)
            made = result.provenance
            self.made_by[
                f"copydesk {made.copydesk}, model {made.model} ({made.model_hash}), "
                f"codebook {made.codebook} {made.codebook_version} ({made.codebook_hash})"
            ] += 1
            row, block = self._article(result)
        if len(self.rows) >= self.limit:
            self.left_out += 1
            return
        self.blocks.write(_data_block(f"a{len(self.rows)}", block))
        self.rows.append(row)

    def _error(self, error: PredictionError) -> tuple[list[Any], dict[str, Any]]:
        place = f"{error.input}:{error.line}" if error.line is not None else error.input
        title = error.id or place or "error"
        row = [title, error.message, "", "", [], [], [], FLAGS["error"]]
        return row, {"error": error.message, "remedy": error.remedy, "place": place, "id": error.id}

    def _article(self, prediction: Prediction) -> tuple[list[Any], dict[str, Any]]:
        article = prediction.article
        headline = prediction.headline.text if prediction.headline else ""
        day = day_of(article.date)
        flags = FLAGS["warning"] * bool(prediction.warnings) + FLAGS["repeat"] * is_repeat(prediction)
        row = [
            article.title or headline or article.id or "Untitled",
            headline if article.title else "",
            day.isoformat() if day else "",
            article.source or "",
            [self.labels[tag.name or tag.label, tag.label] for tag in prediction.events],
            [self.names[actor.name] for actor in prediction.actors],
            [
                [
                    -1 if one.holder is None else self.names[one.holder],
                    self.names[one.target],
                    POLARITIES.index(one.polarity),
                ]
                for one in prediction.stances
                if one.evidence
            ],
            flags,
        ]
        return row, _article_block(prediction)


class _Numbered(dict[Any, int]):
    """Numbers for values, in the order in which they are first asked for: long names stand in the page once."""

    def __missing__(self, value: Any) -> int:
        self[value] = len(self)
        return self[value]


def _article_block(prediction: Prediction) -> dict[str, Any]:
    """All that an opened article shows; offsets in UTF-16 units. What proves an answer is the numbers of its highlights."""
    article = prediction.article
    marked = highlights(prediction)
    place = {(one.span, one.kind): number for number, one in enumerate(marked)}
    units = utf16_offsets(article.text)
    return {
        **{name: getattr(article, name) for name in ("text", "id", "title", "source", "date", "author")},
        "url": _link(article.url),
        "headline": prediction.headline.text if prediction.headline else None,
        "language": prediction.language,
        "marks": [[one.kind, *one.captions] for one in marked],
        "pieces": [[units(piece.start), units(piece.end), piece.highlight] for piece in nested(marked)],
        "events": [
            [tag.name or tag.label, tag.modality, _score(tag.score), _proofs(tag.evidence, "event", place)]
            for tag in prediction.events
        ],
        "stances": [
            [
                one.holder,
                one.target,
                one.polarity,
                _score(one.score),
                one.reason,
                _proofs(one.evidence, "stance", place),
            ]
            for one in prediction.stances
        ],
        "summary": [place[one.span, "summary"] for one in prediction.summary if (one.span, "summary") in place],
        "actors": [[actor.name, actor.kind, len(actor.mentions)] for actor in prediction.actors],
        "warnings": prediction.warnings,
        "repeats": prediction.duplicate.first if prediction.duplicate else None,
    }


def _proofs(evidence: Sequence[Any], kind: str, place: dict[Any, int]) -> list[int]:
    return [place[one.span, kind] for one in evidence if (one.span, kind) in place]


def _score(value: float) -> float | None:
    """Two digits; JSON has no way to write what is not finite."""
    return round(value, 2) if math.isfinite(value) else None


def _link(url: str | None) -> str | None:
    """The address, if following it is harmless: no ``javascript:``, no ``file:``."""
    return url if url and url.lower().startswith(("https://", "http://")) else None


def _data_block(identity: str, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_HTML_SAFE)
    return f'<script type="application/json" id="{identity}">{text}</script>\n'.encode("utf-8", "replace")


def _frame(gathered: _Gathered, title: str) -> tuple[bytes, bytes]:
    """The page before and after the articles' blocks."""
    style, script = _template("report.css"), _template("report.js")
    labels = [{"name": name, "id": identity} for name, identity in gathered.labels]
    index = {"rows": gathered.rows, "labels": labels, "names": list(gathered.names), "polarities": POLARITIES}
    listed = len(gathered.rows)
    notice = (
        f'<p class="notice">The plots count everything. The list holds the first {listed:,} rows; '
        f"{gathered.left_out:,} more are in the file that the page was made from.</p>"
        if gathered.left_out
        else ""
    )
    made = "".join(f"<li>{escape(how)}: {count:,}</li>" for how, count in gathered.made_by.most_common(5))
    # The articles' place is marked by a comment; nothing that is filled in can hold one, since every "<" is escaped.
    page = Template(_template("report.html")).substitute(
        title=escape(title),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        overview=gathered.overview.html(),
        notice=notice,
        made_by=made,
        index=_data_block("index", index).decode(),
    )
    head, _, tail = page.partition("<!-- articles -->")
    return head.encode("utf-8", "replace"), tail.encode("utf-8", "replace")


def _template(name: str) -> str:
    return files("copydesk.inference").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The hash by which a Content-Security-Policy allows an inline element."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
