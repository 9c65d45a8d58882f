"""``copydesk evaluate``: figures for a labelled table, on the screen and as JSON."""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from copydesk import __version__
from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import ConfigError
from copydesk.configs.model_choice import ModelChoice, add_model_arguments
from copydesk.training.evaluation import Advance, Predictor, Run
from copydesk.training.evaluation_jobs import JOBS, columns_of_text
from copydesk.training.evaluation_page import print_page
from copydesk.training.headline_scores import BYTE_LIMIT
from copydesk.training.labelled_table import read_table
from copydesk.training.resampling import RESAMPLES, Resampling
from copydesk.training.stance_evaluation import DIRECTIONS

LoadPredictor = Callable[..., Predictor]

_EXAMPLES = """\
examples:
  copydesk evaluate events labelled.csv --codebook acled --text text --label label
  copydesk evaluate events police.parquet --codebook police.toml --label kill arrest force --limit 500
  copydesk evaluate events bbc.jsonl --codebook iptc --label category --map sports=sport business=economy_business_and_finance
  copydesk evaluate dyads plover.csv --codebook plover15 --text sentence --label root --group sentence_id
  copydesk evaluate stance newsmtsc.parquet --text sentence --target mention --span start end
  copydesk evaluate claims pairs.csv --claim headline --bodies bodies.csv --text body --key body_id
  copydesk evaluate headline dev.parquet --text lead --headline headline --bytes 75
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the five tasks as subcommands of ``parser``."""
    parser.description = "Score copydesk's answers against a labelled table (.csv, .tsv, .jsonl or .parquet)."
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")

    events = _add_task(tasks, "events", "event types: one, or zero to many, per text")
    _add_codebook_arguments(events, "plover")
    how = events.add_mutually_exclusive_group()
    how.add_argument(
        "--exclusive", action="store_true", help="one label per text (the default where every row has one)"
    )
    how.add_argument("--multi-label", action="store_true", help="zero, one or many labels per text, by the thresholds")

    dyads = _add_task(tasks, "dyads", "who did what to whom: one code per (sentence, source, target)")
    _add_codebook_arguments(dyads, "plover15")
    dyads.add_argument("--source", default="source", metavar="COL", help="column of the acting actor")
    dyads.add_argument("--target", default="target", metavar="COL", help="column of the actor acted upon")

    stance = _add_task(tasks, "stance", "stance toward a target: favour, against, neutral")
    _add_label_arguments(stance)
    stance.add_argument("--target", default="target", metavar="COL", help="column of the target's name")
    stance.add_argument("--span", nargs=2, metavar=("START", "END"), help="columns of the target's offsets in the text")
    stance.add_argument("--holder", metavar="COL", help="column of the holder; without it, the text's own voice")
    stance.add_argument(
        "--pair", nargs=2, metavar=("P", "Q"), help=f"columns of two entities; the labels are {', '.join(DIRECTIONS)}"
    )

    claims = _add_task(tasks, "claims", "stance toward a claim: agree, disagree, discuss, unrelated")
    _add_label_arguments(claims)
    claims.add_argument("--claim", default="claim", metavar="COL", help="column of the claim")
    claims.add_argument("--bodies", type=Path, metavar="FILE", help="table of the texts, if they stand apart")
    claims.add_argument("--key", default="body_id", metavar="COL", help="column that joins the two tables")

    headline = _add_task(tasks, "headline", "ROUGE against the published headline, beside the first words of the text")
    headline.add_argument("--headline", default="headline", metavar="COL", help="column of the published headline")
    headline.add_argument(
        "--bytes", type=int, default=BYTE_LIMIT, metavar="N", help="limit in bytes (default: %(default)s)"
    )


