"""The event tagger, its pieces and its label cache."""

import time
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_checkpoints import save_bert
from word_scorers import WordEncoder, WordVerifier, count_words

from copydesk.configs.codebook import Codebook, Label
from copydesk.configs.errors import ModelError
from copydesk.models.calibration import (
    EventCalibration,
    Platt,
    Weights,
    fit_choice,
    fit_logistic,
    log_odds,
    log_shares,
    sigmoid,
    soft_maximum,
    softmax,
)
from copydesk.models.clauses import read_pieces, split_at_clauses
from copydesk.models.document import Document
from copydesk.models.event_tagger import (
    PAIRS_BASE,
    PAIRS_PER_PIECE,
    PAIRS_PER_PIECE_OF_MANY,
    Family,
    RetrieveVerifyTagger,
)
from copydesk.models.label_cache import LabelCache, cache_folder
from copydesk.models.reader import Reader
from copydesk.models.segmenter import read_article

BOOK = Codebook(
    name="events",
    labels=(
        Label(id="violence", hypotheses=("There was violence.",)),
        Label(id="shelling", parent="violence", hypotheses=("Artillery shelled a town.",)),
        Label(id="riot", parent="violence", hypotheses=("Rioters burned shops.",)),
        Label(id="talks", hypotheses=("Leaders met for talks.", "Ministers held negotiations.")),
        Label(id="flood", hypotheses=("A river flooded houses.",)),
    ),
)
STORY = (
    "The weather was mild on Monday and markets were open. Artillery shelled a town near the border before dawn. "
    "Residents spoke of a long night. Leaders met for talks in the capital afterwards."
)
BOTH = EventCalibration(
    temperature=0.05,
    unverified=-4.0,
    many=Weights(bias=-3.0, similarity=4.0, odds=1.0),
    one=Weights(similarity=4.0, odds=1.0, whole=0.2),
)


def tagger(calibration: EventCalibration = BOTH, **changed: object) -> RetrieveVerifyTagger:
    parts: dict = {"encoder": WordEncoder(), "labels": WordEncoder(), "verifier": WordVerifier()} | changed
    context = parts.pop("context", "none")
    return RetrieveVerifyTagger(
        parts["encoder"],
        parts["labels"],
        parts["verifier"],
        calibration,
        count=count_words,
        piece_tokens=40,
        context=context,
    )


def article(sentences: int) -> Document:
    return read_article(
        " ".join(f"Number {n} of the council's reports lists roads and bridges." for n in range(sentences))
    )


def test_each_label_is_proved_by_the_sentence_that_says_it() -> None:
    document = read_article(STORY)
    tags = {tag.label: tag for tag in tagger().tag([document], BOOK)[0]}
    assert tags.keys() == {"shelling", "talks", "violence"}
    assert tags["shelling"].evidence[0].text == "Artillery shelled a town near the border before dawn."
    assert tags["talks"].evidence[0].text == "Leaders met for talks in the capital afterwards."
    for tag in tags.values():
        for evidence in tag.evidence:
            assert STORY[evidence.start : evidence.end] == evidence.text


def test_tags_come_best_first_with_name_and_modality() -> None:
    tags = tagger().tag([read_article(STORY)], BOOK)[0]
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
    assert all(tag.modality == "happened" and tag.name == tag.label for tag in tags)
    threat = tagger().tag(
        [read_article("The general threatened that artillery will have shelled a town by noon.")], BOOK
    )[0]
    assert {tag.modality for tag in threat if tag.label == "shelling"} == {"threatened"}


def test_a_parent_is_reported_with_its_best_child() -> None:
    tags = {tag.label: tag for tag in tagger().tag([read_article(STORY)], BOOK)[0]}
    assert (tags["violence"].child, tags["shelling"].parent) == ("shelling", "violence")
    assert tags["violence"].score >= tags["shelling"].score
    assert tags["violence"].evidence[0].text == tags["shelling"].evidence[0].text
    assert tags["talks"].child is None


def test_a_sub_type_is_no_rival_of_its_parent() -> None:
    found = Family(BOOK).log_shares(
        np.array([[0.8, 0.7, 0.1, 0.3, 0.2]]), 0.05
    )  # violence, shelling, riot, talks, flood
    np.testing.assert_allclose(
        found, [[0.0, 0.0, -0.6, -0.4, -0.5]], atol=1e-4
    )  # violence leaves talks and flood behind


