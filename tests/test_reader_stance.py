"""The stance readers over a checkpoint: random tiny weights, so only what must hold of any weights is tested."""

from pathlib import Path

import numpy as np
import pytest
from tiny_checkpoints import save_bert, save_heads

from copydesk.configs.errors import ModelError
from copydesk.models.attribution_tags import TAGS
from copydesk.models.polarity import DIRECTED_LABELS, HeadPolarity, VerifierPolarity
from copydesk.models.reader import Reader
from copydesk.models.schema import CLAIM_LABELS, POLARITIES
from copydesk.models.segmenter import read_article
from copydesk.models.stance_models import claim_desk, stance_desk
from copydesk.models.suite import PolarityQuery

CLASH = (Path(__file__).parent / "data" / "border_clash.txt").read_text(encoding="utf-8")
HEADS = {
    "polarity": ("sequence", ("neutral", "favour", "against")),
    "directed": ("sequence", DIRECTED_LABELS),
    "claim": ("sequence", CLAIM_LABELS),
    "attribution": ("token", TAGS),
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = save_bert(tmp_path_factory.mktemp("stance"))
    save_heads(folder, HEADS)
    return Reader.load(str(folder), device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader.load(str(save_bert(tmp_path_factory.mktemp("bare"))), device="cpu", dtype="float32")


def pair(text: str, holder: str, target: str) -> PolarityQuery:
    def place(word: str) -> tuple[tuple[int, int], ...]:
        return ((text.index(word), text.index(word) + len(word)),)

    return PolarityQuery(text, target, place(target), holder, place(holder))


def test_head_polarities_are_probabilities_in_input_order(reader: Reader) -> None:
    text = "russia accused turkey of an attack"
    queries = [
        pair(text, "russia", "turkey"),
        PolarityQuery(text, "turkey", ((15, 21),)),
        PolarityQuery(text, "sanctions"),
        pair(text, "turkey", "russia"),
    ]
    scorer = HeadPolarity(reader)
    together = scorer.polarity(queries)
    assert together.shape == (4, len(POLARITIES))
    assert np.allclose(together.sum(axis=1), 1.0, atol=1e-5)
    assert (together >= 0).all()
    alone = np.concatenate([scorer.polarity([query]) for query in queries])
    assert np.allclose(together, alone, atol=1e-5)
    assert not np.allclose(together[0], together[3], atol=1e-4)
    assert scorer.polarity([]).shape == (0, len(POLARITIES))


def test_the_polarity_head_is_read_by_its_labels_not_by_its_columns(reader: Reader) -> None:
    query = PolarityQuery("turkey", "turkey", ((0, 6),))
    raw = reader.sequence_probabilities("polarity", [("<< turkey >>", "turkey")])[0]
    scores = HeadPolarity(reader).polarity([query])[0]
    assert scores == pytest.approx([raw[1], raw[2], raw[0]])


def test_a_tagged_article_keeps_every_span_in_its_prose(reader: Reader) -> None:
    document = read_article(CLASH)
    found = stance_desk(reader)._attributor.attribute(document)
    assert found
    for one in found:
        for start, end in (*one.source, *one.cue, *one.content):
            assert 0 <= start < end <= len(CLASH)
            assert not any(mark.start <= start < mark.end for mark in document.marks)


def test_the_same_article_gives_the_same_table_again(reader: Reader) -> None:
    document = read_article(CLASH)
    assert stance_desk(reader).table(document) == stance_desk(reader).table(document)


def test_a_checkpoint_without_heads_reads_stance_by_hypotheses(bare: Reader) -> None:
    with pytest.raises(ModelError, match="polarity"):
        HeadPolarity(bare)
    document = read_article(CLASH)
    for stance in stance_desk(bare).table(document).stances:
        assert 0.0 <= stance.score <= 1.0
    scores = VerifierPolarity(bare).polarity([pair("russia met turkey", "russia", "turkey")])
    assert np.allclose(scores.sum(axis=1), 1.0, atol=1e-5)
    assert claim_desk(bare).read(document, "Peru attacked Ecuador").label in CLAIM_LABELS


def test_claims_are_read_with_the_head(reader: Reader) -> None:
    stance = claim_desk(reader).read(read_article(CLASH), "Peru attacked Ecuador")
    assert stance.label in CLAIM_LABELS
    assert sum(stance.scores.values()) == pytest.approx(1.0, abs=1e-4)
    assert stance.evidence
