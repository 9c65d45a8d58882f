"""Codebooks: the shipped ones hold what their schemes define, and any other list of labels loads or says what is wrong."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.configs.codebook import SOURCE, TARGET, Codebook, shipped_names
from copydesk.configs.errors import CodebookError

PLOVER = {
    "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST",
    "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
}  # fmt: skip
ACLED_CHILDREN = {
    "battles": 3,
    "explosions_remote_violence": 6,
    "violence_against_civilians": 3,
    "protests": 3,
    "riots": 2,
    "strategic_developments": 8,
}


@pytest.mark.parametrize("name", shipped_names())
def test_each_shipped_codebook_loads_under_its_own_name_and_is_described(name: str) -> None:
    codebook = Codebook.load(name)
    assert codebook.name == name
    assert codebook.description


def test_plover_has_the_sixteen_roots_of_2021() -> None:
    assert set(Codebook.load("plover").ids) == PLOVER


def test_plover15_has_yield_for_concede_and_retreat() -> None:
    assert set(Codebook.load("plover15").ids) == PLOVER - {"CONCEDE", "RETREAT"} | {"YIELD"}


def test_acled_has_six_types_with_their_25_sub_types() -> None:
    acled = Codebook.load("acled")
    types = [label.id for label in acled.labels if label.parent is None]
    assert {one: len(acled.children(one)) for one in types} == ACLED_CHILDREN
    assert len(acled.labels) == 6 + 25


@pytest.mark.parametrize(("name", "count"), [("iptc", 17), ("desk", 11), ("stance", 3)])
def test_the_other_codebooks_have_their_labels(name: str, count: int) -> None:
    assert len(Codebook.load(name).labels) == count


@pytest.mark.parametrize("name", ["plover", "plover15", "acled", "iptc", "desk", "stance"])
def test_every_label_is_defined_and_has_at_least_four_statements(name: str) -> None:
    for label in Codebook.load(name).labels:
        assert label.definition, label.id
        assert len(label.hypotheses) >= 4, label.id


@pytest.mark.parametrize("name", ["plover", "plover15"])
def test_every_plover_label_can_code_a_dyad_and_tells_what_it_is_confused_with(name: str) -> None:
    for label in Codebook.load(name).labels:
        assert len(label.dyad) >= 4, label.id
        assert all(SOURCE in statement and TARGET in statement for statement in (*label.dyad, *label.dyad_future))
        assert label.counter, label.id


@pytest.mark.parametrize("name", ["plover", "plover15"])
def test_no_dyad_statement_stands_under_two_labels(name: str) -> None:
    statements = [s for label in Codebook.load(name).labels for s in (*label.dyad, *label.dyad_future)]
    assert len(statements) == len(set(statements))


def test_stance_statements_take_a_holder_and_a_target() -> None:
    for label in Codebook.load("stance").labels:
        for statement in label.hypotheses:
            filled = statement.format(holder="Canada", target="Latvia")
            assert "Canada" in filled
            assert "Latvia" in filled


def test_a_list_of_words_is_a_codebook() -> None:
    codebook = Codebook.from_labels(["labour_strike", "flood"])
    assert codebook.ids == ("labour_strike", "flood")
    assert codebook.label("labour_strike").name == "labour strike"
    assert codebook.label("flood").statements == ("This is about flood.",)


def test_a_text_file_of_labels_is_a_codebook(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("\ufeff# my labels\nstrike\n\n  flood  \r\n", encoding="utf-8")
    codebook = Codebook.load(file)
    assert codebook.name == "mine"
    assert codebook.ids == ("strike", "flood")


def test_the_hash_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    one, other, third = tmp_path / "one.toml", tmp_path / "other.toml", tmp_path / "third.toml"
    one.write_text('name = "x"\n[[labels]]\nid = "A"\n', encoding="utf-8")
    other.write_text('# a comment\nname="x"\nlabels = [{id = "A"}]\n', encoding="utf-8")
    third.write_text('name = "x"\n[[labels]]\nid = "B"\n', encoding="utf-8")
    assert Codebook.load(one).content_hash == Codebook.load(other).content_hash
    assert Codebook.load(one).content_hash != Codebook.load(third).content_hash


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Z", "Cc")), min_size=1), min_size=1, unique=True))
def test_any_distinct_labels_make_a_codebook_that_survives_json(labels: list[str]) -> None:
    codebook = Codebook.from_labels(labels)
    again = Codebook.model_validate_json(codebook.model_dump_json())
    assert again == codebook
    assert again.content_hash == codebook.content_hash
    assert codebook.ids == tuple(labels)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["name"]),
        ('name = "x"\nlabels = []', ["labels", "at least 1"]),
        ('name = "x"\n[[labels]]\nid = "A"\n[[labels]]\nid = "A"', ["'A'", "twice"]),
        ('name = "x"\n[[labels]]\nid = "A"\nparent = "B"', ["'A'", "'B'"]),
        ('name = "x"\n[[labels]]\nid = "A"\nparent = "B"\n[[labels]]\nid = "B"\nparent = "A"', ["'A'", "own ancestor"]),
        ('name = "x"\n[[labels]]\nid = "A"\nhypotheses = [" "]', ["hypotheses", "at least 1"]),
        ('name = "x"\n[[labels]]\nid = "A"\nhypothesis = ["One."]', ["hypothesis"]),
        ('name = "x"\n[[labels]]\nid = "A"\nthreshold = 1.5', ["threshold", "1"]),
        ('name = "x\n', ["TOML", "line 1"]),
    ],
)
def test_a_faulty_file_is_refused_with_its_name_and_the_fault(tmp_path: Path, content: str, words: list[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        Codebook.load(file)
    for word in [str(file), *words]:
        assert word in str(caught.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(CodebookError, match="acled"):
        Codebook.load("plovr")


def test_an_unknown_label_lists_the_known_ones() -> None:
    with pytest.raises(CodebookError, match="ASSAULT"):
        Codebook.load("plover").label("ATTACK")


@pytest.mark.parametrize(("meant", "written"), [("ASSAULT", "assault"), ("MOBILIZE", "MOBILISE")])
def test_a_misspelt_label_is_told_what_it_was_meant_to_be(meant: str, written: str) -> None:
    with pytest.raises(CodebookError, match=f"no label '{written}'. Did you mean '{meant}'"):
        Codebook.load("plover").label(written)


@pytest.mark.parametrize("name", ["no\0such.toml", "x" * 5000, ".", "no/such/mine.toml"])
def test_what_is_no_file_is_no_codebook(name: str) -> None:
    with pytest.raises(CodebookError, match="there is no codebook"):
        Codebook.load(name)


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "x"\n[[labels]]\nid = "A"\n', encoding="utf-8")
    file.chmod(0)
    me = os.geteuid()
    if me == 0:  # root may read everything
        for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
            folder.chmod(0o755)
        os.seteuid(65534)
    try:
        with pytest.raises(CodebookError, match=r"mine\.toml: it can't be read. Check who may read it"):
            Codebook.load(file)
    finally:
        os.seteuid(me)


@pytest.mark.parametrize("text", ["", "# nothing\n\n", "strike\nstrike\n"])
def test_a_list_of_labels_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError, match=r"no label|'strike' stands twice"):
        Codebook.load(file)


def test_a_single_string_is_not_a_list_of_labels() -> None:
    with pytest.raises(CodebookError, match=r"\['strike'\]"):
        Codebook.from_labels("strike")


def test_a_changed_copy_has_a_hash_and_labels_of_its_own() -> None:
    book = Codebook.from_labels(["strike", "flood"])
    before = book.content_hash, book.by_id.keys()
    copy = book.model_copy(update={"labels": book.labels[:1]})
    assert copy.content_hash == Codebook.from_labels(["strike"]).content_hash != before[0]
    assert copy.by_id.keys() == {"strike"}
    assert (book.content_hash, book.by_id.keys()) == before
