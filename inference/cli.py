"""The command line: finds the command, runs it, and turns every expected fault into a message and an exit code.

A command is a module with ``add_arguments(parser)`` and ``run(args, load_predictor) -> int``. It is imported only when it is
asked for, so that ``copydesk --help`` answers at once and no command pays for another's libraries.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from copydesk import __version__
from copydesk.configs.errors import ConfigError, CopydeskError
from copydesk.inference.terminal import visible

if TYPE_CHECKING:
    from copydesk.inference.predictor import ArticlePredictor

LoadPredictor = Callable[..., "ArticlePredictor"]
"""``load_predictor(name=None, **options)``: :meth:`ArticlePredictor.from_pretrained`, imported when it is called."""

EXIT_OK = 0
EXIT_SOME_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141

EXIT_CODES = """exit codes:
  0    everything went well
  1    some inputs gave an error record (or findings, for a check)
  2    wrong usage, or nothing could be read or written
  130  interrupted; a run with -o goes on when the same command is given again
  141  whoever read our output went away (as with: copydesk predict … | head)
"""


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    :param name: What the user types.
    :param module: Where its ``add_arguments`` and ``run`` are.
    :param summary: One line for the overview.
    """

    name: str
    module: str
    summary: str


COMMANDS = (
    Command(
        "predict", "copydesk.inference.command_predict", "read articles: headline, events, stances, with the evidence"
    ),
    Command("report", "copydesk.inference.command_report", "one page to read coded articles in, with plots and a list"),
    Command("labels", "copydesk.inference.command_labels", "list, show and check codebooks"),
    Command("serve", "copydesk.inference.command_serve", "a page to paste an article into, and an API for programs"),
    Command("evaluate", "copydesk.training.evaluate_command", "measure a model on labelled data"),
    Command("fit-thresholds", "copydesk.training.thresholds_command", "fit a codebook's thresholds to labelled data"),
)

OVERVIEW = """copydesk reads news articles: what happened, who stands where, and the headline, each with the words that prove it.

usage:
  copydesk COMMAND …
  copydesk COMMAND --help
  copydesk --version

commands:
{commands}

examples:
  copydesk predict article.txt                    a readable page in the terminal
  copydesk predict corpus.jsonl -o coded.jsonl    a whole corpus; killed or stopped, the same command goes on
  copydesk report coded.jsonl -o report.html      a page to read what came out
  copydesk labels                                 which codebooks there are

{exit_codes}"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``copydesk`` and return its exit code.

    :param argv: The arguments after ``copydesk``; the process's own by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except CopydeskError as error:
        print(f"copydesk: {visible(str(error))}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("copydesk: interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return EXIT_BROKEN_PIPE
    except OSError as error:  # a full disk, a folder that went away; what can be foreseen is told with a remedy
        print(f"copydesk: {visible(str(error.filename or 'standard output'))}: {error.strerror}.", file=sys.stderr)
        _drop_output()
        return EXIT_BAD_INPUT
    return code


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        listed = "\n".join(f"  {command.name:<16}{command.summary}" for command in COMMANDS)
        print(OVERVIEW.format(commands=listed, exit_codes=EXIT_CODES), end="")
        return EXIT_OK if arguments else EXIT_BAD_INPUT
    if arguments[0] in {"-V", "--version"}:
        print(f"copydesk {__version__}")
        return EXIT_OK
    command = next((command for command in COMMANDS if command.name == arguments[0]), None)
    if command is None:
        raise ConfigError(f"there is no command {arguments[0]!r}.", remedy=_suggestion(arguments[0]))
    module: Any = import_module(command.module)
    parser = _Parser(
        prog=f"copydesk {command.name}",
        description=f"{command.summary[0].upper()}{command.summary[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    args = parser.parse_args(arguments[1:])
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    return int(module.run(args, load_predictor))


def _drop_output() -> None:
    """Python flushes stdout once more at exit; give that flush somewhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def load_predictor(name: str | None = None, **options: Any) -> "ArticlePredictor":
    """:meth:`ArticlePredictor.from_pretrained`; what it needs is imported here and not before."""
    from copydesk.inference.predictor import ArticlePredictor

    return ArticlePredictor.from_pretrained(name, **options)


class _Parser(argparse.ArgumentParser):
    """argparse with the message first and the way to help after it, instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_BAD_INPUT, f"{self.prog}: {message}. Try: {self.prog} --help\n")


def _suggestion(word: str) -> str:
    if Path(word).exists():
        return f"To read that, run: copydesk predict {word}"
    from difflib import get_close_matches

    names = [command.name for command in COMMANDS]
    close = get_close_matches(word, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"The commands are: {', '.join(names)}."
