"""Coding on several machines, over Ray Data: a table of shards goes through ``map_batches``, and each actor holds a model.

The input and the output folder have to be at the same place on all machines. An actor that dies is started anew by Ray, and its
shard goes on from its last checkpoint.
"""

import logging
import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copydesk.configs.errors import ConfigError
from copydesk.configs.model_choice import ModelChoice
from copydesk.inference.batch import LocalEngine, Progress, Watch
from copydesk.inference.options import PredictOptions
from copydesk.inference.shards import Shard, ShardFolder, outcome
from copydesk.inference.sources import InputOptions

if TYPE_CHECKING:
    import numpy as np

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent anywhere
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # what matters comes as an exception; the rest stays in Ray's own log files
}


@contextmanager
def connected(address: str | None, workers: int | None) -> Iterator[Any]:
    """The ``ray`` module with a cluster behind it, that is left or taken down at the end.

    :param address: Of the cluster; ``None`` takes ``RAY_ADDRESS`` or starts one on this machine.
    :param workers: Processors of a cluster that is started here; ``None`` for all.
    :raises ConfigError: If Ray is not installed or its cluster can't be reached.
    """
    os.environ.update({name: value for name, value in _QUIET.items() if name not in os.environ})
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ConfigError(
            "--engine ray needs Ray.", remedy="Install it on every machine: pip install 'copydesk[ray]'."
        ) from error
    if ray.is_initialized():  # by a program that calls us
        yield ray
        return
    address = address or os.environ.get("RAY_ADDRESS")
    # A cluster of our own has no dashboard: nothing of the run is to be seen on a port.
    where: dict[str, Any] = {"address": address} if address else {"num_cpus": workers, "include_dashboard": False}
    try:
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigError(
            f"no Ray cluster at {address}: {error}." if address else f"Ray can't be started: {error}.",
            remedy="Check --ray-address (ray status says where one runs), or leave it out to use this machine alone.",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


@dataclass(frozen=True)
class RayRun:
    """A run on a Ray cluster.

    :param model: The model that each actor loads; on each machine it has to be there.
    :param options: What is asked of each article.
    :param reading: How inputs are read.
    :param folder: Where the shards go.
    :param workers: How many actors; ``None`` for as many as the cluster has processors.
    """

    model: ModelChoice
    options: PredictOptions
    reading: InputOptions
    folder: ShardFolder
    workers: int | None = None

    def run(self, ray: Any, shards: Sequence[Shard], watch: Watch = lambda _: None) -> Progress:
        """Code all shards.

        :param ray: As :func:`connected` gives it.
        :raises CopydeskError: What stopped a shard; the others are finished first, and the same command goes on.
        """
        if not shards:
            return Progress(rows=0, errors=0, new=0, done=1.0)
        ray.data.DataContext.get_current().enable_progress_bars = False
        processors = max(1, int(ray.cluster_resources().get("CPU", 1)))
        actors = min(self.workers or processors, processors, len(shards))
        # A block a shard: Ray hands whole blocks to its actors. It starts an actor that died anew, and repeats its block.
        parts = [{"shard": pickle.dumps(shard)} for shard in shards]
        table = ray.data.from_items(parts, override_num_blocks=len(shards))
        coded = table.map_batches(
            _ShardCoder,
            fn_constructor_args=(self.model, self.options, self.folder, self.reading),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=actors, max_tasks_in_flight_per_actor=1),
            num_cpus=1,
        )
        total, rows, errors = sum(shard.size for shard in shards), 0, 0
        fault: ConfigError | None = None
        for found in coded.iter_rows():
            if found["message"]:
                fault = fault or ConfigError(found["message"], remedy=found["remedy"], source=found["source"])
                continue
            rows, errors = rows + int(found["rows"]), errors + int(found["errors"])
            watch(Progress(rows=rows, errors=errors, new=rows, done=rows / total))
        if fault:
            raise fault
        return Progress(rows=rows, errors=errors, new=rows, done=1.0)


class _ShardCoder:
    """An actor: one model, one shard at a time."""

    def __init__(self, model: ModelChoice, options: PredictOptions, folder: ShardFolder, reading: InputOptions) -> None:
        from copydesk.inference.predictor import ArticlePredictor

        self.engine = LocalEngine(model.load(ArticlePredictor.from_pretrained), options)
        self.folder = folder
        self.reading = reading

    def __call__(self, batch: "dict[str, np.ndarray[Any, Any]]") -> dict[str, list[Any]]:
        found = [outcome(shard, self.engine, self.folder, self.reading) for shard in map(pickle.loads, batch["shard"])]
        faults = [one["fault"] or ("", "", "") for one in found]
        names = ("message", "remedy", "source")
        return {name: [one[name] for one in found] for name in ("shard", "rows", "errors")} | {
            name: [fault[number] for fault in faults] for number, name in enumerate(names)
        }