def test_the_nearest_pairs_are_verified_where_similarity_has_no_weight() -> None:
    verifier = WordVerifier()
    odds_alone = EventCalibration(temperature=0.05, unverified=-6.0, many=Weights(odds=1.0), one=Weights(odds=1.0))
    tags = tagger(odds_alone, verifier=verifier).tag([read_article(STORY)], BOOK)[0]
    assert ("Leaders met for talks in the capital afterwards.", "Leaders met for talks.") in verifier.asked
    assert "talks" in {tag.label for tag in tags}


def test_nothing_is_an_answer() -> None:
    assert tagger().tag([article(6)], BOOK) == [()]


def test_exclusive_gives_one_leaf_each() -> None:
    documents = [read_article(STORY), article(3), read_article("A river flooded houses.")]
    answers = tagger().tag(documents, BOOK, exclusive=True)
    assert [len(tags) for tags in answers] == [1, 1, 1]
    assert answers[0][0].label in {"shelling", "talks"}
    assert answers[2][0].label == "flood"
    assert all(tags[0].label != "violence" and tags[0].evidence for tags in answers)
    assert answers[2][0].score > 0.5


def test_a_text_without_prose_has_no_evidence_to_show() -> None:
    empty = Document(read_article("x").article, ())
    assert tagger().tag([empty], BOOK) == [()]
    (answer,) = tagger().tag([empty], BOOK, exclusive=True)[0]
    assert (answer.label, answer.score, answer.evidence) == ("shelling", 0.0, ())


def test_thresholds_of_labels_and_codebook_decide() -> None:
    strict = BOOK.model_copy(update={"threshold": 0.999})
    assert tagger().tag([read_article(STORY)], strict) == [()]
    open_book = BOOK.model_copy(update={"threshold": 0.0})
    assert len(tagger().tag([read_article(STORY)], open_book)[0]) == len(BOOK.labels)


def test_the_same_article_gets_the_same_answer_alone_and_in_any_batch() -> None:
    documents = [article(3), read_article(STORY), article(9), read_article("Leaders met for talks.")]
    together = tagger().tag(documents, BOOK)
    assert together == [tagger().tag([document], BOOK)[0] for document in documents]
    assert tagger().tag(documents[::-1], BOOK) == together[::-1]


def test_verification_is_bounded_by_the_article_not_by_the_labels() -> None:
    document = article(40)
    asked = []
    for count in (8, 100, 400):
        book = Codebook.from_labels([f"topic{number}" for number in range(count)])
        verifier = WordVerifier()
        tagger(verifier=verifier).tag([document], book)
        asked.append(len(verifier.asked))
    assert asked[0] == PAIRS_BASE + int(PAIRS_PER_PIECE * 40)
    assert asked[1] == asked[2] == PAIRS_BASE + int(PAIRS_PER_PIECE_OF_MANY * 40)


def test_exhaustive_verifies_every_pair() -> None:
    verifier = WordVerifier()
    tagger(verifier=verifier).exhaustively().tag([read_article(STORY)], BOOK)
    assert len(verifier.asked) == 4 * len(BOOK.labels)


def test_without_a_retriever_every_statement_is_verified() -> None:
    verifier = WordVerifier()
    tags = tagger(encoder=None, labels=None, verifier=verifier).tag([read_article(STORY)], BOOK)[0]
    assert len(verifier.asked) == 4 * sum(len(label.statements) for label in BOOK.labels)
    assert {tag.label for tag in tags} == {"shelling", "talks", "violence"}


def test_without_verification_no_pair_is_read() -> None:
    verifier = WordVerifier()
    near = replace(BOTH, many=Weights(bias=-3.0, similarity=8.0), one=Weights(similarity=8.0))
    tags = tagger(near, verifier=verifier).tag([read_article(STORY)], BOOK)[0]
    assert verifier.asked == []
    assert "shelling" in {tag.label for tag in tags}


