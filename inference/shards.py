"""A run in shards: ranges of the input that machines code apart from each other, each into a file of its own.

The input is read through once to cut it; only then is anything coded. Each shard is a run of
:func:`copydesk.inference.batch.run_to_file`, so a shard that was ended half-way goes on where it stood, wherever it is taken up
again. Read one after the other, the shards hold what a run in one process writes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, groupby, islice, repeat
from pathlib import Path
from typing import Any

from copydesk.configs.errors import ConfigError, CopydeskError, InputError
from copydesk.inference.batch import Engine, Progress, run_to_file, unique_rows
from copydesk.inference.inputs import Row, read_rows
from copydesk.inference.journal import Journal
from copydesk.inference.output_files import OutputPlan
from copydesk.inference.outputs import Format, encoder
from copydesk.inference.records import PredictionError
from copydesk.inference.sources import InputOptions

SETTINGS = "run.json"
"""What the shards of a folder were made with."""
ENDINGS: Mapping[Format, str] = {"jsonl": ".jsonl", "csv": ".csv", "parquet": ".parquet", "ninjs": ".ninjs.jsonl"}


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring rows of one input.

    :param input: Its name, as :func:`~copydesk.inference.inputs.read_rows` takes it.
    :param first: Rows of it that come before.
    :param count: How many rows.
    :param faults: What is wrong with a row, by its number from ``first`` on.
    """

    input: str
    first: int
    count: int
    faults: Mapping[int, PredictionError]


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the input.

    :param number: From 0.
    :param segments: Its rows, in order.
    """

    number: int
    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        """How many rows it has."""
        return sum(segment.count for segment in self.segments)

    def rows(self, options: InputOptions) -> Iterator[Row]:
        """Its rows, read again.

        :raises InputError: If the input is not what it was when it was cut.
        """
        for segment in self.segments:
            if len(segment.faults) == segment.count:  # an input that can't be read at all is one such row
                read: Iterable[Row | None] = repeat(None, segment.count)
            else:
                read = islice(read_rows([segment.input], options), segment.first, segment.first + segment.count)
            number = -1
            for number, row in enumerate(read):
                fault = segment.faults.get(number)
                if fault is not None:
                    yield Row(fault, fault.input, fault.line)
                elif row is not None:
                    yield row
            if number + 1 < segment.count:
                raise InputError(
                    "it has fewer rows than when the run began.",
                    remedy="Give the command again with --restart.",
                    source=segment.input,
                )


def cut(rows: Iterable[Row], size: int, *, keep_duplicates: bool) -> Iterator[Shard]:
    """Shards of ``size`` rows each, the last of what is left.

    An id that comes twice is told here, where the whole input is seen.
    """
    with Journal(None) as journal:
        unique = unique_rows(iter(rows), journal, keep_duplicates)
        name, seen = "", 0  # the input that was read last, and how many of its rows
        for number in count():
            segments = []
            for given, part in groupby(islice(unique, size), key=lambda row: row.input):
                contents = [
                    replace(row.content, input=row.input, line=row.line)
                    if isinstance(row.content, PredictionError)
                    else None
                    for row in part
                ]
                name, seen = given, seen if given == name else 0
                faults = {place: fault for place, fault in enumerate(contents) if fault is not None}
                segments.append(Segment(name, seen, len(contents), faults))
                seen += len(contents)
            if not segments:
                return
            yield Shard(number, tuple(segments))


@dataclass(frozen=True)
class ShardFolder:
    """Where the shards of a run are written.

    :param path: The folder; made where it is missing.
    :param form: Format of the shards.
    :param restart: Drop what an earlier run left.
    :param fingerprint: Everything that decides the output.
    """

    path: Path
    form: Format
    restart: bool = False
    fingerprint: Mapping[str, Any] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the folder, or find out whether the run in it can go on.

        :raises ConfigError: If the folder holds something else, or can't be written.
        """
        settings = self.path / SETTINGS
        try:
            self.path.mkdir(exist_ok=True)
            if self.restart and settings.exists():
                for old in self.path.glob("part-*"):
                    old.unlink()
                settings.unlink()
            if settings.exists():
                self._compare(json.loads(settings.read_text(encoding="utf-8")))
            elif next(self.path.iterdir(), None) is not None:
                raise ConfigError(
                    "the folder holds other files.", remedy="Name a new folder with -o.", source=str(self.path)
                )
            settings.write_text(json.dumps(self.fingerprint, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        except FileExistsError as error:
            raise ConfigError(
                "is a file.", remedy="--engine ray writes a folder of shards: name a folder.", source=str(self.path)
            ) from error
        except OSError as error:
            raise ConfigError(
                f"can't be written: {error.strerror or error}.", remedy="Choose another folder.", source=str(self.path)
            ) from error

    def plan(self, number: int) -> OutputPlan:
        """Where one shard is written."""
        path = self.path / f"part-{number:06d}{ENDINGS[self.form]}"
        errors = None if encoder(self.form).holds_errors else path.with_name(f"{path.name}.errors.jsonl")
        return OutputPlan(path=path, form=self.form, errors=errors)

    def done(self, number: int) -> Path:
        """A note of a finished shard's counts."""
        return self.path / f"part-{number:06d}.done"

    def _compare(self, before: Any) -> None:
        if before != json.loads(json.dumps(self.fingerprint)):
            changed = sorted(key for key in before if before[key] != self.fingerprint.get(key)) or ["settings"]
            raise ConfigError(
                f"the run in this folder was begun with another {changed[0]}.",
                remedy="Give the same command to go on, or --restart to begin anew.",
                source=str(self.path),
            )


def code_shard(shard: Shard, engine: Engine, folder: ShardFolder, options: InputOptions) -> Progress:
    """Code a shard into its file, unless that is done, or go on with it.

    :raises CopydeskError: If the input has changed or the file can't be written.
    """
    plan, done = folder.plan(shard.number), folder.done(shard.number)
    if done.exists():
        rows, errors = json.loads(done.read_text(encoding="utf-8"))
        return Progress(rows=rows, errors=errors, new=0)
    if plan.path.exists() and not plan.journal.exists():  # killed between the file and the note that it is done
        plan = replace(plan, restart=True)
    progress = run_to_file(shard.rows(options), engine, plan, folder.fingerprint, keep_duplicates=True)
    done.write_text(json.dumps([progress.rows, progress.errors]), encoding="utf-8")
    return progress


def outcome(shard: Shard, engine: Engine, folder: ShardFolder, options: InputOptions) -> dict[str, Any]:
    """:func:`code_shard` for another process: plain values, and a fault that the user can mend is one of them."""
    try:
        progress = code_shard(shard, engine, folder, options)
    except CopydeskError as error:
        return {"shard": shard.number, "rows": 0, "errors": 0, "fault": [error.message, error.remedy, error.source]}
    return {"shard": shard.number, "rows": progress.rows, "errors": progress.errors, "fault": None}
