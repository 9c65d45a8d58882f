"""``copydesk predict --engine ray``: a folder of shards, coded on a Ray cluster."""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from copydesk.configs.errors import ConfigError
from copydesk.configs.model_choice import ModelChoice
from copydesk.inference.batch import Progress
from copydesk.inference.inputs import Row
from copydesk.inference.options import PredictOptions
from copydesk.inference.outputs import FORMAT_OF_SUFFIX, FORMATS, Format
from copydesk.inference.progress import describe, shown
from copydesk.inference.ray_engine import RayRun, connected
from copydesk.inference.shards import ShardFolder, cut
from copydesk.inference.sources import STDIN, InputOptions


def check(args: argparse.Namespace) -> None:
    """Find what shards can't give, before any model is loaded.

    :raises ConfigError: If something of it was asked for.
    """
    path: Path | None = args.output
    if path is None or path.suffix.lower() in FORMAT_OF_SUFFIX:
        raise ConfigError("--engine ray writes a folder of shards.", remedy="Name a folder with -o, as in -o coded/.")
    if wrong := [name for name in ("errors", "dedup") if getattr(args, name)]:
        raise ConfigError(
            f"--{wrong[0]} looks at the whole run, and the shards of --engine ray are coded apart.",
            remedy="Leave it out; JSONL shards hold their error records, others have them in a file beside each.",
        )
    if once := [name for name in args.inputs if name == STDIN or name.startswith(("http://", "https://"))]:
        raise ConfigError(
            "--engine ray reads its input on several machines, and this can be read only here.",
            remedy="Save it to a file that all machines see.",
            source=once[0],
        )
    if twice := [name for name in args.inputs if args.inputs.count(name) > 1]:
        raise ConfigError("is named twice.", remedy="Give each input once.", source=twice[0])
    if args.format not in (None, *FORMATS):
        raise ConfigError(f"a {args.format} is for the terminal.", remedy="Choose another --format.")


def code(
    args: argparse.Namespace,
    options: PredictOptions,
    fingerprint: Mapping[str, Any],
    rows: Iterator[Row],
    reading: InputOptions,
    tell: Callable[[str], None],
) -> Progress:
    """Cut the input to shards and code them.

    :param fingerprint: Everything but the shards that decides the answers.
    :param rows: The input.
    :param reading: How it is read again.
    :param tell: Called with one line for each note.
    :raises CopydeskError: If the cluster can't be reached, or a shard's input or output fails.
    """
    form: Format = args.format or "jsonl"
    made_with = {**fingerprint, "format": form, "shard_rows": args.shard_rows}
    folder = ShardFolder(args.output, form, args.restart, made_with)
    started = time.monotonic()
    with connected(args.ray_address, args.workers) as ray:
        folder.prepare()
        shards = list(cut(rows, args.shard_rows, keep_duplicates=args.duplicate_ids == "keep"))
        tell(f"{sum(shard.size for shard in shards):,} articles in {len(shards):,} shards")
        with shown(quiet=args.quiet) as watch:
            progress = RayRun(ModelChoice.of(args), options, reading, folder, args.workers).run(ray, shards, watch)
    tell(f"{args.output}: {describe(progress, time.monotonic() - started)}")
    return progress
