"""A linear model's word beside the reader's: only on exclusive labels that it was trained on, and with its prior taken off."""

from dataclasses import replace

import numpy as np
import pytest
from word_scorers import WordEncoder, count_words

from copydesk.configs.codebook import Codebook
from copydesk.models.baseline import load_baseline
from copydesk.models.baseline_events import BaselineEventTagger
from copydesk.models.calibration import EventCalibration, Weights
from copydesk.models.event_tagger import RetrieveVerifyTagger
from copydesk.models.second_opinion import OpinionWeights, SecondOpinion, weights_for
from copydesk.models.segmenter import read_article

DESK = Codebook.load("desk")
EVEN = OpinionWeights(similarity=5.0, opinion=1.0, prior=dict.fromkeys(DESK.ids, 0.0))
ALONE = EventCalibration(temperature=0.05, unverified=0.0, many=Weights(similarity=4.0), one=Weights(similarity=5.0))
TEXTS = (
    "The striker scored twice as the club won the cup final.",
    "An earthquake of magnitude 7 killed dozens and destroyed villages.",
    "The bank cut its interest rate as inflation fell.",
)


def baseline() -> BaselineEventTagger:
    events = load_baseline().events
    assert isinstance(events, BaselineEventTagger)
    return events


def tagger(weights: OpinionWeights | None) -> RetrieveVerifyTagger:
    calibration = replace(ALONE, opinions={"desk": weights} if weights else {})
    reader = RetrieveVerifyTagger(WordEncoder(), WordEncoder(), None, calibration, count=count_words, piece_tokens=40)
    return reader.advised(SecondOpinion(baseline))


def answers(weights: OpinionWeights | None, codebook: Codebook = DESK) -> list[tuple[str, float]]:
    found = tagger(weights).tag([read_article(text) for text in TEXTS], codebook, exclusive=True)
    return [(tags[0].label, tags[0].score) for tags in found]


def test_it_decides_where_the_reader_has_nothing_to_say() -> None:
    heard = answers(replace(EVEN, similarity=0.0))
    assert [label for label, _ in heard] == ["sport", "disasters and accidents", "business and economy"]
    assert heard != answers(None)


def test_without_weight_only_the_reader_counts() -> None:
    assert answers(replace(EVEN, opinion=0.0)) == answers(None)


def test_the_prior_is_taken_off() -> None:
    common = replace(
        EVEN, prior=EVEN.prior | {"sport": 20.0}
    )  # nearly all that it saw was sport: its word on sport is worth little
    assert answers(common)[0][0] != "sport"
    assert answers(EVEN)[0][0] == "sport"


def test_labels_that_it_does_not_know_are_left_to_the_reader() -> None:
    own = Codebook.from_labels(["sport", "gardening"])
    assert weights_for(own, {"desk": EVEN}) is None
    assert answers(EVEN, own) == answers(None, own)
    some = Codebook.from_labels(["sport", "religion"])
    assert answers(replace(EVEN, similarity=0.0), some)[0][0] == "sport"


def test_labels_judged_each_by_itself_are_left_to_the_reader() -> None:
    documents = [read_article(text) for text in TEXTS]
    assert tagger(EVEN).tag(documents, DESK) == tagger(None).tag(documents, DESK)


def test_alone_and_in_a_batch_alike() -> None:
    together = tagger(EVEN).tag([read_article(text) for text in (*TEXTS, "", "12345")], DESK, exclusive=True)
    alone = [tagger(EVEN).tag([read_article(text)], DESK, exclusive=True)[0] for text in (*TEXTS, "", "12345")]
    assert together == alone


def test_the_baseline_gives_log_probabilities_of_exclusive_labels() -> None:
    found = baseline().log_proba(list(TEXTS), DESK)
    assert found is not None
    assert np.exp(found).sum(axis=1) == pytest.approx(1.0, abs=1e-3)
    assert baseline().log_proba(list(TEXTS), Codebook.from_labels(["strike"])) is None


@pytest.mark.embedded
def test_the_shipped_reader_hears_it() -> None:
    from copydesk import ArticlePredictor

    desk = ArticlePredictor.from_pretrained()
    assert "desk" in vars(desk.suite.events)["calibration"].opinions
    tags = [found[0] for found in desk.tag_events(list(TEXTS), codebook="desk", exclusive=True)]
    assert [tag.label for tag in tags] == ["sport", "disasters and accidents", "business and economy"]
    assert all(tag.evidence for tag in tags)
