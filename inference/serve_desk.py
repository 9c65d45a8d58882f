"""One model behind a web server: loaded once, asked by one request at a time, each with a limit on waiting and on running.

Inference runs in a single thread that lives as long as the server. The event loop stays free to answer, and torch keeps its one
pool of compute threads (each thread that calls it would get a pool of its own, and they would fight for the cores).
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from copydesk.inference.articles import POOL_ARTICLES
from copydesk.inference.predictor import ArticlePredictor

T = TypeVar("T")

Job = Callable[[ArticlePredictor, threading.Event], T]
"""Work for the model. The event is set when nobody waits for the answer any more; long work looks at it and stops."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    :param body_bytes: Largest request body. A full batch of ordinary articles (5,000 characters) has 200 kB.
    :param body_seconds: Longest time for the body to arrive, so that a client that trickles holds nothing.
    :param articles: Most articles in a batch; what the predictor reads together. A corpus is for ``copydesk predict``.
    :param article_chars: Longest article, in code points. The longest newspaper pieces have about 100,000.
    :param waiting: Most requests that wait for the model; each holds its body in memory.
    :param wait_seconds: Longest wait for the model.
    :param run_seconds: Longest time that the model works on one request.
    """

    body_bytes: int = 4 * 2**20
    body_seconds: float = 20.0
    articles: int = POOL_ARTICLES
    article_chars: int = 100_000
    waiting: int = 16
    wait_seconds: float = 30.0
    run_seconds: float = 120.0


class NotReadyError(Exception):
    """The model isn't loaded (yet)."""


class BusyError(Exception):
    """The model is at work for others, and the request has waited long enough or would have to queue too far behind."""


class TooSlowError(Exception):
    """The model worked on the request for longer than the limit."""


class ServedDesk:
    """The model, and the queue before it.

    :param desk: A loaded predictor; or a function that loads one, called by :meth:`load` in the model's own thread.
    :param limits: See :class:`Limits`.
    """

    def __init__(self, desk: ArticlePredictor | Callable[[], ArticlePredictor], limits: Limits) -> None:
        self.limits = limits
        self.predictor = desk if isinstance(desk, ArticlePredictor) else None
        self.failure: BaseException | None = None
        self._load = None if isinstance(desk, ArticlePredictor) else desk
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copydesk-model")
        self._turn = asyncio.Lock()
        self._taken_in = 0
        """Requests that wait for the model, and the one that has it. They are counted together, because a free model's next
        request may take a moment to get hold of it, and does not wait behind anybody in that moment."""

    async def load(self) -> None:
        """Load the model, unless it was given loaded. What the loading raises is raised, and kept as ``failure``."""
        if self._load is None:
            return
        try:
            self.predictor = await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
        except Exception as error:
            self.failure = error
            raise

    def close(self) -> None:
        """Take no more work. The article being read is read to its end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def ask(self, job: Job[T]) -> T:
        """Run a job on the model when its turn comes, first come, first served.

        :raises NotReadyError: If the model isn't loaded.
        :raises BusyError: If too many wait already, or the wait is over.
        :raises TooSlowError: If the job runs too long. It is told to stop; a thread can't be made to, so the next request waits
            until it has.
        """
        predictor = self.predictor
        if predictor is None:
            raise NotReadyError
        await self._take_turn()
        abandoned = threading.Event()
        try:
            running = asyncio.get_running_loop().run_in_executor(self._thread, job, predictor, abandoned)
        except BaseException:  # the server is closing
            self._end_turn()
            raise
        running.add_done_callback(self._end_job)
        try:
            return await asyncio.wait_for(asyncio.shield(running), self.limits.run_seconds)
        except TimeoutError as error:
            if running.done():  # The job's own TimeoutError, which is no matter of ours.
                raise
            raise TooSlowError from error
        finally:
            abandoned.set()

    async def _take_turn(self) -> None:
        if self._taken_in > self.limits.waiting:
            raise BusyError
        self._taken_in += 1
        try:
            async with asyncio.timeout(self.limits.wait_seconds):
                await self._turn.acquire()
        except BaseException as error:
            self._taken_in -= 1
            if isinstance(error, TimeoutError):
                raise BusyError from error
            raise

    def _end_turn(self) -> None:
        self._taken_in -= 1
        self._turn.release()

    def _end_job(self, running: "asyncio.Future[T]") -> None:
        self._end_turn()
        if not running.cancelled():
            running.exception()  # An abandoned job's error has no other reader; unread, asyncio would complain of it.
