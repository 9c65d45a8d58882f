"""``copydesk predict``: articles in, coded records out."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.configs.errors import ConfigError
from copydesk.configs.model_choice import ModelChoice, add_model_arguments, comma_separated
from copydesk.inference.cli import EXIT_BAD_INPUT, EXIT_CODES, EXIT_INTERRUPTED, EXIT_OK, EXIT_SOME_FAILED
from copydesk.inference.options import (
    DEFAULT_CODEBOOK,
    HEADLINE_CHARS,
    ON_OTHER_LANGUAGE,
    SHARD_ROWS,
    SUMMARY_SENTENCES,
    PredictOptions,
)
from copydesk.inference.outputs import FORMAT_OF_SUFFIX, FORMATS, encoder
from copydesk.inference.records import PredictionError, Result
from copydesk.inference.sources import INPUT_KINDS, InputOptions
from copydesk.inference.streams import MAX_LINE_BYTES
from copydesk.inference.terminal import visible

if TYPE_CHECKING:
    from copydesk.inference.batch import Engine, Progress
    from copydesk.inference.cli import LoadPredictor
    from copydesk.inference.inputs import Row
    from copydesk.inference.output_files import OutputPlan

PAGE = "page"

_EPILOG = f"""examples:
  copydesk predict article.txt                          a readable page in the terminal, JSON in a pipe
  copydesk predict article.txt --targets "Armenia,Azerbaijan"
  copydesk predict articles/ -o coded.jsonl             every article of a folder
  copydesk predict corpus.jsonl.gz -o coded.jsonl       a corpus; if it is stopped or killed, the same command goes on
  copydesk predict corpus.csv --text-column body --id-column nr -o coded.csv
  copydesk predict corpus.parquet -o coded.parquet --codebook acled --errors errors.jsonl
  copydesk predict article.txt --codebook my-labels.txt a label a line is a codebook, too
  copydesk predict https://example.org/story            a web page (needs: pip install 'copydesk[web]')
  cat article.txt | copydesk predict - | jq .headline.text

inputs are .txt, .html, .jsonl, .csv, .tsv and .parquet, each but the last also as .gz and .zst; folders of them; folders
written by Hugging Face datasets; http(s) URLs; and - for standard input. Every input gives one record: a prediction, or an
error that says what is wrong.

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.usage = "copydesk predict INPUT … [-o FILE] [options]"
    parser.epilog = _EPILOG
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="files, folders, URLs, or - for standard input")
    out = parser.add_argument_group("output")
    out.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there, in a run that can be resumed")
    out.add_argument(
        "--format", choices=(*FORMATS, PAGE), help="default: by FILE's ending; a page on a terminal, else JSONL"
    )
    out.add_argument("--errors", type=Path, metavar="FILE", help="error records go there (JSONL), not among the others")
    out.add_argument("--restart", action="store_true", help="begin anew: replace FILE and drop an unfinished run")
    out.add_argument(
        "--workers", type=_positive, metavar="N", help="processes, each with its own model (1; of a Ray cluster, all)"
    )
    out.add_argument("-q", "--quiet", action="store_true", help="no progress and no notes")
    many = parser.add_argument_group("several machines")
    many.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: shards into the folder -o (needs: pip install 'copydesk[ray]')",
    )
    many.add_argument(
        "--ray-address", metavar="HOST:PORT", help="of the cluster; default: RAY_ADDRESS, or this machine"
    )
    many.add_argument(
        "--shard-rows", type=_positive, default=SHARD_ROWS, metavar="N", help="of each file (%(default)s)"
    )
    ask = parser.add_argument_group("what is asked")
    add_model_arguments(ask)
    ask.add_argument("--codebook", default=DEFAULT_CODEBOOK, metavar="NAME", help="see: copydesk labels (%(default)s)")
    ask.add_argument(
        "--targets", type=comma_separated, metavar="A,B", help="read stance toward these, '' for none (the main actors)"
    )
    ask.add_argument(
        "--headline-chars", type=_positive, default=HEADLINE_CHARS, metavar="N", help="longest headline (%(default)s)"
    )
    ask.add_argument(
        "--summary", type=int, default=SUMMARY_SENTENCES, metavar="N", help="sentences in the summary (%(default)s)"
    )
    ask.add_argument("--exclusive", action="store_true", help="exactly one event type for each article, the best")
    ask.add_argument(
        "--on-other-language", choices=ON_OTHER_LANGUAGE, default="warn", help="other than the codebook's (%(default)s)"
    )
    ask.add_argument(
        "--dedup",
        action="store_true",
        help="mark articles that tell a story again (needs: pip install 'copydesk[dedup]')",
    )
    read = parser.add_argument_group("how inputs are read")
    for field in ("text", "id", "title", "source", "date", "url", "author"):
        read.add_argument(
            f"--{field}-column", metavar="NAME", help=f"column of the {field}; default: guessed from plain names"
        )
    read.add_argument("--input-format", choices=INPUT_KINDS, help="default: by the ending")
    read.add_argument("--encoding", default="utf-8", metavar="NAME", help="of text and CSV (%(default)s)")
    read.add_argument("--split", metavar="NAME", help="of a datasets folder with several")
    read.add_argument(
        "--duplicate-ids", choices=("error", "keep"), default="error", help="an id that comes twice (%(default)s)"
    )
    read.add_argument(
        "--max-line-mb",
        type=_positive,
        default=MAX_LINE_BYTES // 2**20,
        metavar="N",
        help="longest line of a table (%(default)s)",
    )
    read.add_argument("--allow-private", action="store_true", help="URLs may lead into the local network")


