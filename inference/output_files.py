"""The files of a run that can be resumed: they grow beside their names, and get them at the end."""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from copydesk.configs.errors import ConfigError, InputError
from copydesk.inference.journal import Checkpoint, Journal
from copydesk.inference.outputs import Format, convert_to_parquet, encoder
from copydesk.inference.records import PredictionError, Result, json_line


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

    def discard(self) -> None:
        """Drop an unfinished run; a finished output stays until the new one takes its place.

        :raises ConfigError: If another process is at it.
        """
        if self.journal.exists():
            with suppress(InputError), Journal(self.journal):
                pass  # opening it is the question: a running process has it locked, and what is no journal can go
        self.forget()
        for path in self.parts.values():
            path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Delete the closed journal. SQLite's own file beside it goes first: it may have stayed after a kill was mended."""
        for path in (_beside(self.journal, "-journal"), self.journal):
            path.unlink(missing_ok=True)


class GrowingFiles:
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


def finish(plan: OutputPlan) -> None:
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
