"""``copydesk fit-thresholds``: a new version of a codebook whose thresholds meet a wanted precision or recall."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from copydesk import __version__
from copydesk.configs.codebook import Codebook
from copydesk.configs.codebook_edit import next_version, with_thresholds
from copydesk.configs.errors import ConfigError, InputError
from copydesk.configs.model_choice import ModelChoice, add_model_arguments
from copydesk.training.evaluate_command import check_writable, progress
from copydesk.training.evaluation import Predictor, event_scores
from copydesk.training.evaluation_page import interval, page_console, page_table, percent
from copydesk.training.gold_labels import parse_mapping, read_gold
from copydesk.training.labelled_table import read_table
from copydesk.training.metrics import multi_label_scores
from copydesk.training.resampling import Resampling
from copydesk.training.threshold_fitting import (
    FOLDS,
    Bools,
    Fit,
    Floats,
    Target,
    cross_fitted,
    fit_thresholds,
)

if TYPE_CHECKING:
    from rich.table import Table

LEAST_ROWS = 20
"""Fewer articles leave folds of less than four, on which nothing can be said."""
FEW_ROWS = 50
"""Below this many articles the page warns; see ``benchmarks/thresholds.py``."""

_EXAMPLES = """\
examples:
  copydesk fit-thresholds labelled.csv --codebook mine.toml --precision 0.9
  copydesk fit-thresholds labelled.csv --codebook acled --label type --separator ";" --recall 0.8 -o acled-ours.toml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments on ``parser``."""
    parser.description = (
        "Fit the thresholds of a codebook to labelled articles, from as few as 50, and write its next version.\n"
        "A label with few rows of its own leans on all labels together."
    )
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("table", type=Path, metavar="FILE", help="labelled table: .csv, .tsv, .jsonl or .parquet")
    parser.add_argument("--codebook", required=True, metavar="NAME", help="name or file of the codebook to start from")
    aim = parser.add_mutually_exclusive_group(required=True)
    aim.add_argument(
        "--precision", type=float, metavar="P", help="wanted share of right ones among the given tags, e.g. 0.9"
    )
    aim.add_argument(
        "--recall", type=float, metavar="R", help="wanted share of the right tags that are given, e.g. 0.8"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="new codebook (default: NAME-VERSION.toml)")
    parser.add_argument("--text", default="text", metavar="COL", help="column of the text (default: %(default)s)")
    parser.add_argument(
        "--label", nargs="+", default=["label"], metavar="COL", help="the label column, or several columns of 0 and 1"
    )
    parser.add_argument("--separator", metavar="CHARS", help="what stands between the labels of a cell")
    parser.add_argument(
        "--map", nargs="+", default=[], metavar="A=B", help="the table's label A is the codebook's label B"
    )
    add_model_arguments(parser)
    parser.add_argument("--limit", type=int, metavar="N", help="a random sample of N rows")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of sample, folds and intervals (default: 0)")


def run(args: argparse.Namespace, load_predictor: Callable[..., Predictor]) -> int:
    """Fit, show what to expect, write the new codebook.

    :param args: As parsed by a parser that :func:`add_arguments` set up.
    :param load_predictor: Loads a model by name; ``None`` is the embedded one.
    :returns: 0.
    :raises CopydeskError: If the table, a label, the codebook, the model or an option is at fault.
    """
    target = _target(args)
    codebook = Codebook.load(args.codebook)
    version = next_version(codebook.version)
    output = args.output or Path(f"{codebook.name}-{version}.toml")
    _check_output(output)
    table = read_table(args.table).sample(args.limit, args.seed)
    gold = read_gold(table, args.label, codebook, mapping=parse_mapping(args.map), separator=args.separator)
    texts = table.texts(args.text)
    if len(table) < LEAST_ROWS:
        raise InputError(
            f"{len(table)} rows are too few.", remedy=f"Label {FEW_ROWS} articles or more.", source=table.path
        )
    predictor = ModelChoice.of(args).load(load_predictor)
    with progress(len(table), "fit-thresholds") as advance:
        scores = event_scores(predictor, texts, codebook, advance)
    judged = [codebook.ids.index(name) for name in gold.judged]
    scores = scores[:, judged]
    right = np.array([[name in labels for name in gold.judged] for labels in gold.with_ancestors()])
    if not (right & (scores > 0)).any():
        raise InputError(
            "the model scores no right label above 0.", remedy="Check --text and --label.", source=table.path
        )
    fit = fit_thresholds(right, scores, gold.judged, target)
    before = np.array([codebook.threshold_of(codebook.label(name)) for name in gold.judged])
    _print_page(args, target, fit, right, scores, before)
    notes = (
        f"Thresholds fitted by copydesk {__version__} fit-thresholds for {target.aim} {target.value:g}",
        f"on {len(table)} rows of {args.table.name}, with the model {predictor.suite.name} {predictor.suite.content_hash}.",
    )
    fitted = {label.label: label.threshold for label in fit.labels}
    output.write_text(
        with_thresholds(args.codebook, fitted, default=fit.threshold, version=version, notes=notes), encoding="utf-8"
    )
    Codebook.load(output)  # what was written is read before it is announced
    page_console().print(f"Wrote {output}: {codebook.name}, version {version}.", highlight=False)
    return 0


def _target(args: argparse.Namespace) -> Target:
    target = Target("precision", args.precision) if args.precision is not None else Target("recall", args.recall)
    if not 0 < target.value < 1:
        raise ConfigError(f"--{target.aim} is {target.value:g}.", remedy="Give a share between 0 and 1, e.g. 0.9.")
    return target


def _check_output(output: Path) -> None:
    """Before the model runs, not after.

    :raises ConfigError: If the file exists, is no .toml or can't be made.
    """
    if output.suffix.lower() != ".toml":
        raise ConfigError(f"-o is {str(output)!r}.", remedy="A codebook is a .toml file.")
    if output.exists():
        raise ConfigError(f"{output} is there already.", remedy="Give another file with -o.")
    check_writable(output)


def _print_page(
    args: argparse.Namespace, target: Target, fit: Fit, right: Bools, scores: Floats, before: Floats
) -> None:
    """The thresholds with their reasons, what they do on these rows, and what to expect on others."""
    console = page_console()
    if len(right) < FEW_ROWS:
        print(f"Only {len(right)} articles: the thresholds are unsure; {FEW_ROWS} are better.", file=sys.stderr)
    console.print(
        f"[bold]fit-thresholds[/]: {args.table}, {len(right)} rows, {target.aim} ≥ {target.value:g}", highlight=False
    )
    console.print(_threshold_table(fit, before))
    if not fit.reached:
        console.print(
            f"All labels together reach {target.aim} {target.value:g} at no score. Expect less, or ask for less."
        )
    labels = [label.label for label in fit.labels]
    given = {
        "before": scores >= before,
        "fitted, same rows": scores >= fit.thresholds,
        f"fitted, other rows ({FOLDS}-fold)": cross_fitted(right, scores, labels, target, args.seed),
    }
    outcomes = page_table(
        "thresholds", "precision", "recall", "micro F1", "95% interval", "rows with a tag", "wrong tags"
    )
    for name, tags in given.items():
        outcomes.add_row(name, *_outcome(right, tags, scores, labels, args.seed))
    console.print(outcomes)
    curve = page_table("one threshold for all", "coverage", "risk", "recall")
    for row in multi_label_scores(right, given["before"], scores, labels, Resampling(resamples=0)).coverage[::2]:
        curve.add_row(f"{row.threshold:.1f}", percent(row.coverage), percent(row.risk), percent(row.recall))
    console.print(curve)


def _threshold_table(fit: Fit, before: Floats) -> "Table":
    """One line per label: old and new threshold, what the new one rests on, what it gives on these rows."""
    table = page_table("label", "before", "fitted", "rests on", "gold", "given", "right")
    for label, old in zip(fit.labels, before, strict=True):
        counts = (f"{label.support:,}", f"{label.given:,}", f"{label.hits:,}")
        table.add_row(label.label, f"{old:.3f}", f"{label.threshold:.3f}", label.basis, *counts)
    table.add_row("all labels", "", f"{fit.threshold:.3f}", "" if fit.reached else "not reached", "", "", "")
    return table


def _outcome(right: Bools, tags: Bools, scores: Floats, labels: Sequence[str], seed: int) -> list[str]:
    """Precision, recall and F1 over all tags, the share of rows with one and the share of wrong ones."""
    hits = int((right & tags).sum())
    figure = multi_label_scores(right, tags, scores, labels, Resampling(seed=seed)).overall["micro F1"]
    precision = hits / int(tags.sum()) if tags.any() else None
    return [
        percent(precision),
        percent(hits / int(right.sum())),
        percent(figure.value),
        interval(figure),
        percent(float(tags.any(axis=1).mean())),
        percent(None if precision is None else 1 - precision),
    ]
