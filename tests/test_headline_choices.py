"""Headlines that were written by deletion: the shipped table, and what is no headline of its article."""

import csv
from pathlib import Path

import pytest
from word_scorers import HARBOUR

from copydesk.configs.errors import ConfigError
from copydesk.training.headline_choices import CHOICES, read_choices


@pytest.fixture
def table(tmp_path: Path) -> Path:
    from datasets import Dataset

    path = tmp_path / "news.parquet"
    Dataset.from_list([{"lead": "No news."}, {"lead": HARBOUR}]).to_parquet(str(path))
    return path


def _spans(*parts: str) -> str:
    return " ".join(f"{HARBOUR.index(part)}-{HARBOUR.index(part) + len(part)}" for part in parts)


def _written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "choices.tsv"
    path.write_text("\n".join(["row\tspans", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_headline_is_read_with_its_sentence(tmp_path: Path, table: Path) -> None:
    spans = _spans("port authority", "closed", "old harbour")
    (one,) = read_choices(_written(tmp_path, f"1\t{spans}"), table)
    assert (one.row, one.sentence, one.text, one.teaches) == (1, 0, "port authority closed old harbour", True)
    assert [word for word, flag in zip(one.words, one.kept, strict=True) if flag] == one.text.split()


def test_a_headline_that_has_lost_a_denial_teaches_no_gaps(tmp_path: Path, table: Path) -> None:
    spans = _spans("Officials said the crane did", "hit any of the 12 ships")
    (one,) = read_choices(_written(tmp_path, f"1\t{spans}"), table)
    assert (one.sentence, one.teaches) == (1, False)


@pytest.mark.parametrize(
    "lines",
    [
        ["1\t900-910"],
        ["1\t4-17"],  # ends inside a word
        ["1\t4-18 400-410"],
        ["-1\t4-18"],
        ["7\t4-18"],
        ["x\t4-18"],
        ["1\t"],
        ["1"],
        ["1\t4-18", "1\t4-18"],
    ],
)
def test_a_wrong_line_is_told(lines: list[str], tmp_path: Path, table: Path) -> None:
    with pytest.raises(ConfigError, match=r"no headline of a sentence of news\.parquet"):
        read_choices(_written(tmp_path, *lines), table)


def test_our_headlines_are_whole() -> None:
    with CHOICES.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    assert len(lines) > 18000
    assert len({line["row"] for line in lines}) == len(lines)
    for line in lines:
        ends = [int(number) for span in line["spans"].split() for number in span.split("-")]
        assert ends == sorted(ends)
        assert ends
