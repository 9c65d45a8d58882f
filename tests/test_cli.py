"""The command line as users and scripts meet it: what is printed, where, and with which exit code."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from copydesk import ArticlePredictor, Prediction
from copydesk.inference import cli
from copydesk.inference.cli import COMMANDS, main
from copydesk.inference.record_schema import published_schema

TEXT = (
    "The army of Velia shelled the town of Orsk on Monday. Velia accused Dorland of it. Dorland condemned the attack."
)
COPYDESK = [sys.executable, "-m", "copydesk.inference"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Run a command in this process, on the shipped baseline, in an empty folder: exit code, standard output and error."""
    load: Callable[..., ArticlePredictor] = lambda *_, **__: request.getfixturevalue("baseline")  # noqa: E731
    monkeypatch.setattr(cli, "load_predictor", load)
    monkeypatch.chdir(tmp_path)

    def call(*argv: str | Path) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in argv])
        except SystemExit as stop:
            code = int(str(stop.code))
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl"
    rows = [{"id": f"a{number}", "body": f"Police arrested {number} men in Orsk. {TEXT}"} for number in range(70)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def process(*argv: str | Path, **options: Any) -> "subprocess.Popen[bytes]":
    """A command in a process of its own, with the real loading."""
    words = [*COPYDESK, *map(str, argv)]
    return subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **{"stdout": subprocess.PIPE} | options
    )


# Before any model


def test_help_loads_nothing_heavy() -> None:
    heavy = ["torch", "transformers", "sklearn", "datasets", "pandas", "pyarrow", "rich", "numpy", "pydantic"]
    program = (
        "import sys; from copydesk.inference.cli import main; main(['--help']); main(['--version']);"
        f"sys.exit(','.join(set({heavy}) & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(command.name in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_teaches_by_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert f"copydesk {command}" in shown
    assert "example" in shown


def test_wrong_usage_says_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    for argv, message in (
        ([], ""),
        (["predct"], "Did you mean 'predict'?"),
        (["a.txt"], "copydesk predict a.txt"),
        (["predict"], "copydesk predict --help"),
        (["predict", "a.txt", "--summary", "many"], "--summary"),
        (["predict", "a.txt", "--workers", "0"], "--workers"),
        (["predict", "a.txt", "--errors", "e.jsonl"], "-o FILE"),
        (["predict", "a.txt", "--format", "parquet"], "-o"),
        (["predict", "a.txt", "-o", "x.jsonl.gz"], "compress"),
        (["predict", "a.txt", "-o", "x.txt", "--format", "page"], "terminal"),
        (["predict", "a.txt", "--codebook", "plovr"], "there is no codebook 'plovr'"),
        (["labels", "plover", "NOPE"], "ASSAULT"),
        (["labels", "check"], "needs a file"),
    ):
        code, _, err = run(*argv)
        assert (code, "Traceback" in err) == (2, False), (argv, err)
        assert message in err


def test_bad_input_ends_with_2_and_no_traceback(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_bytes(b" \n ")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "latin.txt").write_bytes("Café".encode("latin-1"))
    (tmp_path / "report.txt").write_bytes(b"%PDF-1.4\nplain ASCII")
    (tmp_path / "table.txt").write_bytes(b"PAR1 and more")
    (tmp_path / "damaged.txt").write_bytes(bytes(300))
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "folder").mkdir()
    with (tmp_path / "huge.txt").open("wb") as file:
        file.write(b"word " * (10 * 2**20))
    for name, message in (
        ("empty.txt", "empty"),
        ("blank.txt", "empty"),
        ("binary.txt", "binary"),
        ("latin.txt", "not UTF-8"),
        ("huge.txt", "more than 8 MB"),
        ("report.txt", "this is a PDF, not text"),
        ("table.txt", "Save it as a file with that ending"),
        ("damaged.txt", "empty"),
        ("folder", "nothing to read"),
        ("table.csv", "--text-column"),
        ("missing.txt", "No such file"),
    ):
        code, _, err = run("predict", name)
        assert (code, "Traceback" in err) == (2, False), err
        assert name in err
        assert message in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_no_crash() -> None:
    with Path("/dev/full").open("wb") as full, process("labels", stdout=full) as done:
        _, err = done.communicate()
    assert (done.returncode, err) == (2, b"copydesk: standard output: No space left on device.\n")


