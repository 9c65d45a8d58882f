"""``copydesk report``: coded records in, one page to read them in out."""

import argparse
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.configs.errors import ConfigError, InputError
from copydesk.inference.cli import EXIT_CODES, EXIT_OK, EXIT_SOME_FAILED
from copydesk.inference.report import MAX_LISTED, read_results, write_report
from copydesk.inference.terminal import visible

if TYPE_CHECKING:
    from copydesk.inference.cli import LoadPredictor

_EPILOG = f"""examples:
  copydesk report coded.jsonl -o report.html
  copydesk report coded.jsonl errors.jsonl -o report.html    errors that were kept apart are listed too
  copydesk report coded.parquet -o report.html --title "Karabakh, autumn 2020"

The page is one file. It needs no network and runs nothing but its own script; the articles' texts are in it, so share it as
you may share them.

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.usage = "copydesk report CODED … -o FILE [options]"
    parser.epilog = _EPILOG
    parser.add_argument("inputs", nargs="+", type=Path, metavar="CODED", help="what copydesk predict wrote")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the page; it is replaced")
    parser.add_argument("--title", metavar="TEXT", help="heading of the page (the input's name)")
    parser.add_argument(
        "--limit", type=int, default=MAX_LISTED, metavar="N", help="rows in the list; the plots count all (%(default)s)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no notes")


def run(args: argparse.Namespace, _load_predictor: "LoadPredictor") -> int:
    """Run the command and return its exit code."""
    output: Path = args.output
    if args.limit < 0:
        raise ConfigError(f"--limit is {args.limit}.", remedy="Give a whole number from 0.")
    if not output.parent.is_dir():
        raise ConfigError("its folder does not exist.", remedy="Choose another with -o.", source=str(output))
    if output.resolve() in {path.resolve() for path in args.inputs}:
        raise ConfigError("is the input.", remedy="Name another file with -o.", source=str(output))
    for path in args.inputs:
        if not path.is_file():
            raise InputError("there is no such file.", remedy="Check the path.", source=str(path))
    title = args.title or ", ".join(path.name for path in args.inputs)
    unreadable: list[int | None] = []
    results = chain.from_iterable(
        read_results(path, lambda fault: unreadable.append(fault.line)) for path in args.inputs
    )
    overview = write_report(results, output, title=title, limit=args.limit)
    if not args.quiet:
        counts = f"{overview.articles:,} articles, {overview.errors:,} errors"
        print(f"copydesk: {visible(str(output))}: {counts}.", file=sys.stderr)
    if unreadable:
        print(f"copydesk: {len(unreadable):,} lines are no records; they are listed as errors.", file=sys.stderr)
    return EXIT_SOME_FAILED if unreadable else EXIT_OK
