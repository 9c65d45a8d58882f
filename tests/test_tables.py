"""Training tables: every way to read one, and a clear error for every way in which one can be unfit."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from copydesk.configs.errors import InputError
from copydesk.training.tables import check_classes, load_table

ROWS = [{"text": "Troops crossed the river.", "label": "ASSAULT"}, {"text": "“Yes,” he said, and left.", "label": "NA"}]


def as_jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")


def as_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("text", "label"))
        writer.writeheader()
        writer.writerows(ROWS)


def as_parquet(path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets.config

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


@pytest.mark.parametrize(("suffix", "write"), [(".jsonl", as_jsonl), (".csv", as_csv), (".parquet", as_parquet)])
def test_every_kind_of_table_gives_the_same_rows(suffix: str, write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / f"table{suffix}"
    write(path)
    assert load_table(str(path), ("text", "label")) == ROWS


def test_only_the_wanted_columns_and_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"n": n, "more": "x"}) + "\n" for n in range(50)), encoding="utf-8")
    some = load_table(str(path), ("n",), limit=10, seed=3)
    assert len(some) == 10
    assert set(some[0]) == {"n"}
    assert some == load_table(str(path), ("n",), limit=10, seed=3)
    assert some != load_table(str(path), ("n",), limit=10, seed=4)


def test_a_missing_column_is_named_with_those_there(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    as_jsonl(path)
    with pytest.raises(InputError, match=r"no column 'body'.*It has text, label"):
        load_table(str(path), ("body", "label"))


@pytest.mark.parametrize("cell", ["", None])
def test_an_empty_cell_is_named_with_its_row(cell: str | None, tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    rows = [*ROWS, {"text": cell, "label": "AID"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(InputError, match="row 3 has an empty 'text'"):
        load_table(str(path), ("text", "label"))


def test_cells_that_may_be_empty_are_let_through(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_text('{"p": "Iran", "q": ""}\n{"p": "", "q": "Iraq"}\n', encoding="utf-8")
    assert len(load_table(str(path), ("p", "q"), may_be_empty=("p", "q"))) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("table.xlsx", "x", "'.xlsx' can't be read"),
        ("table.parquet", "not parquet", "can't be read"),
        ("table.jsonl", "{broken", "can't be read"),
        ("table.csv", "text,label\n", "no data"),
    ],
)
def test_files_that_are_no_tables(name: str, content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        load_table(str(path), ("text", "label"))
    assert raised.value.source == str(path)


@pytest.mark.parametrize("name", ["missing.csv", "some/missing.parquet", "/no/such/folder"])
def test_a_missing_file_is_not_looked_for_on_the_hub(name: str) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        load_table(name, ("text",))


def test_a_hub_id_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="or a Hub id and a network"):
        load_table("nobody/no-such-table", ("text",))


def test_good_classes_pass() -> None:
    check_classes(["AID", "AGREE", "AID", "AGREE"], ("AID", "AGREE", "PROTEST"), source="t")
    check_classes(["AID", "AGREE", "AID"], ("AID", "AGREE"), source="t", judged=False)  # a few shots, nothing held out


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["AID", "AID", "RIOT", "RIOT"], "label 'RIOT' is unknown.*Known labels: AID, AGREE"),
        (["AID", "AID"], "all rows have the label 'AID'"),
        (["AID", "AID", "AGREE"], "class 'AGREE' has 1 example"),
    ],
)
def test_classes_that_can_not_be_learnt(labels: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_classes(labels, ("AID", "AGREE"), source="t")