def run(args: argparse.Namespace, load_predictor: "LoadPredictor") -> int:
    """Run the command and return its exit code."""
    options = PredictOptions.of(
        args.codebook,
        args.targets,
        headline_chars=args.headline_chars,
        summary_sentences=args.summary,
        exclusive=args.exclusive,
        on_other_language=args.on_other_language,
    )
    if args.engine == "ray":
        return _exit_code(_on_ray(args, options, load_predictor))
    if args.ray_address:
        raise ConfigError("--ray-address needs --engine ray.", remedy="Give both, or neither.")
    plan = _plan(args)
    if plan:
        plan.check()
    rows, _ = _rows(args, plan)
    predictor = ModelChoice.of(args).load(load_predictor)
    engine = _engine(args, predictor, options)
    if plan is None:
        progress = _to_stdout(args, rows, engine)
    else:
        model = f"{predictor.suite.name} {predictor.suite.content_hash}"
        progress = _to_file(args, rows, engine, plan, {"model": model, **options.fingerprint()})
    return _exit_code(progress)


def _exit_code(progress: "Progress") -> int:
    if progress.rows == 0:
        print("copydesk: the input holds no article.", file=sys.stderr)
    if 0 < progress.rows == progress.errors:
        return EXIT_BAD_INPUT
    return EXIT_SOME_FAILED if progress.errors else EXIT_OK


def _plan(args: argparse.Namespace) -> "OutputPlan | None":
    """Where to write; ``None`` for standard output.

    :raises ConfigError: If the options don't go together.
    """
    from copydesk.inference.output_files import OutputPlan

    path: Path | None = args.output
    if path is None:
        if wrong := [name for name in ("errors", "restart") if getattr(args, name)]:
            raise ConfigError(f"--{wrong[0]} needs -o FILE.", remedy="Without it, everything goes to standard output.")
        if args.format == "parquet":
            raise ConfigError("a parquet table can't go to standard output.", remedy="Name a file with -o.")
        return None
    if path.suffix.lower() in {".gz", ".zst"}:
        raise ConfigError(
            "the output can't be compressed while it grows.", remedy="Compress it afterwards.", source=str(path)
        )
    form = args.format or FORMAT_OF_SUFFIX.get(path.suffix.lower(), "jsonl")
    if form == PAGE:
        raise ConfigError("a page is for the terminal.", remedy="Leave -o out, or choose another --format.")
    errors = args.errors
    if errors is None and not encoder(form).holds_errors:
        errors = path.with_name(f"{path.name}.errors.jsonl")
    return OutputPlan(path=path, form=form, errors=errors, restart=args.restart)


def _rows(args: argparse.Namespace, plan: "OutputPlan | None") -> "tuple[Iterator[Row], InputOptions]":
    from copydesk.inference.inputs import read_rows

    columns = {field: name for field in _column_fields() if (name := getattr(args, f"{field}_column")) is not None}
    skip = {path.resolve() for path in plan.finals.values()} if plan else set()
    options = InputOptions(
        columns=columns,
        kind=args.input_format,
        encoding=args.encoding,
        split=args.split,
        max_line_bytes=args.max_line_mb * 2**20,
        allow_private=args.allow_private,
        skip=skip,
    )
    return read_rows(args.inputs, options, _notes(args)), options


