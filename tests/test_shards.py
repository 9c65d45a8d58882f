"""A run in shards: read one after the other they are the plain run, and each can be done anywhere, twice, or in two parts."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from copydesk import ArticlePredictor
from copydesk.configs.errors import ConfigError, CopydeskError
from copydesk.inference.batch import LocalEngine, run_to_file
from copydesk.inference.cli import main
from copydesk.inference.inputs import Row, read_rows
from copydesk.inference.options import PredictOptions
from copydesk.inference.output_files import OutputPlan
from copydesk.inference.shards import Shard, ShardFolder, code_shard, cut, outcome
from copydesk.inference.sources import InputOptions

READING = InputOptions()


@pytest.fixture
def engine(tiny: ArticlePredictor) -> LocalEngine:
    return LocalEngine(tiny, PredictOptions.of(["strike", "flood"], targets=["Workers"]))


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Tables, a folder, bad rows, a file that is no article, and an id that comes twice in different files."""
    lines = [json.dumps({"id": f"a{n}", "text": f"Workers went on strike in town {n}."}) for n in range(23)]
    lines[4] = "{broken"
    (tmp_path / "one.jsonl").write_text("\n".join(lines) + "\n")
    folder = tmp_path / "more"
    folder.mkdir()
    with gzip.open(folder / "a.csv.gz", "wt") as file:
        file.write('id,text\nx1,"A flood hit\nthe town."\na7,"The workers went home."\nx2,\n')
    (folder / "b.txt").write_text("A strike began.")
    (folder / "c.txt").write_bytes(b"\xff\xfe\x00bad")
    (folder / "d.jsonl").write_text('{"nothing": 1}\n')
    (folder / "e.parquet").write_bytes(b"no parquet")
    return [str(tmp_path / "one.jsonl"), str(folder)]


def plain(inputs: list[str], engine: LocalEngine, path: Path) -> bytes:
    run_to_file(read_rows(inputs, READING), engine, OutputPlan(path, "jsonl"), {})
    return path.read_bytes()


def shards(inputs: list[str], size: int) -> list[Shard]:
    return list(cut(read_rows(inputs, READING), size, keep_duplicates=False))


def joined(folder: ShardFolder) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.path.glob("part-*.jsonl")))


@pytest.mark.parametrize("size", [1, 5, 7, 1000])
def test_the_shards_are_the_plain_run(inputs: list[str], engine: LocalEngine, tmp_path: Path, size: int) -> None:
    expected = plain(inputs, engine, tmp_path / "plain.jsonl")
    assert b"was used before, by article 8" in expected
    assert expected.count(b'"error"') >= 6
    folder = ShardFolder(tmp_path / "coded", "jsonl")
    folder.prepare()
    parts = shards(inputs, size)
    for shard in reversed(parts):  # in whatever order
        code_shard(shard, engine, folder, READING)
    assert joined(folder) == expected
    assert sum(shard.size for shard in parts) == expected.count(b"\n")


def test_a_shard_is_coded_once_and_counts_the_same_twice(
    inputs: list[str], engine: LocalEngine, tmp_path: Path
) -> None:
    folder = ShardFolder(tmp_path / "coded", "jsonl")
    folder.prepare()
    (shard,) = shards(inputs, 1000)
    first = code_shard(shard, engine, folder, READING)
    again = code_shard(shard, engine, folder, READING)
    assert (again.rows, again.errors, again.new) == (first.rows, first.errors, 0)
    assert first.errors >= 6


def test_a_shard_that_was_ended_half_way_goes_on(inputs: list[str], engine: LocalEngine, tmp_path: Path) -> None:
    expected = plain(inputs, engine, tmp_path / "plain.jsonl")
    folder = ShardFolder(tmp_path / "coded", "jsonl")
    folder.prepare()
    (shard,) = shards(inputs, 1000)

    class Dying(Shard):
        def rows(self, options: InputOptions) -> Iterator[Row]:
            for number, row in enumerate(super().rows(options)):
                if number == 11:
                    raise KeyboardInterrupt
                yield row

    with pytest.raises(KeyboardInterrupt):
        code_shard(Dying(shard.number, shard.segments), engine, folder, READING)
    assert not folder.done(0).exists()
    code_shard(shard, engine, folder, READING)
    assert joined(folder) == expected
    folder.done(0).unlink()  # killed after the file had its name and before it was noted
    code_shard(shard, engine, folder, READING)
    assert joined(folder) == expected


def test_an_input_that_shrank_is_told(inputs: list[str], engine: LocalEngine, tmp_path: Path) -> None:
    folder = ShardFolder(tmp_path / "coded", "jsonl")
    folder.prepare()
    last = shards(inputs[:1], 10)[-1]
    Path(inputs[0]).write_text('{"text": "All gone."}\n')
    found = outcome(last, engine, folder, READING)
    assert found["fault"][0] == "it has fewer rows than when the run began."
    assert found["fault"][2] == inputs[0]
    assert not folder.done(last.number).exists()


def test_a_folder_belongs_to_one_run(tmp_path: Path) -> None:
    folder = ShardFolder(tmp_path / "coded", "jsonl", fingerprint={"codebook": "acled", "targets": ("A",)})
    folder.prepare()
    (folder.path / "part-000000.jsonl").write_text("{}\n")
    folder.prepare()  # the same command goes on
    other = replace(folder, fingerprint={"codebook": "plover", "targets": ("A",)})
    with pytest.raises(ConfigError, match="begun with another codebook"):
        other.prepare()
    replace(other, restart=True).prepare()
    assert not list(folder.path.glob("part-*"))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.doc").write_text("")
    with pytest.raises(ConfigError, match="holds other files"):
        replace(folder, path=mine, restart=True).prepare()
    with pytest.raises(ConfigError, match="is a file"):
        replace(folder, path=mine / "thesis.doc").prepare()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "writes a folder of shards"),
        (["-o", "coded.jsonl"], "writes a folder of shards"),
        (["-o", "coded", "--dedup"], "--dedup looks at the whole run"),
        (["-o", "coded", "--errors", "bad.jsonl"], "--errors looks at the whole run"),
        (["-o", "coded", "-"], "can be read only here"),
        (["-o", "coded", "https://example.org/story"], "can be read only here"),
        (["-o", "coded", "a.txt"], "is named twice"),
        (["-o", "coded", "--format", "page"], "is for the terminal"),
    ],
)
def test_what_shards_cannot_give_is_refused(options: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--engine", "ray", *options, "a.txt"]) == 2
    assert told in capsys.readouterr().err


def test_an_address_without_the_engine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "a.txt", "--ray-address", "10.0.0.1:6379"]) == 2
    assert "--ray-address needs --engine ray" in capsys.readouterr().err


def test_a_full_disk_is_an_outcome(inputs: list[str], engine: LocalEngine, tmp_path: Path) -> None:
    folder = ShardFolder(tmp_path / "coded", "jsonl")
    (shard,) = shards(inputs, 1000)
    with pytest.raises(CopydeskError):  # the folder is not there
        code_shard(shard, engine, folder, READING)
    assert outcome(shard, engine, folder, READING)["fault"][0].startswith("there is no folder")
