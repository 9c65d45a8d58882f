"""An evaluation's figures as a readable page in the terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from copydesk.training.headline_scores import HeadlineScores
from copydesk.training.metrics import Scores
from copydesk.training.resampling import Figure

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PLAIN_WIDTH = 120
"""Columns of the page where the output is no terminal, so that a file or a pipe gets whole lines."""


MOST_CONFUSED = 12
"""Labels up to which the confusion table is printed; of more, the JSON has it."""


def print_page(report: Mapping[str, Any], scores: Scores | HeadlineScores) -> None:
    """Print what was run, then the figures.

    :param report: The JSON report, for its first lines.
    """
    console = page_console()
    codebook = f", codebook {report['codebook']} {report['codebook_version']}" if "codebook" in report else ""
    complete = report["rows_in_table"] - report["rows_skipped"]
    sampled = "" if report["rows"] == complete else f" of {complete:,} (seed {report['seed']})"
    if report["rows_skipped"]:
        sampled += f", {report['rows_skipped']:,} with an empty cell left out"
    console.print(f"[bold]{report['task']}[/]: {report['table']}, {report['rows']:,} rows{sampled}", highlight=False)
    if report["decision"]:
        console.print(report["decision"], highlight=False)
    console.print(f"model {report['model']} {report['model_hash']}{codebook}, {report['seconds']:,} s", highlight=False)
    if isinstance(scores, HeadlineScores):
        console.print(_headline_table(scores))
        console.print(
            f"Cut at {scores.limit} bytes; {scores.mean_bytes:.0f} bytes on average, {scores.unanswered} articles without one.",
            highlight=False,
        )
        return
    console.print(_overall_table(scores))
    console.print(_label_table(scores))
    if 1 < len(scores.confusion) <= MOST_CONFUSED:
        console.print(_confusion_table(scores))
    console.print(_coverage_table(scores))


def page_console() -> "Console":
    """A console on standard output; wide enough for a table where that is no terminal."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=_PLAIN_WIDTH)


def _overall_table(scores: Scores) -> "Table":
    table = page_table("metric", "value", "95% interval")
    for name, figure in scores.overall.items():
        table.add_row(name, percent(figure.value), interval(figure))
    table.add_row("calibration error (ECE)", percent(scores.ece), "")
    return table


def _label_table(scores: Scores) -> "Table":
    multi = any(label.average_precision is not None for label in scores.labels)
    table = page_table(
        "label", "precision", "recall", "F1", "95% interval", "gold", "given", *(["AP"] if multi else [])
    )
    for label in scores.labels:
        cells = [
            label.label,
            percent(label.precision.value),
            percent(label.recall.value),
            percent(label.f1.value),
            interval(label.f1),
            f"{label.support:,}",
            f"{label.given:,}",
        ]
        table.add_row(*cells, *([percent(label.average_precision)] if multi else []))
    return table


def _confusion_table(scores: Scores) -> "Table":
    """How often each right label (a row) was given as each other (a column)."""
    table = page_table("right / given", *(label.label for label in scores.labels))
    for label, row in zip(scores.labels, scores.confusion, strict=True):
        table.add_row(label.label, *(f"{count:,}" for count in row))
    return table


def _coverage_table(scores: Scores) -> "Table":
    table = page_table("score from", "coverage", "risk", "recall")
    for row in scores.coverage[::2]:  # every tenth; the JSON has the steps between
        table.add_row(f"{row.threshold:.1f}", percent(row.coverage), percent(row.risk), percent(row.recall))
    return table


def _headline_table(scores: HeadlineScores) -> "Table":
    table = page_table(
        "metric", "copydesk", "95% interval", "first words", "95% interval", "difference", "95% interval"
    )
    for name, ours in scores.ours.items():
        cells = [
            cell
            for figure in (ours, scores.lead[name], scores.difference[name])
            for cell in (percent(figure.value), interval(figure))
        ]
        table.add_row(name, *cells)
    return table


def page_table(first: str, *columns: str) -> "Table":
    """A table whose first column is text and whose others are figures."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def percent(value: float | None) -> str:
    """A share in percent with one decimal; a dash where it is not defined."""
    return "–" if value is None else f"{100 * value:.1f}"


def interval(figure: Figure) -> str:
    """A 95% interval in percent; empty where none was made."""
    return "" if figure.low is None or figure.high is None else f"{100 * figure.low:.1f} to {100 * figure.high:.1f}"
