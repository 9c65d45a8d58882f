"""Runs over many articles: one result for each row, in order, and a file that is whole at every moment.

A run writes to ``OUT.part``. At each checkpoint the bytes are on disk first and the journal ``OUT.journal`` says second how
many of them count, so whatever ends the run, the next one cuts the file back to the last checkpoint and goes on from there.
``OUT`` itself appears at the end, by one renaming.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from copydesk.configs.errors import ConfigError
from copydesk.inference.articles import length, pools
from copydesk.inference.inputs import Row
from copydesk.inference.journal import Checkpoint, Journal
from copydesk.inference.options import PredictOptions
from copydesk.inference.output_files import GrowingFiles, OutputPlan, finish
from copydesk.inference.predictor import ArticlePredictor
from copydesk.inference.records import PredictionError, Result
from copydesk.models.schema import Article

CHECKPOINT_SECONDS = 1.0
"""Shortest time between checkpoints; a killed run repeats about this much work."""
CHECKPOINT_SHARE = 0.05
"""Most of the time that goes into checkpoints. One waits for the disk: a few milliseconds on a good one, 0.2 s on a busy one."""


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
Mark = Callable[[Result, int], Result]
"""Adds to a result, whose place in the input is given, what is known only of the run as a whole."""


def run_to_file(
    rows: Iterator[Row],
    engine: Engine,
    plan: OutputPlan,
    fingerprint: Mapping[str, Any],
    *,
    keep_duplicates: bool = False,
    dedup: bool = False,
    watch: Watch = lambda _: None,
) -> Progress:
    """Code all rows into a file, or go on with a run that was ended before.

    :param rows: The input, from its beginning.
    :param engine: What predicts.
    :param plan: Where and how to write.
    :param fingerprint: Everything else that decides the output; an unfinished run goes on only if it is the same.
    :param keep_duplicates: Code articles whose id was there before; else they give an error.
    :param dedup: Mark articles that tell a story again in nearly the same words.
    :param watch: Called after each pool.
    :raises ConfigError: If the unfinished run differs, or another run is at it.
    :raises CopydeskError: If the disk is full or the folder unwritable; the run can go on later.
    """
    plan.check()
    if plan.restart:
        plan.discard()
    with Journal(plan.journal) as journal:
        mark = _marker(journal, dedup)
        start = journal.resume(fingerprint)
        end = start
        if not start.written:
            with ExitStack() as stack:
                files = GrowingFiles(plan, start, stack)
                unique = unique_rows(rows, journal, keep_duplicates)
                _skip(unique, start, plan)
                end = _code(unique, engine, files, journal, start, mark, watch)
                journal.commit(end)
        finish(plan)
    plan.forget()
    return Progress(rows=end.position, errors=end.errors, new=end.position - start.position, done=1.0)


def run_to_stream(
    rows: Iterator[Row],
    engine: Engine,
    write: Callable[[Result], None],
    *,
    keep_duplicates: bool = False,
    dedup: bool = False,
    watch: Watch = lambda _: None,
) -> Progress:
    """Code all rows and hand each result on at once; nothing is kept, so nothing can be resumed."""
    position = errors = 0
    with Journal(None) as journal:
        mark = _marker(journal, dedup)
        for pool, results in engine.results(pools(unique_rows(rows, journal, keep_duplicates), chars=_chars)):
            for number, (row, result) in enumerate(zip(pool, results, strict=True), start=position):
                write(mark(_placed(result, row), number))
                errors += isinstance(result, PredictionError)
            position += len(pool)
            watch(Progress(rows=position, errors=errors, new=position, done=pool[-1].done))
    return Progress(rows=position, errors=errors, new=position)


def _code(
    rows: Iterator[Row],
    engine: Engine,
    files: GrowingFiles,
    journal: Journal,
    start: Checkpoint,
    mark: Mark,
    watch: Watch,
) -> Checkpoint:
    """Code the rows from a checkpoint on; the checkpoint after the last, not yet committed."""
    position, digest, errors = start.position, start.digest, start.errors
    due = time.monotonic() + CHECKPOINT_SECONDS
    for pool, results in engine.results(pools(rows, chars=_chars)):
        placed = (_placed(result, row) for row, result in zip(pool, results, strict=True))
        files.write(mark(result, number) for number, result in enumerate(placed, start=position))
        errors += sum(isinstance(result, PredictionError) for result in results)
        for row in pool:
            digest = _chain(digest, row)
        position += len(pool)
        if (begun := time.monotonic()) >= due:
            journal.commit(Checkpoint(position, digest, files.sync(), errors))
            ended = time.monotonic()
            due = ended + max(CHECKPOINT_SECONDS, (ended - begun) / CHECKPOINT_SHARE)
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


def unique_rows(rows: Iterator[Row], journal: Journal, keep_duplicates: bool) -> Iterator[Row]:
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


def _marker(journal: Journal, dedup: bool) -> Mark:
    if not dedup:
        return lambda result, _: result
    from copydesk.inference.dedup import NearDuplicates

    return NearDuplicates(journal).mark


def _placed(result: Result, row: Row) -> Result:
    """An error with its place in the input."""
    return replace(result, input=row.input, line=row.line) if isinstance(result, PredictionError) else result


def _chars(row: Row) -> int:
    return length(row.content)


def _chain(digest: str, row: Row) -> str:
    """The hash over a row and all before it."""
    content = repr((digest, row.input, row.line, row.content)).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(content, digest_size=16).hexdigest()
