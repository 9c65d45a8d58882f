"""Imports point one way: configs ← models ← training, and configs, models ← inference. Read from the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "configs": {"configs"},
    "models": {"configs", "models"},
    "training": {"configs", "models", "training"},
    "inference": {"configs", "models", "inference"},
}
MODULES = [path.relative_to(ROOT) for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a module imports, at its top or inside functions; relative ones as ``.name``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_point_one_way(module: Path) -> None:
    allowed = MAY_IMPORT[module.parts[0]]
    wrong = [
        f"{module}:{line} imports {name}"
        for line, name in imported(ROOT / module)
        if name.startswith("copydesk.") and (parts := name.split("."))[1] in MAY_IMPORT and parts[1] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_are_absolute_and_by_the_installed_name(module: Path) -> None:
    wrong = [
        f"{module}:{line} imports {name}"
        for line, name in imported(ROOT / module)
        if name.startswith(".") or name.split(".")[0] in MAY_IMPORT
    ]
    assert wrong == []
