"""``copydesk labels``: list the codebooks, show one, check one of your own."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from copydesk.configs.codebook import Codebook, Label, shipped_names

if TYPE_CHECKING:
    from copydesk.inference.cli import LoadPredictor

_EPILOG = """examples:
  copydesk labels                    the codebooks that come with copydesk
  copydesk labels plover             the labels of one, with their definitions
  copydesk labels plover ASSAULT     one label, with its hypotheses
  copydesk labels mine.toml          the same for a codebook or a list of labels of your own
  copydesk labels check mine.toml    find duplicates, missing parents, misspelt placeholders, near-identical hypotheses

exit codes:
  0    fine
  1    the check found errors (warnings alone: 0)
  2    there is no such codebook or label, or it can't be read
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.usage = "copydesk labels [NAME [LABEL …]] | check FILE …  [--json]"
    parser.epilog = _EPILOG
    parser.add_argument("names", nargs="*", metavar="NAME", help="a codebook and a label of it; or: check FILE …")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(args: argparse.Namespace, load_predictor: "LoadPredictor") -> int:  # noqa: ARG001 - no model is needed here
    """Run the command and return its exit code."""
    match args.names:
        case []:
            return _list(args.json)
        case ["check", *files]:
            return _check(files, args.json)
        case [name]:
            return _show(Codebook.load(name), args.json)
        case [name, *labels]:
            book = Codebook.load(name)
            return _show_labels([book.label(label) for label in labels], args.json)
    raise AssertionError(args.names)


def _list(as_json: bool) -> int:
    books = [Codebook.load(name) for name in shipped_names()]
    if as_json:
        rows = [
            {"name": book.name, "version": book.version, "labels": len(book.labels), "description": book.description}
            for book in books
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for book in books:
        print(f"{book.name:<14} {len(book.labels):>3} labels  {_first_sentence(book.description)}")
    return 0


def _show(book: Codebook, as_json: bool) -> int:
    if as_json:
        print(json.dumps(book.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return 0
    print(f"{book.name}, version {book.version}, language {book.language}, {len(book.labels)} labels")
    if book.description:
        print(book.description)
    print()
    width = max(len(label.id) for label in book.labels)
    for label in book.labels:
        print(f"{label.id:<{width}}  {label.definition or label.name}{f' (in {label.parent})' if label.parent else ''}")
    return 0


def _show_labels(labels: Sequence[Label], as_json: bool) -> int:
    if as_json:
        print(json.dumps([label.model_dump(mode="json") for label in labels], ensure_ascii=False, indent=2))
        return 0
    for label in labels:
        print(f"{label.id}: {label.name}\n{label.definition}".rstrip())
        for heading, statements in (
            ("holds of the article", label.hypotheses),
            ("holds of the actors", (*label.dyad, *label.dyad_future)),
            ("holds of what it is confused with", label.counter),
        ):
            if statements:
                print(f"  {heading}:", *statements, sep="\n    ")
    return 0


def _check(files: Sequence[str], as_json: bool) -> int:
    from copydesk.configs.codebook_check import check_file
    from copydesk.configs.errors import ConfigError

    if not files:
        raise ConfigError("check needs a file.", remedy="For instance: copydesk labels check mine.toml")
    found = [(name, finding) for name in files for finding in check_file(name)]
    if as_json:
        rows = [
            {
                "file": name,
                "line": finding.line,
                "severity": finding.severity,
                "message": finding.message,
                "remedy": finding.remedy,
            }
            for name, finding in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for name, finding in found:
            print(f"{name}:{finding.line}: {finding.severity}: {finding.message} {finding.remedy}".rstrip())
        print(f"{len(found)} finding{'' if len(found) == 1 else 's'}." if found else "Nothing to mend.")
    return 1 if any(finding.severity == "error" for _, finding in found) else 0


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    return line.partition(". ")[0].rstrip(".") + "." if line else ""
