"""Predicting in several processes, in order. Each holds its own model; texts go in and records come out by pickle."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from copydesk.configs.errors import ModelError
from copydesk.configs.model_choice import ModelChoice
from copydesk.inference.options import PredictOptions
from copydesk.inference.records import PredictionError, Result
from copydesk.models.schema import Article

if TYPE_CHECKING:
    from copydesk.inference.inputs import Row
    from copydesk.inference.predictor import ArticlePredictor

POOLS_AHEAD = 2
"""Pools in flight for each worker: one that it reads and one that waits, so that it never waits itself."""


@dataclass(frozen=True, slots=True)
class WorkerEngine:
    """Predicts in ``workers`` processes; see :class:`copydesk.inference.batch.Engine`.

    :param model: The model that each process loads.
    :param options: What is asked of each article.
    :param workers: How many processes.
    """

    model: ModelChoice
    options: PredictOptions
    workers: int

    def results(self, batches: "Iterable[list[Row]]") -> "Iterator[tuple[list[Row], list[Result]]]":
        """The results of each pool, in order.

        :raises ModelError: If a worker dies, e.g. for want of memory.
        """
        threads = max(1, (os.cpu_count() or 1) // self.workers)
        # Processes are spawned, not forked: a fork copies the locks of torch's and OpenMP's threads in whatever state they are.
        with ProcessPoolExecutor(
            self.workers, get_context("spawn"), initializer=_start, initargs=(self.model, self.options, threads)
        ) as pool:
            waiting: deque[tuple[list[Row], Future[list[Result]]]] = deque()
            try:
                for rows in batches:
                    waiting.append((rows, pool.submit(_predict, [row.content for row in rows])))
                    if len(waiting) >= POOLS_AHEAD * self.workers:
                        yield _first(waiting)
                while waiting:
                    yield _first(waiting)
            except BrokenProcessPool as error:
                raise ModelError(
                    "a worker process died, perhaps for want of memory.",
                    remedy="Give the command again with fewer --workers; a run with -o goes on where it was.",
                ) from error
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _first(waiting: "deque[tuple[list[Row], Future[list[Result]]]]") -> "tuple[list[Row], list[Result]]":
    rows, future = waiting.popleft()
    return rows, future.result()


_worker: "tuple[ArticlePredictor, PredictOptions] | None" = None
"""The worker process's own model; loaded once by :func:`_start`."""


def _start(model: ModelChoice, options: PredictOptions, threads: int) -> None:
    """Set up a worker process. The numeric libraries read their thread counts when they are first imported, which is here."""
    import signal

    global _worker  # noqa: PLW0603 - a process pool has no other place for what its workers hold
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends the workers
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    from copydesk.inference.predictor import ArticlePredictor

    _worker = model.load(ArticlePredictor.from_pretrained), options


def _predict(articles: list[Article | PredictionError]) -> list[Result]:
    assert _worker is not None
    predictor, options = _worker
    return predictor.predict_pool(articles, options)
