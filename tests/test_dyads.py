import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from word_scorers import WordEncoder, WordVerifier

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.errors import CodebookError
from copydesk.models.dyads import DyadCalibration, DyadsByCodebook, EntailmentDyadCoder, contrasted, fill_statement
from copydesk.models.marking import mark_pair
from copydesk.models.transformer import load_transformer

DIRECTIONS = Path(__file__).parent / "data" / "dyad_directions.jsonl"
BOOK = Codebook(
    name="dyads",
    labels=(
        Label(id="ACCUSE", dyad=("<S> accused <T>.", "<S> blamed <T>.")),
        Label(id="AID", dyad=("<S> helped <T>.",), dyad_future=("<S> will help <T>.",)),
        Label(id="ACCUSED", dyad=("<T> accused <S>.",)),
        Label(id="silent"),
    ),
)
SENTENCE = "Russia accused Turkey of shooting down its jet."
PLAIN = DyadCalibration(statements=3, odds=1.0, similarity=0.0, marked=False)


def coder(calibration: DyadCalibration = PLAIN) -> EntailmentDyadCoder:
    return EntailmentDyadCoder(WordVerifier(), WordEncoder(), calibration)


def test_who_did_what_to_whom() -> None:
    (code,) = coder().code([(SENTENCE, "Russia", "Turkey")], BOOK)
    assert (code.source, code.target, code.label) == ("Russia", "Turkey", "ACCUSE")
    assert code.score == code.scores["ACCUSE"] == max(code.scores.values())
    assert code.scores.keys() == set(BOOK.ids)
    assert code.scores["silent"] == 0.0
    assert sum(code.scores.values()) == pytest.approx(1.0, abs=1e-9)


def test_swapping_the_actors_changes_the_answer() -> None:
    codes = coder().code([(SENTENCE, "Russia", "Turkey"), (SENTENCE, "Turkey", "Russia")], BOOK)
    assert [code.label for code in codes] == ["ACCUSE", "ACCUSED"]


def test_what_holds_better_of_the_swapped_actors_is_held_back() -> None:
    straight, swapped = np.array([[2.0, 1.0, -3.0]]), np.array([[4.0, 1.0, -5.0]])
    np.testing.assert_allclose(contrasted(straight, swapped, 2.0), [[-2.0, 1.0, -3.0]])  # a shared deed loses nothing
    book = Codebook(
        name="two", labels=(Label(id="ACCUSE", dyad=("<S> accused <T>.",)), Label(id="MEET", dyad=("<S>.",)))
    )
    back = (SENTENCE, "Turkey", "Russia")
    held = coder(replace(PLAIN, contrast=2.0)).code([back], book)[0].scores["ACCUSE"]
    assert held < coder().code([back], book)[0].scores["ACCUSE"]


def test_the_directions_cover_every_root() -> None:
    book = Codebook.load("plover15")
    rows = [json.loads(line) for line in DIRECTIONS.read_text(encoding="utf-8").splitlines()]
    assert {row["root"] for row in rows} == set(book.ids)
    assert sum(not row["mutual"] for row in rows) >= 45
    assert all(row["source"] in row["sentence"] and row["target"] in row["sentence"] for row in rows)


@pytest.mark.embedded
def test_the_embedded_reader_tells_who_did_it_to_whom() -> None:
    """Every fourth sentence; benchmarks/dyads.py has them all: 0.79 of the one-way deeds are right and turn."""
    rows = [json.loads(line) for line in DIRECTIONS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if not row["mutual"]][::4]
    suite, book = load_transformer(), Codebook.load("plover15")
    ahead = suite.dyads.code([(row["sentence"], row["source"], row["target"]) for row in rows], book)
    back = suite.dyads.code([(row["sentence"], row["target"], row["source"]) for row in rows], book)
    both = [a.label == row["root"] and b.label != a.label for a, b, row in zip(ahead, back, rows, strict=True)]
    assert sum(both) >= 0.6 * len(rows)


