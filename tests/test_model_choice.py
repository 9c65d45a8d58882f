"""The options that say which model a command loads, and how: any Hub model, any device, the same in every worker process."""

import json
from pathlib import Path
from typing import Any

import pytest

from copydesk.inference.cli import main

TEXT = "Police arrested two men in the city. The army left the border, and talks began."
ORDER = "entailment,neutral,contradiction"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def unnamed(tmp_path: Path) -> Path:
    """An entailment model whose configuration doesn't say which class is which."""
    from tiny_checkpoints import save_bert

    return save_bert(tmp_path / "unnamed", labels=("LABEL_0", "LABEL_1", "LABEL_2"))


def test_classes_that_a_model_does_not_name_are_named_on_the_command_line(
    article: Path, unnamed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["predict", str(article), "--model", str(unnamed), "--format", "jsonl", "--device", "cpu"]
    assert main(command) == 2
    assert f"--label-order {ORDER}" in capsys.readouterr().err
    assert main([*command, "--label-order", ORDER]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["provenance"]["model"] == str(unnamed)


def test_workers_load_the_model_as_it_was_asked_for(unnamed: Path, tmp_path: Path) -> None:
    """Without the order of its classes no worker could load it; without a retriever its answers are others."""
    table = tmp_path / "articles.jsonl"
    table.write_text("".join(json.dumps({"id": str(n), "text": TEXT}) + "\n" for n in range(3)), encoding="utf-8")
    written = {}
    for name, more in {"one": [], "two": ["--workers", "2"], "all": ["--retriever", "none"]}.items():
        output = tmp_path / f"{name}.jsonl"
        asked = ["--model", str(unnamed), "--label-order", ORDER, *more]
        assert main(["predict", str(table), "-o", str(output), "--quiet", *asked]) == 0
        written[name] = output.read_bytes()
    assert written["one"] == written["two"]
    assert _hash(written["one"]) != _hash(written["all"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--device", "tpu"], "the device 'tpu' can't be used"),
        (["--model", "baseline", "--device", "cpu"], "the baseline takes no options, but got device"),
        (["--retriever", "no-such-model"], "'no-such-model'"),
    ],
)
def test_what_cannot_be_had_is_told(
    options: list[str], told: str, article: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(article), *options]) == 2
    assert told in capsys.readouterr().err


def _hash(lines: bytes) -> Any:
    return json.loads(lines.splitlines()[0])["provenance"]["model_hash"]
