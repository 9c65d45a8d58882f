"""``copydesk-train``: reads a recipe and runs the training that it asks for.

Importing this is cheap; the libraries of a training are loaded when its recipe is read.
"""

import argparse
import sys
import tomllib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from copydesk.configs.errors import ConfigError, CopydeskError

TRAININGS = {
    "baseline": "copydesk.training.baseline_run",
    "reader": "copydesk.training.reader_run",
}
"""A recipe's ``kind`` to the module that trains it. Each has ``recipe_from(values)``, which checks a recipe, and ``run(recipe)``,
which trains and returns the folder of the model."""
_EXAMPLES = """\
examples:
  copydesk-train configs/recipes/baseline.toml
  copydesk-train configs/recipes/baseline.toml --set seed=7 --set output=runs/seed7
  copydesk-train mine.toml --set events.0.penalty=2.0
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Train a model from a recipe.

    :param argv: Arguments without the program's name; those of the process by default.
    :returns: The exit status: 0, or 2 where the recipe or its data is at fault.
    """
    options = _parser().parse_args(argv)
    try:
        folder = train(options.recipe, options.set, evaluate_only=options.evaluate_only)
    except CopydeskError as error:
        print(f"copydesk-train: {error}", file=sys.stderr)
        return 2
    print(f"The model is in {folder}")
    return 0


def train(recipe: Path, changes: Sequence[str] = (), *, evaluate_only: bool = False) -> Path:
    """Train what a recipe asks for.

    :param recipe: Path of a TOML file.
    :param changes: ``key=value`` each, see :func:`change`.
    :param evaluate_only: Don't train: judge the recipe's finished model again, where its training can do that.
    :returns: The folder of the finished model.
    :raises CopydeskError: If the recipe or its data is at fault.
    """
    values = read_recipe(recipe)
    for one in changes:
        change(values, one)
    kind = values.get("kind")
    if kind not in TRAININGS:
        raise ConfigError(
            f"kind = {kind!r} is no training." if kind else "the recipe has no kind.",
            remedy=f"Give one of: {', '.join(TRAININGS)}.",
            source=str(recipe),
        )
    training = import_module(TRAININGS[kind])
    if evaluate_only and not hasattr(training, "judge"):
        raise ConfigError(
            f"a {kind} is evaluated by its training.", remedy="Leave --evaluate-only out.", source=str(recipe)
        )
    act = training.judge if evaluate_only else training.run
    folder: Path = act(training.recipe_from(values))
    return folder


def read_recipe(path: Path) -> dict[str, Any]:
    """The values of a TOML file.

    :raises ConfigError: If there is no such file, or it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"can't be read: {error.strerror}.", remedy="Give the path of a recipe.", source=str(path)
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"not a TOML file: {error}.", remedy="Mend that place.", source=str(path)) from error


def change(values: dict[str, Any], setting: str) -> None:
    """Set one value of a recipe in place.

    :param values: The recipe.
    :param setting: ``key=value``; the key goes down tables and lists by dots (``events.0.penalty``); the value is read as TOML,
        and as a plain string where it isn't any.
    :raises ConfigError: If there is no ``=``, or the key goes through something that has no keys.
    """
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {setting} is not key=value.", remedy="Write for example: --set seed=7")
    *path, last = key.strip().split(".")
    place: Any = values
    try:
        for part in path:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        if isinstance(place, list):
            place[int(last)] = _toml_value(text.strip())
        else:
            place[last] = _toml_value(text.strip())
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        raise ConfigError(
            f"--set {setting}: the recipe has no place {key.strip()!r}.", remedy="Look into the recipe."
        ) from error


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="copydesk-train",
        description="Train a model from a recipe.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", type=Path, help="a TOML file, e.g. configs/recipes/baseline.toml")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a value of the recipe; may stand several times",
    )
    parser.add_argument(
        "--evaluate-only", action="store_true", help="judge the recipe's finished model again instead of training it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
