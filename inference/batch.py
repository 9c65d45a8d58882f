"""Runs over many articles: one result for each row, in order, and a file that is whole at every moment.

A run writes to ``OUT.part``. At each checkpoint the bytes are on disk first and the journal ``OUT.journal`` says second how
many of them count, so whatever ends the run, the next one cuts the file back to the last checkpoint and goes on from there.
``OUT`` itself appears at the end, by one renaming.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol

from copydesk.configs.errors import ConfigError
from copydesk.inference.inputs import Row
from copydesk.inference.journal import Checkpoint, Journal
from copydesk.inference.options import PredictOptions
from copydesk.inference.outputs import Format, convert_to_parquet, encoder
from copydesk.inference.predictor import ArticlePredictor, length, pools
from copydesk.inference.records import PredictionError, Result, json_line
from copydesk.models.schema import Article

CHECKPOINT_SECONDS = 0.25
"""Shortest time between checkpoints. One costs a few milliseconds of disk; a killed run repeats at most this much work."""


class Engine(Protocol):
    """What turns pools of articles into results: this process, or several."""

    def results(self, batches: Iterable[list[Row]]) -> Iterator[tuple[list[Row], list[Result]]]:
        """The results of each pool, in order, one for each row."""
        ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Predicts in this process."""

    predictor: ArticlePredictor
    options: PredictOptions

    def results(self, batches: Iterable[list[Row]]) -> Iterator[tuple[list[Row], list[Result]]]:
        """See :class:`Engine`."""
        for rows in batches:
            yield rows, self.predictor.predict_pool([row.content for row in rows], self.options)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a run stands.

    :param rows: Results so far, those of an earlier run included.
    :param errors: How many of them are errors.
    :param new: Results of this run.
    :param done: Share of the input that has been read, 0 to 1; ``None`` where unknown.
    """

    rows: int
    errors: int
    new: int
    done: float | None = None


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """Where and how a run writes.

    :param path: The output file.
    :param form: Its format.
    :param errors: A JSONL file for the error records; ``None`` leaves them in their places in the output.
    :param restart: Throw away an unfinished run, and replace a finished one.
    """

    path: Path
    form: Format
    errors: Path | None = None
    restart: bool = False

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return _beside(self.path, ".journal")

    @property
    def finals(self) -> dict[str, Path]:
        """The files of the finished run."""
        return {"output": self.path} | ({"errors": self.errors} if self.errors else {})

    @property
    def parts(self) -> dict[str, Path]:
        """The growing file of each."""
        return {name: _beside(path, ".part") for name, path in self.finals.items()}

    def check(self) -> None:
        """Find what would stop the run, before any model is loaded.

        :raises ConfigError: If a folder is missing or not writable, or a finished output would be overwritten.
        """
        for path in self.finals.values():
            if path.is_dir() or not path.parent.is_dir():
                raise ConfigError(
                    "is a folder." if path.is_dir() else f"there is no folder {str(path.parent)!r}.",
                    remedy="Give the path of a file in a folder that exists.",
                    source=str(path),
                )
            if not os.access(path.parent, os.W_OK):
                raise ConfigError("the folder is not writable.", remedy="Choose another with -o.", source=str(path))
        if self.restart or self.journal.exists():
            return
        for path in (*self.finals.values(), *self.parts.values()):
            if path.exists():
                raise ConfigError(
                    "exists already.",
                    remedy="Name another file with -o, or replace it with --restart.",
                    source=str(path),
                )


def run_to_file(
    rows: Iterator[Row],
    engine: Engine,
    plan: OutputPlan,
    fingerprint: Mapping[str, Any],
    *,
    keep_duplicates: bool = False,
    watch: Watch = lambda _: None,
) -> Progress:
    """Code all rows into a file, or go on with a run that was ended before.

    :param rows: The input, from its beginning.
    :param engine: What predicts.
    :param plan: Where and how to write.
    :param fingerprint: Everything else that decides the output; an unfinished run goes on only if it is the same.
    :param keep_duplicates: Code articles whose id was there before; else they give an error.
    :param watch: Called after each pool.
    :raises ConfigError: If the unfinished run differs, or another run is at it.
    :raises CopydeskError: If the disk is full or the folder unwritable; the run can go on later.
    """
    plan.check()
    if plan.restart:
        for path in (plan.journal, _beside(plan.journal, "-journal"), *plan.parts.values()):
            path.unlink(missing_ok=True)
    with Journal(plan.journal) as journal:
        start = journal.resume(fingerprint)
        end = start
        if not start.written:
            with ExitStack() as stack:
                files = _Files(plan, start, stack)
                unique = _unique(rows, journal, keep_duplicates)
                _skip(unique, start, plan)
                end = _code(unique, engine, files, journal, start, watch)
                journal.commit(end)
        _finish(plan)
    plan.journal.unlink(missing_ok=True)
    return Progress(rows=end.position, errors=end.errors, new=end.position - start.position, done=1.0)


def run_to_stream(
    rows: Iterator[Row],
    engine: Engine,
    write: Callable[[Result], None],
    *,
    keep_duplicates: bool = False,
    watch: Watch = lambda _: None,
) -> Progress:
    """Code all rows and hand each result on at once; nothing is kept, so nothing can be resumed."""
    position = errors = 0
    with Journal(None) as journal:
        for pool, results in engine.results(pools(_unique(rows, journal, keep_duplicates), chars=_chars)):
            for row, result in zip(pool, results, strict=True):
                write(_placed(result, row))
                errors += isinstance(result, PredictionError)
            position += len(pool)
            watch(Progress(rows=position, errors=errors, new=position, done=pool[-1].done))
    return Progress(rows=position, errors=errors, new=position)


class _Files:
    """The growing files of a run, cut back to a checkpoint.

    They are unbuffered, and written a pool at a time: a buffered file whose disk is full fails once more when it is closed.

    :param stack: Closes them.
    :raises ConfigError: If one can't be opened, or something else changed it.
    """

    def __init__(self, plan: OutputPlan, start: Checkpoint, stack: ExitStack) -> None:
        written = encoder(plan.form)
        self.encode = written.encode
        self.path = plan.path
        self.files: dict[str, IO[bytes]] = {}
        for name, path in plan.parts.items():
            size = start.sizes.get(name, 0)
            if size and (not path.is_file() or path.stat().st_size < size):
                raise ConfigError(
                    f"it has fewer than the {size:,} bytes that the journal knows of.",
                    remedy="Something else changed it: begin anew with --restart.",
                    source=str(path),
                )
            with _told(path):
                file = stack.enter_context(path.open("r+b" if size else "wb", buffering=0))
                file.truncate(size)
                file.seek(size)
            self.files[name] = file
            if name == "output" and not size:
                self._append(name, written.head.encode())

    def write(self, results: Iterable[Result]) -> None:
        """Add the results of a pool."""
        texts: dict[str, list[str]] = {name: [] for name in self.files}
        for result in results:
            if isinstance(result, PredictionError) and "errors" in texts:
                texts["errors"].append(json_line(result.to_dict()))
            else:
                texts["output"].append(self.encode(result))
        for name, parts in texts.items():
            self._append(name, "".join(parts).encode())

    def sync(self) -> dict[str, int]:
        """Put everything on disk; the size of each file."""
        with _told(self.path):
            for file in self.files.values():
                os.fsync(file.fileno())
        return {name: file.tell() for name, file in self.files.items()}

    def _append(self, name: str, data: bytes) -> None:
        rest = memoryview(data)
        with _told(self.path):
            while rest:  # an unbuffered write may take only a part
                rest = rest[self.files[name].write(rest) :]


def _code(
    rows: Iterator[Row], engine: Engine, files: _Files, journal: Journal, start: Checkpoint, watch: Watch
) -> Checkpoint:
    """Code the rows from a checkpoint on; the checkpoint after the last, not yet committed."""
    position, digest, errors = start.position, start.digest, start.errors
    last = time.monotonic()
    for pool, results in engine.results(pools(rows, chars=_chars)):
        files.write(_placed(result, row) for row, result in zip(pool, results, strict=True))
        errors += sum(isinstance(result, PredictionError) for result in results)
        for row in pool:
            digest = _chain(digest, row)
        position += len(pool)
        if time.monotonic() - last > CHECKPOINT_SECONDS:
            journal.commit(Checkpoint(position, digest, files.sync(), errors))
            last = time.monotonic()
        watch(Progress(rows=position, errors=errors, new=position - start.position, done=pool[-1].done))
    return Checkpoint(position, digest, files.sync(), errors, written=True)


def _skip(rows: Iterator[Row], start: Checkpoint, plan: OutputPlan) -> None:
    """Read past the rows that are done, and make sure that they are the ones that were.

    :raises ConfigError: If they aren't.
    """
    digest, count = "", 0
    for row in islice(rows, start.position):
        digest = _chain(digest, row)
        count += 1
    if count < start.position or digest != start.digest:
        raise ConfigError(
            f"the input has changed in its first {start.position:,} rows, which were coded already.",
            remedy="Give the same input to go on, or --restart to begin anew.",
            source=str(plan.path),
        )


def _finish(plan: OutputPlan) -> None:
    """Give the finished files their names. Doing it again after a kill half-way changes nothing."""
    for name, final in plan.finals.items():
        part = plan.parts[name]
        if not part.exists():
            continue  # renamed before the kill
        with _told(final):
            if name == "output" and plan.form == "parquet":
                table = _beside(plan.path, ".part.parquet")
                convert_to_parquet(part, table)
                _to_disk(table)
                table.replace(final)
                part.unlink()
            else:
                part.replace(final)
    _to_disk(plan.path.parent)


def _unique(rows: Iterator[Row], journal: Journal, keep_duplicates: bool) -> Iterator[Row]:
    """All rows from the input's beginning; an id that was there before makes a row an error."""
    for number, row in enumerate(rows):
        if keep_duplicates or not isinstance(row.content, Article) or row.content.id is None:
            yield row
            continue
        owner = journal.owner(row.content.id, number)
        if owner == number:
            yield row
            continue
        fault = PredictionError(
            message=f"the id {row.content.id!r:.200} was used before, by article {owner + 1:,} of the input.",
            remedy="Give each article an id of its own, or allow it with --duplicate-ids keep.",
            input=row.input,
            line=row.line,
            id=row.content.id,
        )
        yield replace(row, content=fault)


def _placed(result: Result, row: Row) -> Result:
    """An error with its place in the input."""
    return replace(result, input=row.input, line=row.line) if isinstance(result, PredictionError) else result


def _chars(row: Row) -> int:
    return length(row.content)


def _chain(digest: str, row: Row) -> str:
    """The hash over a row and all before it."""
    content = repr((digest, row.input, row.line, row.content)).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _to_disk(path: Path) -> None:
    """fsync of a file or, where the system has that, of a folder's entries."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn an operating system's error on an output into a message that says that the run can go on.

    :raises ConfigError: In its place.
    """
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"can't be written: {error.strerror or error}.",
            remedy="Free space or mend the folder's rights, then give the same command again: the run goes on.",
            source=str(path),
        ) from error


def all_failed(progress: Progress) -> bool:
    """Whether there was something to read and none of it could be."""
    return 0 < progress.rows == progress.errors