def run(args: argparse.Namespace, load_predictor: LoadPredictor) -> int:
    """Evaluate as the arguments say; print a page, write the files that were asked for.

    :param args: As parsed by a parser that :func:`add_arguments` set up.
    :param load_predictor: Loads a model by name; ``None`` is the embedded one.
    :returns: 0.
    :raises CopydeskError: If the table, a column, a label, the codebook or the model is at fault.
    """
    _check(args)
    whole = read_table(args.table)
    filled = whole.filled(columns_of_text(args)) if args.skip_empty else whole
    table = filled.sample(args.limit, args.seed)
    if args.group:
        table.require(args.group)
    resampling = Resampling(
        groups=[str(row.get(args.group)) for row in table.rows] if args.group else None,
        resamples=args.resamples,
        seed=args.seed,
    )
    job = JOBS[args.task](args, table)
    predictor = ModelChoice.of(args).load(load_predictor)
    started = time.perf_counter()
    with progress(len(table), args.task) as advance:
        evaluation = job.run(predictor, Run(resampling, advance))
    report = {
        "task": args.task,
        "table": str(args.table),
        "rows": len(table),
        "rows_in_table": len(whole),
        "rows_skipped": len(whole) - len(filled),
        "seed": args.seed,
        "resamples": args.resamples,
        "groups": args.group,
        "model": predictor.suite.name,
        "model_hash": predictor.suite.content_hash,
        **_codebook_entry(job.codebook),
        "decision": job.decision,
        "copydesk": __version__,
        "seconds": round(time.perf_counter() - started, 1),
        **evaluation.figures(),
    }
    if args.json:
        args.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if args.predictions:
        with args.predictions.open("w", encoding="utf-8") as file:
            for number, row, answer in zip(table.numbers, table.rows, evaluation.answers, strict=True):
                place = {"row": number, **({"group": row.get(args.group)} if args.group else {})}
                file.write(json.dumps({**place, **answer}, ensure_ascii=False) + "\n")
    print_page(report, evaluation.scores)
    return 0


@contextmanager
def progress(total: int, task: str) -> Iterator[Advance]:
    """A progress bar on standard error while rows are done; nothing where that is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(task), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task(task, total=total)
        yield lambda done: bar.advance(row, done)


def _add_task(tasks: Any, name: str, summary: str) -> argparse.ArgumentParser:
    """A subcommand with what all tasks share."""
    parser: argparse.ArgumentParser = tasks.add_parser(name, help=summary, description=f"Evaluate {summary}.")
    parser.add_argument("table", type=Path, metavar="FILE", help="labelled table: .csv, .tsv, .jsonl or .parquet")
    add_model_arguments(parser)
    parser.add_argument("--text", default="text", metavar="COL", help="column of the text (default: %(default)s)")
    parser.add_argument(
        "--group", metavar="COL", help="column of the article, if several rows share one: for the intervals"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="a random sample of N rows")
    parser.add_argument(
        "--skip-empty",
        action="store_true",
        help="leave out rows with an empty text, name or claim; else they are an error",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the sample and the intervals (default: 0)")
    parser.add_argument(
        "--resamples",
        type=int,
        default=RESAMPLES,
        metavar="N",
        help="for the intervals; 0 for none (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FILE",
        help="write every answer as JSONL, with its row's number in the table, to read the errors",
    )
    return parser


def _add_label_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", default="label", metavar="COL", help="column of the label (default: %(default)s)")
    parser.add_argument("--map", nargs="+", default=[], metavar="A=B", help="the table's label A is copydesk's label B")


def _add_codebook_arguments(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--codebook",
        default=default,
        metavar="NAME",
        help=f"name or file; - takes the labels of the table (default: {default})",
    )
    parser.add_argument(
        "--label", nargs="+", default=["label"], metavar="COL", help="the label column, or several columns of 0 and 1"
    )
    parser.add_argument("--separator", metavar="CHARS", help="what stands between the labels of a cell")
    parser.add_argument(
        "--map", nargs="+", default=[], metavar="A=B", help="the table's label A is the codebook's label B"
    )
    parser.add_argument(
        "--present-only", action="store_true", help="choose among the labels that the table has, not the whole codebook"
    )


def _check(args: argparse.Namespace) -> None:
    """What argparse can't say.

    :raises ConfigError: If a number is out of range, or a file can't be written where it should go.
    """
    for name, least in (("limit", 1), ("resamples", 0), ("bytes", 1)):
        value = getattr(args, name, None)
        if value is not None and value < least:
            raise ConfigError(f"--{name} is {value}.", remedy=f"Give a whole number from {least}.")
    for path in (args.json, args.predictions):
        if path:
            check_writable(path)


def check_writable(path: Path) -> None:
    """Check before a model runs for hours that its figures can be written.

    :raises ConfigError: If the folder is missing, or the file can't be made or replaced in it.
    """
    if not path.parent.is_dir():
        raise ConfigError(f"there is no folder {str(path.parent)!r} to write {path.name} in.", remedy="Make it first.")
    if path.is_dir():
        raise ConfigError(f"{str(path)!r} is a folder.", remedy="Name a file in it.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ConfigError(f"{str(path)!r} can't be written.", remedy="Check who may write there.")


def _codebook_entry(codebook: Codebook | None) -> dict[str, str]:
    if codebook is None:
        return {}
    return {"codebook": codebook.name, "codebook_version": codebook.version, "codebook_hash": codebook.content_hash}