@pytest.mark.parametrize(
    ("context", "premise"),
    [
        ("none", "Leaders met for talks in the capital."),
        ("previous", "Residents spoke of a long night. Leaders met for talks in the capital."),
        ("lead", "It was over. Leaders met for talks in the capital."),
    ],
)
def test_context_stands_before_the_proof_and_is_no_evidence(context: str, premise: str) -> None:
    verifier = WordVerifier()
    document = read_article("It was over. Residents spoke of a long night. Leaders met for talks in the capital.")
    tags = tagger(verifier=verifier, context=context).tag([document], BOOK)[0]
    assert premise in {asked for asked, _ in verifier.asked}
    assert tags[0].evidence[0].text == "Leaders met for talks in the capital."


def test_bare_labels_work() -> None:
    tags = tagger().tag(
        [read_article("The strike of the dockers went on.")], Codebook.from_labels(["strike", "flood"]), exclusive=True
    )
    assert tags[0][0].label == "strike"


def test_a_long_article_is_read_to_its_end_in_little_time() -> None:
    text = (
        " ".join(f"Number {n} of the reports lists roads and bridges." for n in range(2200))
        + " A river flooded houses."
    )
    started = time.perf_counter()
    tags = tagger().tag([read_article(text)], BOOK, exclusive=True)[0]
    assert time.perf_counter() - started < 20
    assert tags[0].label == "flood"
    assert tags[0].evidence[0].end == len(text)


def test_a_tiny_checkpoint_tags_the_same_alone_and_in_a_batch(tmp_path: Path) -> None:
    reader = Reader.load(
        str(save_bert(tmp_path)), dtype="float32"
    )  # bfloat16 has kernels of its own for heads so small
    judge = RetrieveVerifyTagger(reader, reader, reader, BOTH, count=reader.count_tokens, piece_tokens=30)
    documents = [read_article(STORY), article(5), read_article("They met.")]
    every = BOOK.model_copy(update={"threshold": 0.0})
    together = judge.tag(documents, every)
    for document, tags in zip(documents, together, strict=True):
        (alone,) = judge.tag([document], every)
        assert [(tag.label, [one.span for one in tag.evidence]) for tag in alone] == [
            (tag.label, [one.span for one in tag.evidence]) for tag in tags
        ]
        np.testing.assert_allclose([tag.score for tag in alone], [tag.score for tag in tags], atol=1e-3)


# Pieces.


@given(st.text(alphabet="ab ,;—\n\t😀", max_size=400), st.integers(4, 30))
def test_pieces_cover_all_words_within_the_limit(text: str, limit: int) -> None:
    pieces = split_at_clauses(text, count_words, limit)
    covered = [character for a, b in pieces for character in text[a:b] if not character.isspace()]
    assert covered == [character for character in text if not character.isspace()]
    assert all(a < b <= c for (a, b), (c, _) in pairwise(pieces))
    assert all(count_words([text[a:b]])[0] <= limit for a, b in pieces if " " in text[a:b])


def test_overlong_sentences_are_split_at_clause_marks() -> None:
    text = "The army, which had waited for weeks, crossed the river at dawn; the rebels fled, and the town fell."
    pieces = [text[a:b] for a, b in split_at_clauses(text, count_words, 16)]
    assert pieces == [
        "The army, which had waited for weeks,",
        "crossed the river at dawn; the rebels fled,",
        "and the town fell.",
    ]


def test_short_sentences_stay_whole_and_a_megabyte_of_one_word_ends() -> None:
    document = read_article("They met. They parted.")
    assert read_pieces(document, count_words, 40) == [one.span for one in document.sentences]
    started = time.perf_counter()
    assert len(split_at_clauses("x," * 500_000, count_words, 100)) > 1000
    assert time.perf_counter() - started < 20


# The label cache.


def test_the_cache_encodes_once_and_reads_it_back(tmp_path: Path) -> None:
    first = WordEncoder()
    rows = LabelCache(first, "model", tmp_path).encode(["a strike", "a flood"])
    second = WordEncoder()
    np.testing.assert_array_equal(LabelCache(second, "model", tmp_path).encode(["a strike", "a flood"]), rows)
    assert (len(first.asked), second.asked) == (2, [])