def test_a_reader_that_goes_away_is_no_crash() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with process("labels", "plover", "--json", stdout=writing) as done:
        os.close(writing)
        _, err = done.communicate()
    assert (done.returncode, err) == (141, b"")


def test_labels(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("labels")
    assert code == 0
    assert "plover " in out
    assert json.loads(run("labels", "acled", "--json")[1])["name"] == "acled"
    assert "ASSAULT" in run("labels", "plover")[1]
    assert "holds of the article" in run("labels", "plover", "ASSAULT")[1]
    assert json.loads(run("labels", "plover", "ASSAULT", "--json")[1])[0]["id"] == "ASSAULT"
    assert any(row["name"] == "iptc" for row in json.loads(run("labels", "--json")[1]))
    (tmp_path / "mine.txt").write_text("strike\nflood\n")
    assert "strike" in run("labels", "mine.txt")[1]


def test_labels_check(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    good = (
        'name = "mine"\n[[labels]]\nid = "strike"\nhypotheses = ["Workers stopped work.", "A union called a strike."]\n'
    )
    mine.write_text(good)
    assert run("labels", "check", mine)[0] == 0
    mine.write_text(good + '[[labels]]\nid = "strike"\nparent = "nobody"\n')
    code, out, _ = run("labels", "check", mine)
    assert code == 1
    assert "mine.toml:5" in out or "mine.toml:6" in out
    assert json.loads(run("labels", "check", mine, "--json")[1])


# Predictions


def test_a_pipe_gets_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    code, out, err = run("predict", "a.txt", "--targets", "Velia, Dorland")
    assert (code, err) == (0, "")
    record = json.loads(out)
    Draft202012Validator(published_schema()).validate(record)
    assert Prediction.from_dict(record).article.id == "a.txt"
    assert {stance["target"] for stance in record["stances"]} >= {"Velia", "Dorland"}


def test_a_page_can_be_asked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    code, out, _ = run("predict", "a.txt", "--format", "page")
    assert code == 0
    assert "What happened" in out


@pytest.mark.timeout(600)
def test_a_terminal_gets_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    terminal, screen = pty.openpty()
    with process("predict", tmp_path / "a.txt", "--model", "baseline", stdout=screen) as done:
        os.close(screen)
        shown = b""
        while b"codebook plover" not in shown:
            shown += os.read(terminal, 65536)
        done.communicate()
    os.close(terminal)
    assert done.returncode == 0
    assert "What happened" in shown.decode(errors="ignore")


@pytest.mark.timeout(600)
def test_standard_input() -> None:
    words = [*COPYDESK, "predict", "-", "--model", "baseline"]
    done = subprocess.run(words, input=TEXT.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["article"]["text"] == TEXT


def test_some_failures_end_with_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT}) + '\n{"text": ""}\n')
    code, out, err = run("predict", "a.jsonl")
    records = [json.loads(line) for line in out.splitlines()]
    assert (code, len(records)) == (1, 2)
    assert records[1]["error"]["line"] == 2
    assert "a.jsonl:2: the text is empty" in err


def test_an_empty_table_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n\n")
    code, out, err = run("predict", "a.jsonl")
    assert (code, out) == (0, "")
    assert "no article" in err


