"""Writing what a training makes, so that a full disk spoils nothing that was there before and is told in one line."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copydesk.configs.errors import ModelError

FREE_AND_GO_ON = "Free some space and run it again: it goes on from the last checkpoint."
_RUST_FAULT = re.compile(r"\b(?P<reason>\w[^:]{0,60}) \(os error \d+\)")
"""How safetensors and tokenizers, which are written in Rust, report a fault of the disk; neither raises an ``OSError``."""


@contextmanager
def writing(what: str, path: Path, remedy: str) -> Iterator[None]:
    """Turn a fault of the disk into an error that says what could not be written, where, and what to do.

    :raises ModelError: If the disk is full, read-only, or a file may not be so large; other errors pass.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
        elif fault := _RUST_FAULT.search(str(error)):
            reason = fault["reason"]
        else:
            raise
        raise ModelError(f"{what} could not be written: {reason}.", remedy=remedy, source=str(path)) from error


@contextmanager
def beside(target: Path, what: str, remedy: str) -> Iterator[Path]:
    """A new folder beside ``target`` to write into; what was written is moved only when all of it is there.

    :param target: Where the caller wants it; the caller moves it there, see :func:`swap` and :func:`merge`.
    :returns: The new folder, empty.
    :raises ModelError: If it can't be written; the new folder is removed then, which frees what it took.
    """
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        with writing(what, target, remedy):
            fresh.mkdir(parents=True)
            yield fresh
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def swap(fresh: Path, target: Path) -> None:
    """Put a folder in the place of another, so that a kill leaves one of the two whole; see :func:`recover`."""
    old = _old(target)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    fresh.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def recover(target: Path) -> None:
    """Bring back the old folder if a kill came between the two moves of :func:`swap`."""
    if not target.exists() and _old(target).exists():
        _old(target).replace(target)


def merge(fresh: Path, target: Path) -> None:
    """Move the files of a folder into another one, over those of the same name; others that lie there stay."""
    target.mkdir(parents=True, exist_ok=True)
    for path in fresh.iterdir():
        path.replace(target / path.name)
    fresh.rmdir()


def write_whole(path: Path, text: str) -> None:
    """Write a text file beside the old one, then put it in its place: a full disk leaves the old one as it was.

    :raises OSError: If it can't be written.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _old(target: Path) -> Path:
    return target.with_name(target.name + ".old")
