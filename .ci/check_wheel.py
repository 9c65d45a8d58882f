"""Check the installed wheel from outside the checkout: everything is in it, and it reads an article.

Run by ``.ci/run``: ``python -I .ci/check_wheel.py CHECKOUT SITE_PACKAGES``.
"""

import pkgutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import copydesk
from copydesk import Codebook
from copydesk.configs.codebook import shipped_names


def main(checkout: Path, site: Path) -> None:
    """Stop with a message at the first thing that is missing."""
    installed = Path(copydesk.__file__).parent
    if not installed.is_relative_to(site):
        sys.exit(f"copydesk was imported from {installed}, not from the wheel in {site}")
    folders = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    tracked = subprocess.check_output(
        ["git", "ls-files", "--", *folders.values()], cwd=checkout, text=True
    ).splitlines()
    if missing := [path for path in tracked if not _in_wheel(Path(path), folders, site).is_file()]:
        sys.exit(f"not in the wheel: {', '.join(missing)}")
    names = [module.name for module in pkgutil.walk_packages(copydesk.__path__, "copydesk.")]
    modules = [name for name in names if not name.endswith(".__main__")]  # importing that would run the command line
    for name in modules:
        import_module(name)
    for name in shipped_names():
        Codebook.load(name)
    subprocess.check_call([Path(sys.executable).parent / "copydesk", "--version"])
    article = next((checkout / "examples").glob("*.txt"))
    reading = subprocess.check_output([Path(sys.executable).parent / "copydesk", "predict", article], cwd=site)
    if b'"headline"' not in reading:
        sys.exit(f"the wheel read {article.name} to {reading[:200]!r}")
    print(
        f"the wheel holds {len(tracked)} files, {len(modules)} modules and the codebooks {', '.join(shipped_names())}"
    )


def _in_wheel(path: Path, folders: dict[str, str], site: Path) -> Path:
    """Where a file of the checkout stands once installed."""
    package, folder = next((name, Path(root)) for name, root in folders.items() if path.is_relative_to(root))
    return site.joinpath(*package.split("."), path.relative_to(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