def test_a_run_to_a_file(run: Run, corpus: Path, tmp_path: Path) -> None:
    code, out, err = run("predict", corpus, "-o", "coded.jsonl", "--codebook", "acled")
    assert (code, out) == (0, "")
    assert "text from 'body'" in err
    assert "coded.jsonl: 70 articles" in err
    records = [json.loads(line) for line in (tmp_path / "coded.jsonl").read_text().splitlines()]
    assert [record["article"]["id"] for record in records] == [f"a{number}" for number in range(70)]
    code, _, err = run("predict", corpus, "-o", "coded.jsonl")
    assert code == 2
    assert "--restart" in err
    assert run("predict", corpus, "-o", "coded.jsonl", "--restart", "-q") == (0, "", "")


def test_formats_by_the_files_ending(run: Run, corpus: Path, tmp_path: Path) -> None:
    for name in ("coded.csv", "coded.parquet"):
        assert run("predict", corpus, "-o", name)[0] == 0
    assert (tmp_path / "coded.csv").read_text().startswith("kind,article_id")
    assert (tmp_path / "coded.parquet").read_bytes().startswith(b"PAR1")
    with corpus.open("a") as file:
        file.write("{broken\n")
    assert run("predict", corpus, "-o", "items.json", "--format", "ninjs")[0] == 1
    assert len((tmp_path / "items.json").read_text().splitlines()) == 70
    assert "not valid JSON" in (tmp_path / "items.json.errors.jsonl").read_text()


def test_an_id_is_never_a_path(run: Run, tmp_path: Path) -> None:
    evil = ["../../../../tmp/copydesk-was-here", "/etc/passwd", "a\0b", "con", "x" * 5000]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"id": name, "text": TEXT}) + "\n" for name in evil))
    assert run("predict", "a.jsonl", "-o", "coded.jsonl")[0] == 0
    records = [json.loads(line) for line in (tmp_path / "coded.jsonl").read_text().splitlines()]
    assert [record["article"]["id"] for record in records] == evil
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "coded.jsonl"]
    assert not Path("/tmp/copydesk-was-here").exists()


def test_a_folder_that_holds_the_output(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    for _ in range(2):
        assert run("predict", ".", "-o", "coded.jsonl", "--restart")[0] == 0
    assert len((tmp_path / "coded.jsonl").read_text().splitlines()) == 1


def test_an_output_without_a_folder_is_refused_before_the_model_loads(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    code, _, err = run("predict", "a.txt", "-o", "no/such/coded.jsonl")
    assert code == 2
    assert "there is no folder" in err


# Processes; each takes some seconds to load, and more than the usual limit on a busy machine


@pytest.mark.timeout(600)
def test_workers_give_the_same_records(run: Run, corpus: Path, tmp_path: Path) -> None:
    assert run("predict", corpus, "-o", "alone.jsonl", "--model", "baseline")[0] == 0
    with process("predict", corpus, "-o", tmp_path / "two.jsonl", "--model", "baseline", "--workers", "2") as done:
        _, err = done.communicate()
    assert done.returncode == 0, err
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_the_command_goes_on_after_a_kill(run: Run, corpus: Path, tmp_path: Path, sent: int, code: int) -> None:
    lines = corpus.read_text().splitlines(keepends=True)
    corpus.write_text(
        "".join(line.replace('"a', f'"{part}-a', 1) for part in range(3) for line in lines)
    )  # several checkpoints
    command = ["predict", corpus, "-o", tmp_path / "coded.jsonl", "--model", "baseline"]
    with process(*command) as killed:
        part = tmp_path / "coded.jsonl.part"
        while killed.poll() is None and not (part.exists() and part.stat().st_size):
            time.sleep(0.01)
        killed.send_signal(sent)
        _, err = killed.communicate()
    assert (killed.returncode, b"Traceback" in err) == (code, False), err
    assert not (tmp_path / "coded.jsonl").exists()
    refused, _, err_text = run(*command, "--codebook", "acled")
    assert (refused, "codebook: " in err_text) == (2, True)
    assert run(*command)[0] == 0
    assert run("predict", corpus, "-o", tmp_path / "whole.jsonl", "--model", "baseline")[0] == 0
    assert (tmp_path / "coded.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
