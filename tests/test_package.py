"""The package on disk and the package as pyproject.toml describes it are the same thing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import copydesk

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS = {name: ROOT / folder for name, folder in SETUPTOOLS["package-dir"].items()}
HEAVY = ("torch", "transformers", "sklearn", "datasets", "pandas", "pyarrow", "scipy", "rich", "skops")


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_every_folder_with_python_in_it_is_a_listed_package() -> None:
    on_disk = {path.parent for folder in FOLDERS.values() for path in files_of(folder) if path.suffix == ".py"}
    assert on_disk == set(FOLDERS.values())
    assert set(SETUPTOOLS["packages"]) == set(FOLDERS)


@pytest.mark.parametrize("package", FOLDERS)
def test_every_package_has_an_init(package: str) -> None:
    assert (FOLDERS[package] / "__init__.py").is_file()


@pytest.mark.parametrize("package", FOLDERS)
def test_every_data_file_matches_a_package_data_pattern(package: str) -> None:
    folder = FOLDERS[package]
    shipped = {path for pattern in SETUPTOOLS["package-data"].get(package, []) for path in folder.glob(pattern)}
    data = {path for path in files_of(folder) if path.suffix != ".py"}
    assert {str(path.relative_to(ROOT)) for path in data - shipped} == set()


def test_mypy_reads_every_package_through_its_symlink() -> None:
    for package, folder in FOLDERS.items():
        link = ROOT / "typings" / Path(*package.split("."))
        target = link / "__init__.py"
        assert target.resolve() == (folder / "__init__.py").resolve(), f"{link} does not lead to {folder}"


def test_all_weights_together_stay_small() -> None:
    """A clone holds every version of them."""
    weights = [path for suffix in ("safetensors", "skops") for path in (ROOT / "models").rglob(f"*.{suffix}")]
    assert 40e6 < sum(path.stat().st_size for path in weights) <= 48e6


def test_no_folder_at_the_root_shadows_the_package() -> None:
    assert not (ROOT / "copydesk").exists()


def test_every_dependency_has_a_tested_version() -> None:
    pins = {
        line.split("==")[0]
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(one for extra in extras.values() for one in extra)]
    names = {one.split(">=")[0].split("[")[0] for one in wanted}  # pins have no extras: ray[data] is pinned as ray
    assert names - {"copydesk"} - pins == set()


def test_the_dev_extra_is_all_the_others_but_the_benchmarks_and_ray() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert extras["dev"] == [f"copydesk[{','.join(sorted(set(extras) - {'benchmark', 'dev', 'ray'}))}]"]


def test_the_version_is_the_same_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert copydesk.__version__ == PROJECT["project"]["version"]
    assert f"## [{copydesk.__version__}]" in changelog


def test_every_public_name_can_be_imported() -> None:
    for name in copydesk.__all__:
        assert getattr(copydesk, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'ArticlePredicter'"):
        _ = copydesk.ArticlePredicter


@pytest.mark.parametrize(
    "statement",
    ["import copydesk", "from copydesk import Article, Codebook, Prediction", "import copydesk.inference.predictor"],
)
def test_importing_is_cheap(statement: str) -> None:
    script = f"import sys; {statement}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