def test_another_model_or_statement_is_another_entry(tmp_path: Path) -> None:
    LabelCache(WordEncoder(), "model", tmp_path).encode(["a strike"])
    for key, statement in (("other", "a strike"), ("model", "a strike!")):
        encoder = WordEncoder()
        LabelCache(encoder, key, tmp_path).encode([statement])
        assert encoder.asked == [statement]


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    rows = LabelCache(WordEncoder(), "model", tmp_path).encode(["a strike"])
    (entry,) = tmp_path.glob("*.npy")
    for damage in (b"", b"\x93NUMPY rubbish", entry.read_bytes()[:-10]):
        entry.write_bytes(damage)
        np.testing.assert_array_equal(LabelCache(WordEncoder(), "model", tmp_path).encode(["a strike"]), rows)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert LabelCache(WordEncoder(), "model", blocked / "labels").encode(["a strike"]).shape[0] == 1


def test_the_cache_folder_can_be_moved_and_turned_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COPYDESK_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "labels"
    monkeypatch.setenv("COPYDESK_CACHE", "")
    assert cache_folder() is None
    monkeypatch.delenv("COPYDESK_CACHE")
    assert str(cache_folder()).endswith("labels")


# Calibration.


def test_soft_maximum_lies_between_mean_and_maximum() -> None:
    scores = np.array([[0.1, 0.9, 0.3]])
    pooled = soft_maximum(scores, np.array([0, 2]), 0.05)
    assert 0.5 < pooled[0, 0] < 0.9
    assert pooled[0, 1] == pytest.approx(0.3)
    assert soft_maximum(scores, np.array([0, 2]), 1e-2)[0, 0] == pytest.approx(0.9, abs=0.01)


def test_log_shares_let_two_labels_win() -> None:
    alone, both = log_shares(np.array([[0.9, 0.3, 0.3], [0.9, 0.9, 0.3]]), 0.05)
    np.testing.assert_allclose(alone, [0.0, -0.6, -0.6], atol=1e-4)
    np.testing.assert_allclose(both, [-0.0347, -0.0347, -0.6347], atol=1e-4)  # T ln 2
    np.testing.assert_allclose(log_shares(np.array([[0.5]]), 0.05), [[0.0]])
    assert np.isfinite(log_shares(np.array([[1.0, -1.0]]), 1e-3)).all()


def test_a_codebook_of_its_own_scaling() -> None:
    strict = replace(BOTH, codebooks={"events": Platt(bias=-3.0, slope=0.5)})
    (usual,), (less,) = (tagger(one).tag([read_article("A river flooded houses.")], BOOK) for one in (BOTH, strict))
    assert usual
    assert not less
    stored = asdict(strict)
    assert EventCalibration.read(stored) == strict
    assert EventCalibration.read({name: value for name, value in stored.items() if name != "codebooks"}) == BOTH


def test_log_odds_turn_sigmoid_round_and_are_bounded() -> None:
    np.testing.assert_allclose(sigmoid(log_odds(np.array([0.1, 0.5, 0.99]))), [0.1, 0.5, 0.99])
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_logistic_fit_finds_the_weights_that_made_the_data() -> None:
    draw = np.random.default_rng(0)
    features = draw.normal(size=(4000, 2)) * [1.0, 10.0]
    gold = draw.random(4000) < sigmoid(-1.0 + features @ [2.0, 0.1])
    bias, weights = fit_logistic(features, gold)
    assert bias == pytest.approx(-1.0, abs=0.15)
    np.testing.assert_allclose(weights, [2.0, 0.1], rtol=0.15)
    with pytest.raises(ValueError, match="right and wrong"):
        fit_logistic(features, np.ones(4000, dtype=bool))


def test_choice_fit_finds_the_weights_that_made_the_data() -> None:
    draw = np.random.default_rng(0)
    features = [draw.normal(size=(draw.integers(2, 7), 2)) for _ in range(3000)]
    gold = [int(draw.choice(len(rows), p=softmax(rows @ [1.5, -0.5]))) for rows in features]
    np.testing.assert_allclose(fit_choice(features, gold), [1.5, -0.5], atol=0.12)


def test_a_calibration_with_a_missing_number_is_refused() -> None:
    with pytest.raises(ModelError, match=r"heads\.json"):
        EventCalibration.read({"temperature": 0.05})
