"""What README and the documents show is true: their Python runs, their commands run, their output is the shipped model's."""

import csv
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from copydesk import ArticlePredictor, Codebook
from copydesk.configs.codebook_check import check_file
from copydesk.inference import cli
from copydesk.inference.cli import main
from copydesk.models.transformer import embedded_folder
from copydesk.training.train import TRAININGS, read_recipe

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = (ROOT / "examples" / "strait.txt").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def indented(text: str, program: str) -> list[str]:
    """The indented command lines that begin with a program, without their comments."""
    lines = re.findall(rf"^    ({re.escape(program)}(?: .*)?)$", text, re.MULTILINE)
    return [re.sub(r"\s{2,}#.*", "", line) for line in lines]


COMMANDS = indented(README, "copydesk")


@pytest.mark.embedded
@pytest.mark.timeout(600)
def test_its_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert names["p"].headline.text in capsys.readouterr().out


def test_its_codebook_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "strikes.toml"
    file.write_text(blocks("toml")[0], encoding="utf-8")
    assert check_file(file) == []
    assert Codebook.load(file).ids == ("walkout",)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, baseline: ArticlePredictor) -> Path:
    """A folder with the files that README's commands name; the baseline answers, whatever model they ask for."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "strikes.toml").write_text(blocks("toml")[0], encoding="utf-8")
    attacks = [("Rebels attacked an army post.", "armed_clash"), ("Police beat marchers.", "protest_with_intervention")]
    stories = [("The two ministers met in Hadran on Monday. They agreed on a truce.", "Ministers agree on a truce")]
    for name, header, rows in (
        ("labelled.csv", ("text", "label"), attacks * 12),
        ("published.csv", ("body", "title"), stories),
    ):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    monkeypatch.setattr(cli, "load_predictor", lambda *_, **__: baseline)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_commands_of_every_kind() -> None:
    shown = {shlex.split(command)[1] for command in COMMANDS}
    assert shown >= {"predict", "labels", "evaluate", "fit-thresholds", "report"}


@pytest.mark.usefixtures("desk")
def test_its_commands_run_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        assert main(words) == 0, (command, capsys.readouterr().err)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_recipes_and_targets_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for command in indented(text, "copydesk-train"):
        assert read_recipe(ROOT / shlex.split(command)[1])["kind"] in TRAININGS, command
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for command in indented(text, "make"):
        assert {word for word in shlex.split(command)[1:] if "=" not in word} <= targets, command
    for script in re.findall(r"python (benchmarks/\w+\.py)", text):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


def test_the_output_that_it_shows_quotes_the_article() -> None:
    shown = blocks("text")[0]
    quoted = [" ".join(one.split()) for one in re.findall("“(.*?)”", shown, re.DOTALL)]
    assert len(quoted) >= 5
    article = " ".join(EXAMPLE.split())
    assert [one for one in quoted if one not in article] == []


def test_the_output_that_it_shows_is_of_the_model_that_ships() -> None:
    """Fails after new weights until README shows what they answer: python .ci/refresh_readme.py"""
    from copydesk.models.checkpoint import folder_hash

    assert f"model embedded {folder_hash(embedded_folder())[:8]} " in blocks("text")[0]
