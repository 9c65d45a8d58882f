import numpy as np
import pytest

from copydesk.models.claims import CLAIM_WORDS, ClaimDesk, VerifierClaims
from copydesk.models.schema import CLAIM_LABELS
from copydesk.models.segmenter import read_article
from copydesk.models.suite import CONTRADICTION, ENTAILMENT, Floats

FILLER = "The council met on Monday and spoke about parking for two hours without a vote. " * 30
LATE = "The dam at Northmere has burst, the fire service confirmed late on Sunday."
BODY = f"A lorry left the road near the old mill. {FILLER}{LATE}"


class Listening:
    """Keeps what it is asked and answers as told: what a desk sends to its scorer is what is tested."""

    def __init__(self, *scores: float) -> None:
        self.scores_ = scores
        self.asked: list[tuple[str, str]] = []

    def scores(self, pairs: list[tuple[str, str]]) -> Floats:
        self.asked += pairs
        return np.array([self.scores_] * len(pairs), dtype=np.float32)


class Words:
    """Unit vectors over words: enough of an encoder to rank sentences by meaning."""

    def encode(self, texts: list[str]) -> Floats:
        vocabulary = sorted({word for text in texts for word in text.lower().split()})
        rows = np.array(
            [[float(word in text.lower().split()) for word in vocabulary] for text in texts], dtype=np.float32
        )
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_the_sentence_that_bears_on_the_claim_is_read_however_late_it_stands() -> None:
    scorer = Listening(0.7, 0.1, 0.1, 0.1)
    stance = ClaimDesk(scorer, Words()).read(read_article(BODY), "Northmere dam burst")
    ((passage, claim),) = scorer.asked
    assert "dam at Northmere has burst" in passage
    assert claim == "Northmere dam burst"
    assert len(passage.split()) <= CLAIM_WORDS
    assert stance.label == "agree"
    assert "dam at Northmere" in stance.evidence[0].text
    assert BODY[stance.evidence[0].start : stance.evidence[0].end] == stance.evidence[0].text


@pytest.mark.parametrize("label", CLAIM_LABELS)
def test_every_label_is_given_with_its_score_and_evidence(label: str) -> None:
    scores = [0.6 if one == label else 0.4 / 3 for one in CLAIM_LABELS]
    for desk in (ClaimDesk(Listening(*scores)), ClaimDesk(Listening(*scores), Words())):
        stance = desk.read(read_article(BODY), "Northmere dam burst")
        assert stance.label == label
        assert stance.score == pytest.approx(0.6)
        assert sum(stance.scores.values()) == pytest.approx(1.0)
        assert list(stance.scores) == list(CLAIM_LABELS)
        assert stance.evidence


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_article_without_prose_is_unrelated_to_everything(text: str) -> None:
    scorer = Listening(1.0, 0.0, 0.0, 0.0)
    stance = ClaimDesk(scorer).read(read_article(text), "Northmere dam burst")
    assert (stance.label, stance.score, stance.evidence) == ("unrelated", 1.0, ())
    assert not scorer.asked


def test_entailment_agrees_contradiction_disagrees_and_the_rest_is_discussed() -> None:
    class Judge:
        def entailment(self, pairs: list[tuple[str, str]]) -> Floats:
            rows = np.full((len(pairs), 3), 0.05, dtype=np.float32)
            for row, (premise, hypothesis) in enumerate(pairs):
                if hypothesis.startswith("This is about"):
                    rows[row, ENTAILMENT] = 0.1 if "football" in premise else 0.9
                else:
                    rows[row, CONTRADICTION if "not" in premise else ENTAILMENT] = 0.9
            return rows

    claim = "The dam burst."
    scores = VerifierClaims(Judge()).scores(
        [("The dam has burst.", claim), ("The dam has not burst.", claim), ("A football match.", claim)]
    )
    assert [CLAIM_LABELS[int(row.argmax())] for row in scores] == ["agree", "disagree", "unrelated"]
    assert VerifierClaims(Judge()).scores([]).shape == (0, 4)
