"""From what the user names to a stream of articles.

Every row of every input comes out once, in order, as an article or as the reason why it is none, so that a run can keep its
promise of one result for each input.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from copydesk.configs.errors import CopydeskError, InputError
from copydesk.inference import web
from copydesk.inference.records import PredictionError
from copydesk.inference.sources import STDIN, TABLES, Folder, InputOptions, Source, find
from copydesk.inference.streams import decode, open_bytes, read_whole
from copydesk.inference.tables import Table, open_table
from copydesk.models.schema import Article

MAX_TEXT_BYTES = 8 * 2**20
"""Largest file that is read as one article; a million characters take 4 MB at most in UTF-8."""
MAX_HTML_BYTES = 16 * 2**20
"""Largest page; the heaviest news pages have about 5 MB of HTML."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input.

    :param content: The article, or why there is none.
    :param input: The file, URL or ``-``.
    :param line: Line or row of a table, from 1; ``None`` where the whole input is one article.
    :param done: Share of all input that was read when this row was, 0 to 1; ``None`` where the total is unknown.
    """

    content: Article | PredictionError
    input: str
    line: int | None = None
    done: float | None = None


def read_rows(
    names: Sequence[str], options: InputOptions, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Row]:
    """The rows of all inputs, in the order given.

    What the user can mend before anything runs is raised at once: an input that isn't there, a table without a text column.
    What is wrong with one row, or with one file of a folder, becomes that row.

    :param names: Files, folders, http(s) URLs or ``-``.
    :param tell: Called with one line for each table: which column is read as what.
    :raises InputError: If an input can't be found or opened, or a table's columns can't be told.
    """
    if not names:
        raise InputError("no input given.", remedy="Give a file, a folder, a URL or - for standard input.")
    if list(names).count(STDIN) > 1:
        raise InputError("standard input can be read only once.", remedy="Give - once.")
    found = [find(name, options) for name in names]
    opened: dict[str, Table] = {}
    for source in found:
        if isinstance(source, Source) and source.kind in TABLES:
            table = open_table(source, options)
            tell(f"{source.name}: {table.columns.describe()}")
            if source.once:
                opened[source.name] = table
            else:
                table.close()
    return _all_rows(found, options, opened)


def _all_rows(found: Sequence[Source | Folder], options: InputOptions, opened: Mapping[str, Table]) -> Iterator[Row]:
    total = sum(source.size for source in found) if all(source.size for source in found) else 0
    before = 0
    for one in found:
        for source in one.sources(options) if isinstance(one, Folder) else (one,):
            for row in _rows(source, options, opened.get(source.name)):
                share = 1.0 if row.done is None else row.done
                yield replace(row, done=(before + share * source.size) / total if total else None)
            before += source.size


def _rows(source: Source, options: InputOptions, opened: Table | None) -> Iterator[Row]:
    """The rows of one source; a fault of the source as a whole is one row."""
    line: int | None = None
    try:
        if source.kind not in TABLES:
            yield Row(content=_single(source, options), input=source.name)
            return
        with closing(opened or open_table(source, options)) as table:
            for line, content, done in table.rows:
                yield Row(content=_placed(content, source.name, line), input=source.name, line=line, done=done)
    except (CopydeskError, OSError) as error:
        if not isinstance(error, CopydeskError):
            error = InputError(f"can't be read: {error.strerror or error}.", remedy="Check the disk.")
        after = None if line is None else line + 1
        fault = replace(PredictionError.of(error), input=source.name, line=after)
        yield Row(content=fault, input=source.name, line=after)


def _placed(content: Article | PredictionError, name: str, line: int) -> Article | PredictionError:
    """The row with its place: in an error, and as the id of an article that has none."""
    identity = content.id if content.id is not None else f"{name}:{line}"
    if isinstance(content, PredictionError):
        return replace(content, input=name, line=line, id=identity)
    return replace(content, id=identity)


def _single(source: Source, options: InputOptions) -> Article:
    """The article that a whole input is.

    :raises InputError: If it is none.
    """
    if source.kind == "html":
        return _page(source, options)
    text = decode(_read(source, MAX_TEXT_BYTES), options.encoding, source.name)
    if not text.strip():
        raise InputError("the text is empty.", remedy="Give at least one sentence.", source=source.name)
    return Article(text=text, id=source.name)


def _page(source: Source, options: InputOptions) -> Article:
    if source.path is None and source.name != STDIN:
        html = web.fetch(source.name, max_bytes=MAX_HTML_BYTES, allow_private=options.allow_private)
        return web.article_of(html, name=source.name, url=source.name)
    return web.article_of(_read(source, MAX_HTML_BYTES), name=source.name)


def _read(source: Source, limit: int) -> bytes:
    if source.path is None:
        return read_whole(sys.stdin.buffer, limit, source.name)
    with open_bytes(source.path) as stream:
        return read_whole(stream, limit, source.name)
