"""Every development table, by ``copydesk evaluate`` itself: the figures of docs/baseline.md, for any model.

    python benchmarks/dev_tables.py ../shared/data --model baseline -o figures/
    python benchmarks/dev_tables.py ../shared/data --limit 300 --only newsmtsc vast    # the embedded model on samples

Prints a table in Markdown and leaves the full figures of each table in the folder, one JSON file each.
"""

import argparse
import contextlib
import io
import json
import shlex
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from copydesk import ArticlePredictor
from copydesk.training import evaluate_command

DESK_OF_BBC = (
    "sports=sport politics='politics and elections' business='business and economy' entertainment='arts and culture' "
    "health='health and environment' technology='science and technology'"
)
TASKS: Mapping[str, str] = {
    "current_events": "events events/current_events_dev.parquet --codebook desk --label category",
    "masakhanews": f"events events/masakhanews_dev.parquet --codebook desk --label category --present-only --map {DESK_OF_BBC}",
    "india_police": "events events/india_police_dev.parquet --codebook - --label kill arrest any_action fail force",
    "newsmtsc": "stance stance/newsmtsc_dev.parquet --text sentence --target mention --span start end",
    "directed": "stance stance/directed_dev.parquet --text sentence --skip-empty --pair p q",
    "vast": "stance stance/vast_dev.parquet --group text",
    "fnc": "claims stance/fnc_pairs_dev.parquet --claim headline --bodies stance/fnc_bodies.parquet --text body --group body_id",
    "news_headlines": "headline headlines/news_dev.parquet --text lead",
}
"""Table to the words after ``copydesk evaluate``, with paths below the data folder."""


def main() -> None:
    args = _arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    rows = [_row(name, _figures(name, args)) for name in args.only or TASKS]
    print("| table | rows | accuracy | macro F1 | weighted F1 | kappa | ECE |\n|---|---|---|---|---|---|---|")
    print("\n".join(row for row in rows if not row.startswith("ROUGE")))
    print("\n".join(row for row in rows if row.startswith("ROUGE")))


def _figures(name: str, args: argparse.Namespace) -> dict[str, Any]:
    """What ``copydesk evaluate`` writes for one table; its page goes to standard error."""
    out = args.out / f"{name}.json"
    words = [str(args.data / word) if word.endswith(".parquet") else word for word in shlex.split(TASKS[name])]
    # What takes several words comes before --json, which ends it.
    words += ["--model", args.model, *(["--limit", str(args.limit)] if args.limit else []), "--json", str(out)]
    parser = argparse.ArgumentParser()
    evaluate_command.add_arguments(parser)
    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        evaluate_command.run(parser.parse_args(words), _load)
    print(page.getvalue(), file=sys.stderr)
    figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return figures


@cache
def _load(name: str | None) -> ArticlePredictor:
    return ArticlePredictor.from_pretrained(name)


def _row(name: str, figures: Mapping[str, Any]) -> str:
    """One table's figures as a line of Markdown."""
    if "ours" in figures:
        systems = [
            ", ".join(
                f"{metric} {_cell(figures[who][metric])}" for metric in ("ROUGE-1 F1", "ROUGE-2 F1", "ROUGE-L F1")
            )
            for who in ("ours", "lead", "difference")
        ]
        return (
            f"ROUGE of {name}, {figures['rows']:,} rows: {'; first words '.join(systems[:2])}; difference {systems[2]}"
        )
    overall = figures["overall"]
    accuracy = overall.get("accuracy") or overall["accuracy (every label right)"]
    cells = [_cell(figure) for figure in (accuracy, overall["macro F1"], overall["weighted F1"])]
    kappa = _cell(overall["Cohen's kappa"]) if "Cohen's kappa" in overall else "–"
    return f"| {name} | {figures['rows']:,} | {' | '.join(cells)} | {kappa} | {figures['ece']:.3f} |"


def _cell(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that holds events/, stance/ and headlines/")
    parser.add_argument("--model", default="embedded", help="baseline, a folder or a Hub id (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=TASKS, metavar="TABLE", help=f"of {', '.join(TASKS)}")
    parser.add_argument("--limit", type=int, help="a random sample of so many rows of each")
    parser.add_argument(
        "-o", "--out", type=Path, default=Path("figures"), help="folder of the JSON files (%(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