def test_future_statements_and_later_ones_count() -> None:
    (code,) = coder().code([("France will help Mali.", "France", "Mali")], BOOK)
    assert code.label == "AID"
    (code,) = coder().code([("France blamed Mali.", "France", "Mali")], BOOK)
    assert code.label == "ACCUSE"
    one = coder(DyadCalibration(statements=1, odds=1.0, similarity=0.0, marked=False))
    (code,) = one.code([("France blamed Mali.", "France", "Mali")], BOOK)
    assert code.scores["ACCUSE"] == pytest.approx(code.scores["AID"])


def test_a_reader_trained_on_marks_gets_them() -> None:
    verifier = WordVerifier()
    marked = DyadCalibration(statements=1, odds=1.0, similarity=0.0, marked=True)
    EntailmentDyadCoder(verifier, None, marked).code([(SENTENCE, "Russia", "Turkey")], BOOK)
    assert {premise for premise, _ in verifier.asked} == {"<< Russia >> accused {{ Turkey }} of shooting down its jet."}


def test_similarity_decides_without_a_verifier() -> None:
    near = DyadCalibration(statements=2, odds=0.0, similarity=20.0, marked=False)
    (code,) = EntailmentDyadCoder(None, WordEncoder(), near).code([("France helped Mali.", "France", "Mali")], BOOK)
    assert code.label == "AID"


def test_alone_and_in_a_batch_alike() -> None:
    dyads = [(SENTENCE, "Russia", "Turkey"), ("France helped Mali.", "France", "Mali"), ("Nothing.", "A", "B")] * 30
    together = coder().code(dyads, BOOK)
    assert together[:3] == [coder().code([dyad], BOOK)[0] for dyad in dyads[:3]]
    assert together[3:6] == together[:3]
    assert coder().code([], BOOK) == []


@pytest.mark.parametrize(("codebooks", "statements"), [({"dyads"}, 3), (set(), 1)])
def test_users_codebooks_are_read_otherwise_than_those_of_the_training(codebooks: set[str], statements: int) -> None:
    by_codebook = DyadsByCodebook(coder(), coder(replace(PLAIN, statements=1)), codebooks)
    dyad = ("Russia blamed Turkey for it.", "Russia", "Turkey")  # the second statement's word
    assert by_codebook.code([dyad], BOOK) == coder(replace(PLAIN, statements=statements)).code([dyad], BOOK)
    assert coder().code([dyad], BOOK) != coder(replace(PLAIN, statements=1)).code([dyad], BOOK)


def test_a_codebook_without_dyads_is_refused() -> None:
    with pytest.raises(CodebookError, match="no label of the codebook 'labels' has a dyad hypothesis"):
        coder().code([(SENTENCE, "Russia", "Turkey")], Codebook.from_labels(["strike"]))


def test_statements_are_filled_once() -> None:
    assert fill_statement("<S> accused <T>.", " the army ", "Turkey") == "The army accused Turkey."
    assert fill_statement("<S> accused <T>.", "Group <T>", "<S>") == "Group <T> accused <S>."


@pytest.mark.parametrize(
    ("sentence", "first", "second", "marked"),
    [
        ("Russia met Turkey.", "Russia", "Turkey", "<< Russia >> met {{ Turkey }}."),
        ("Russia met Turkey.", "Turkey", "Russia", "{{ Russia }} met << Turkey >>."),
        ("Russia met.", "Russia", "Turkey", "<< Russia >> met."),
        ("South Korea met Korea.", "South Korea", "Korea", "<< South Korea >> met {{ Korea }}."),
        ("They met.", "", " ", "They met."),
    ],
)
def test_pairs_are_marked_where_they_stand(sentence: str, first: str, second: str, marked: str) -> None:
    assert mark_pair(sentence, first, second) == marked


def test_scores_are_finite_for_any_text() -> None:
    codes = coder().code([("😀 \x00 ...", "😀", "ß" * 500)], BOOK)
    assert np.isfinite(list(codes[0].scores.values())).all()
