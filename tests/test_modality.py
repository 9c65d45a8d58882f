"""Modality: what is demanded, planned, threatened or denied is not taken for what happened."""

import json
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.modality_lexicon import match_length, modality_lexicon
from copydesk.models.modality import modality
from copydesk.models.schema import MODALITIES

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "modality.jsonl").read_text(encoding="utf-8").splitlines()
]
FLOORS = {"development": 0.98, "round-1": 0.92, "round-2": 0.92, "round-3": 0.87, "round-4": 0.91, "held-out": 0.86}
"""A little under what benchmarks/modality.py measures: a change that costs a sentence or two is seen."""


load = cache(Codebook.load)


def label_of(row: dict[str, str]) -> Label:
    codebook = load(row["codebook"]) if row["codebook"] else Codebook.from_labels([row["label"]])
    return codebook.label(row["label"])


@pytest.mark.parametrize("part", FLOORS)
def test_accuracy_on_our_sentences_does_not_fall(part: str) -> None:
    rows = [row for row in ROWS if row["part"] == part]
    wrong = [row["sentence"] for row in rows if modality(row["sentence"], label_of(row)) != row["expected"]]
    assert 1 - len(wrong) / len(rows) >= FLOORS[part], wrong


def test_there_are_enough_sentences_of_every_kind() -> None:
    assert len(ROWS) >= 150
    assert sum(row["part"] == "held-out" for row in ROWS) >= 50
    assert min(Counter(row["expected"] for row in ROWS)[kind] for kind in MODALITIES) >= 15


def test_one_sentence_has_another_modality_for_another_label() -> None:
    plover = load("plover")
    sentence = "Russia urged a ceasefire after artillery killed nine people."
    assert modality(sentence, plover.label("REQUEST")) == "happened"
    assert modality(sentence, plover.label("RETREAT")) == "demanded"
    assert modality(sentence, plover.label("ASSAULT")) == "happened"


def test_a_speech_act_is_known_by_its_hypotheses_and_not_by_its_id() -> None:
    plea = Label(
        id="x7", hypotheses=("A leader begged for help.", "A country asked for money.", "They appealed for food.")
    )
    assert modality("Malta appealed for boats.", plea) == "happened"
    assert modality("Malta is expected to appeal for boats.", plea) == "planned"
    boats = Label(id="x7", hypotheses=("Boats were sent.", "A navy lent its boats."))
    assert modality("Malta appealed for boats.", boats) == "demanded"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The army attacked the town.", "happened"),
        ("The army will attack the town.", "planned"),
        ("The army threatened to attack the town.", "threatened"),
        ("The army was urged to attack the town.", "demanded"),
        ("The army did not attack the town.", "denied"),
        ("After it had promised not to, the army attacked the town.", "happened"),
        ("", "happened"),
        ("…", "happened"),
    ],
)
def test_without_a_label_the_main_clause_decides(sentence: str, expected: str) -> None:
    assert modality(sentence) == expected


def test_names_that_look_like_cues_are_none() -> None:
    strike = Codebook.from_labels(["strike"]).label("strike")
    assert modality("Actors joined Will Smith in the strike of last May.", strike) == "happened"
    assert modality("The actors will strike.", strike) == "planned"


def test_curly_and_straight_apostrophes_read_alike() -> None:
    strike = Codebook.from_labels(["strike"]).label("strike")
    assert modality("The union didn't strike.", strike) == modality("The union didn’t strike.", strike) == "denied"


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_modality(text: str) -> None:
    assert modality(text, load("plover").label("ASSAULT")) in MODALITIES


@settings(deadline=None)
@given(st.lists(st.sampled_from(["urged", "will", "not", "attack", "killed", ",", "and", "if", "that", "talks", "."])))
def test_any_order_of_cues_has_a_modality(words: list[str]) -> None:
    assert modality(" ".join(words), load("plover").label("ASSAULT")) in MODALITIES


@pytest.mark.parametrize("text", ["urged attack ", "if ", "and killed, ", "x", "will not ", "(\"'’"])
def test_a_megabyte_without_an_end_takes_no_time(text: str) -> None:
    assault = load("plover").label("ASSAULT")
    begin = time.perf_counter()
    modality(text * (1_000_000 // len(text)), assault)
    assert time.perf_counter() - begin < 2


def test_the_lexicon_expands_regular_forms() -> None:
    lexicon = modality_lexicon()
    for words in [
        ("denies",),
        ("denied",),
        ("planning", "to"),
        ("calls", "for"),
        ("is", "expected"),
        ("'s", "planned"),
    ]:
        assert words in {cue.words for cue in lexicon.cues[words[0]]}


def test_a_gap_takes_one_to_three_words() -> None:
    pattern = ("ordered", "*", "to")
    assert match_length(pattern, ["ordered", "troops", "to", "leave"], 0) == 3
    assert match_length(pattern, ["ordered", "all", "its", "troops", "to", "leave"], 0) == 5
    assert match_length(pattern, ["ordered", "a", "b", "c", "d", "to"], 0) == 0
    assert match_length(pattern, ["ordered", "to"], 0) == 0
    assert match_length(pattern, ["ordered"], 0) == 0