def _engine(args: argparse.Namespace, predictor: Any, options: PredictOptions) -> "Engine":
    from copydesk.inference.batch import LocalEngine

    if args.workers in (None, 1):
        return LocalEngine(predictor, options)
    from copydesk.inference.workers import WorkerEngine

    return WorkerEngine(ModelChoice.of(args), options, args.workers)


def _to_stdout(args: argparse.Namespace, rows: "Iterator[Row]", engine: "Engine") -> "Progress":
    from copydesk.inference.batch import run_to_stream

    form = args.format or (PAGE if sys.stdout.isatty() else "jsonl")
    write = _page_writer() if form == PAGE else _text_writer(form)

    def write_and_tell(result: Result) -> None:
        if isinstance(result, PredictionError) and form != PAGE:
            print(f"copydesk: {visible(str(result))}", file=sys.stderr)
        write(result)

    return run_to_stream(rows, engine, write_and_tell, keep_duplicates=args.duplicate_ids == "keep", dedup=args.dedup)


def _page_writer() -> Callable[[Result], None]:
    from rich.console import Console

    from copydesk.inference.page import print_page

    console = Console()
    return lambda result: print_page(result, console)


def _text_writer(form: Any) -> Callable[[Result], None]:
    """Writes UTF-8 whatever the locale, and flushes each record: whoever reads the pipe may be waiting for it."""
    text = encoder(form)
    out = sys.stdout.buffer
    out.write(text.head.encode())

    def write(result: Result) -> None:
        out.write(text.encode(result).encode())
        out.flush()

    return write


def _to_file(
    args: argparse.Namespace, rows: "Iterator[Row]", engine: "Engine", plan: "OutputPlan", asked: dict[str, Any]
) -> "Progress":
    from copydesk.inference.batch import run_to_file
    from copydesk.inference.progress import describe, shown

    fingerprint = {
        **_fingerprint(args, asked),
        "format": plan.form,
        "errors": str(plan.errors) if plan.errors else None,
        "dedup": args.dedup,
    }
    started = time.monotonic()
    keep = args.duplicate_ids == "keep"
    try:
        with shown(quiet=args.quiet) as watch:
            progress = run_to_file(rows, engine, plan, fingerprint, keep_duplicates=keep, dedup=args.dedup, watch=watch)
    except KeyboardInterrupt:
        print(
            f"copydesk: interrupted. Give the same command again to go on; {plan.path} comes at the end.",
            file=sys.stderr,
        )
        raise SystemExit(EXIT_INTERRUPTED) from None
    _notes(args)(f"{plan.path}: {describe(progress, time.monotonic() - started)}")
    return progress


def _fingerprint(args: argparse.Namespace, asked: dict[str, Any]) -> dict[str, Any]:
    """What decides a run's answers: the program, what is asked, and how the input is read."""
    from copydesk import __version__

    reading = ("input_format", "encoding", "split", "duplicate_ids", "max_line_mb")
    columns = (f"{field}_column" for field in _column_fields())
    return {
        "copydesk": __version__,
        **asked,
        "input": args.inputs,
        **{name: getattr(args, name) for name in (*reading, *columns)},
    }


def _on_ray(args: argparse.Namespace, options: PredictOptions, load_predictor: "LoadPredictor") -> "Progress":
    from copydesk.inference.command_ray import check, code

    check(args)
    predictor = ModelChoice.of(args).load(load_predictor)
    asked = {"model": f"{predictor.suite.name} {predictor.suite.content_hash}", **options.fingerprint()}
    return code(args, options, _fingerprint(args, asked), *_rows(args, None), _notes(args))


def _notes(args: argparse.Namespace) -> Callable[[str], None]:
    """Where notes go: to standard error, unless asked for quiet."""
    return (lambda _: None) if args.quiet else (lambda line: print(f"copydesk: {visible(line)}", file=sys.stderr))


def _column_fields() -> tuple[str, ...]:
    from copydesk.models.schema import Article

    return tuple(field.name for field in fields(Article))


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a whole number from 1")
    return number
