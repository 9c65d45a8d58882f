"""How a run is going: a bar with rate and remaining time on a terminal, a log line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from copydesk.inference.batch import Progress

LOG_SECONDS = 10.0
"""Time between log lines; a log of a day's run has some thousand lines."""


@contextmanager
def shown(*, quiet: bool = False, stream: TextIO | None = None) -> Iterator[Callable[[Progress], None]]:
    """What to call after each pool.

    :param quiet: Show nothing.
    :param stream: Where to; standard error by default.
    """
    out = stream or sys.stderr
    if quiet:
        yield lambda _: None
    elif out.isatty():
        yield from _bar(out)
    else:
        yield _log_lines(out)


def _bar(out: TextIO) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[left]}"))
    with Bar(*columns, console=Console(file=out), transient=True) as bar:
        task = bar.add_task("reading", total=None, left="")
        first: list[float] = []

        def update(now: Progress) -> None:
            seconds = time.monotonic() - started
            first.append(now.done or 0.0) if not first else None
            bar.update(
                task,
                description=describe(now, seconds),
                total=None if now.done is None else 1.0,
                completed=now.done or 0.0,
                left=_left(now, seconds, first[0]),
            )

        yield update


def _log_lines(out: TextIO) -> Callable[[Progress], None]:
    started = last = time.monotonic()
    first: list[float] = []

    def update(now: Progress) -> None:
        nonlocal last
        first.append(now.done or 0.0) if not first else None
        if time.monotonic() - last >= LOG_SECONDS:
            last = time.monotonic()
            share = "" if now.done is None else f" ({now.done:.0%})"
            left = _left(now, last - started, first[0])
            print(f"{describe(now, last - started)}{share}{', ' + left if left else ''}", file=out, flush=True)

    return update


def describe(now: Progress, seconds: float) -> str:
    """Articles, rate and errors in words."""
    errors = f", {now.errors:,} error{'' if now.errors == 1 else 's'}" if now.errors else ""
    return f"{now.rows:,} article{'' if now.rows == 1 else 's'}, {now.new / max(seconds, 1e-3):.1f}/s{errors}"


def _left(now: Progress, seconds: float, first: float) -> str:
    """The remaining time, by the share of the input that this run has read."""
    if now.done is None or now.done <= first:
        return ""
    left = seconds * (1 - now.done) / (now.done - first)
    hours, rest = divmod(round(left), 3600)
    return f"about {hours}:{rest // 60:02d}:{rest % 60:02d} left"
