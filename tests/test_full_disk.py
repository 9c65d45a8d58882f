"""A full disk while a reader is trained: one clear line, exit status 2, and nothing that was there before is harmed.

A limit on the size of files (``RLIMIT_FSIZE``) makes the real writers fail in the middle of a real file, as a full disk does.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from tiny_runs import run_until_killed, tiny_recipe

from copydesk.configs.errors import ModelError
from copydesk.training.disk import beside, recover, swap, write_whole, writing
from copydesk.training.reader_run import judge, recipe_from, run
from copydesk.training.run_log import RunLog
from copydesk.training.train import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_FSIZE and /dev/full")

_LIMITED = """
import json, resource, signal, sys
from copydesk.training.train import main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit fails instead of killing
statuses = []
for limit, recipe in json.loads(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    statuses.append(main([recipe]))
print(json.dumps(statuses))
"""
BELOW_A_CHECKPOINT, BELOW_A_MODEL, BELOW_A_TOKENIZER = 50_000, 20_000, 5_000
"""Bytes: the tiny reader's weights are 76 kB, 38 kB as fp16; its tokenizer 7 kB."""


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    rows = [
        {"premise": "the army attacked the town", "hypothesis": "the town was at peace", "label": "contradiction"},
        {"premise": "police killed two people", "hypothesis": "two people died", "label": "entailment"},
    ]
    table = tmp_path / "nli.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows * 8), encoding="utf-8")
    task = {"name": "nli", "adapter": "entailment", "table": str(table), "dev": str(table), "share": 1.0}
    return tiny_recipe(
        tmp_path,
        schedule={"steps": 9, "tokens_per_batch": 128, "learning_rate": 1e-3, "head_learning_rate": 1e-2},
        tasks=[task | {"max_tokens": 32}],
    )


def recipe_file(path: Path, values: dict[str, Any]) -> str:
    path.write_text(tomlkit.dumps(values), encoding="utf-8")
    return str(path)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_disk_that_fills_up_harms_neither_checkpoint_nor_model(values: dict[str, Any], tmp_path: Path) -> None:
    every_step = values | {"checkpoint_minutes": 1e-9}
    whole = run(recipe_from(every_step | {"output": str(tmp_path / "whole"), "work": str(tmp_path / "w1")}))
    run_until_killed(recipe_from(every_step), 5)
    before = contents(tmp_path / "work" / "checkpoint")
    older = {"output": str(tmp_path / "older"), "work": str(tmp_path / "w2"), "seed": 3}
    earlier = contents(run(recipe_from(values | older)))

    cases = [
        (BELOW_A_CHECKPOINT, recipe_file(tmp_path / "checkpoint.toml", every_step)),
        (BELOW_A_MODEL, recipe_file(tmp_path / "model.toml", values | older)),
    ]
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, json.dumps(cases)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [2, 2]
    assert [line for line in done.stderr.splitlines() if line.startswith("copydesk-train: ")] == [
        f"copydesk-train: {tmp_path / 'work' / 'checkpoint'}: the checkpoint could not be written: File too large. "
        "Free some space and run it again: it goes on from the last checkpoint.",
        f"copydesk-train: {tmp_path / 'older'}: the model could not be written: File too large. "
        "Free some space and run it again: it goes on from the last checkpoint.",
    ]
    assert "Traceback" not in done.stderr
    assert contents(tmp_path / "work" / "checkpoint") == before
    assert contents(tmp_path / "older") == earlier
    assert not list(tmp_path.rglob("*.new"))  # what was half written gives its space back
    assert contents(run(recipe_from(every_step)))["model.safetensors"] == contents(whole)["model.safetensors"]


def test_faults_of_the_writers_in_rust_are_told_alike(tmp_path: Path) -> None:
    """safetensors has an error of its own, tokenizers a bare ``Exception``; both with the system's words in it."""
    from tiny_checkpoints import save_tokenizer

    save_tokenizer(tmp_path / "tokenizer")
    code = f"""
import resource, signal
import torch
from pathlib import Path
from safetensors.torch import save_file
from transformers import AutoTokenizer
from copydesk.training.disk import beside

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
tokenizer = AutoTokenizer.from_pretrained({str(tmp_path / "tokenizer")!r})
resource.setrlimit(resource.RLIMIT_FSIZE, ({BELOW_A_TOKENIZER}, resource.RLIM_INFINITY))
for write in (tokenizer.save_pretrained, lambda folder: save_file({{"a": torch.zeros(9000)}}, folder / "a.safetensors")):
    try:
        with beside(Path({str(tmp_path / "model")!r}), "the model", "Free some.") as folder:
            write(folder)
    except Exception as error:
        print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told = f"ModelError {tmp_path / 'model'}: the model could not be written: File too large. Free some."
    assert done.stdout.splitlines() == [told, told]


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="of another kind"), beside(tmp_path / "model", "the model", "") as folder:
        raise RuntimeError("of another kind")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "metrics.jsonl",
            "the metrics could not be written: No space left on device. Free some space and run it again",
        ),
        ("metrics.svg", "the plot could not be written: No space left on device. Free some space. The model is whole"),
    ],
)
def test_metrics_and_plot_on_a_full_disk(
    name: str, message: str, values: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / name).symlink_to("/dev/full")
    assert main([recipe_file(tmp_path / "recipe.toml", values)]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f"copydesk-train: {tmp_path / 'work' / name}: {message}")
    assert (tmp_path / "model" / "model.safetensors").exists() == (name == "metrics.svg")


def test_a_work_folder_that_can_not_be_made(values: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match=r"the work folder could not be written: Not a directory\. Give another one"):
        run(recipe_from(values | {"work": str(tmp_path / "file" / "work")}))


def test_progress_into_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = RunLog(tmp_path / "metrics.jsonl")
    full = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - its last flush fails too
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(ModelError, match="standard output: the progress could not be written: No space left"):
        log.say("step 1")
    monkeypatch.undo()
    with pytest.raises(OSError, match="No space left"):
        full.close()


def test_a_line_that_was_cut_off_is_left_out_of_the_plot(values: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "work").mkdir()
    metrics = tmp_path / "work" / "metrics.jsonl"
    metrics.write_text('{"step": 20, "loss": {"nli": 0.7}}\n{"step": 40, "lo', encoding="utf-8")
    run(recipe_from(values))
    lines = metrics.read_text(encoding="utf-8").splitlines()
    assert lines[1] == '{"step": 40, "lo'
    assert json.loads(lines[2])["step"] == 9
    assert (tmp_path / "work" / "metrics.svg").stat().st_size > 0


def test_judging_again_replaces_what_it_writes_in_one_move(values: dict[str, Any]) -> None:
    folder = run(recipe_from(values))
    before = contents(folder)
    with pytest.raises(ModelError, match="the figures could not be written"), _blocked(folder / "heads.json.new"):
        judge(recipe_from(values))
    assert contents(folder) == before
    judge(recipe_from(values))
    assert contents(folder).keys() == before.keys()


class _blocked:  # noqa: N801 - reads as the statement that it is
    """A folder stands where a file is to be written: it can't be, whoever runs the tests (root may write anywhere)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.path.mkdir()

    def __exit__(self, *_: object) -> None:
        self.path.rmdir()


def test_files_of_others_in_the_output_folder_stay(values: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "NOTES.md").write_text("mine", encoding="utf-8")
    folder = run(recipe_from(values))
    assert (folder / "NOTES.md").read_text(encoding="utf-8") == "mine"
    assert (folder / "MODEL_CARD.md").is_file()


def test_a_kill_between_the_two_moves_of_a_swap_loses_nothing(tmp_path: Path) -> None:
    for name in ("checkpoint", "fresh"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state").write_text(name, encoding="utf-8")
    (tmp_path / "checkpoint").rename(tmp_path / "checkpoint.old")
    recover(tmp_path / "checkpoint")
    assert (tmp_path / "checkpoint" / "state").read_text(encoding="utf-8") == "checkpoint"
    swap(tmp_path / "fresh", tmp_path / "checkpoint")
    recover(tmp_path / "checkpoint")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
    assert (tmp_path / "checkpoint" / "state").read_text(encoding="utf-8") == "fresh"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    write_whole(path, "old")
    with _blocked(tmp_path / "card.md.new"), pytest.raises(ModelError), writing("the card", path, ""):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
