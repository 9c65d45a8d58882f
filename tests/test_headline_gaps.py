"""Learnt gaps: the model against a count of all ways, its network in training, and which gaps a sentence is tried with."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
import torch
from word_scorers import EarlyFirst, EvenKeep, ready_gaps, ruled_gaps

from copydesk.models.compression import gapped_compressions, joined
from copydesk.models.document import Document
from copydesk.models.gap_model import TENSORS, GapModel, gap_chances, word_features
from copydesk.models.guards import is_allowed
from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.learnt_deletions import learnt_gaps
from copydesk.models.phrases import Parse, parse, runs
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import CompressionJudge, Floats, GapScores, HeadlineReading
from copydesk.training.gap_network import GapNetwork, log_partition, unlikelihood

SENTENCE = "The port authority closed the old harbour after a crane fell into the water during a storm."


def _kept(read: Parse, text: str) -> tuple[bool, ...]:
    """Which tokens are the words of ``text``, in order."""
    wanted, flags = text.split(), []
    for word in read.words:
        flags.append(bool(wanted) and word == wanted[0])
        wanted = wanted[flags[-1] :]
    assert not wanted
    return tuple(flags)


class _Without:
    """Finds every word likely, and one gap more than ready."""

    def __init__(self, gone: str) -> None:
        self._gone = gone.split()

    def read(self, document: Document, numbers: Sequence[int], reads: Sequence[Parse]) -> list[HeadlineReading]:
        assert [document.sentences[number].text for number in numbers] == [read.text for read in reads]
        return [HeadlineReading(np.full(len(read), 0.9, dtype=np.float32), self._gaps(read)) for read in reads]

    def _gaps(self, read: Parse) -> GapScores:
        scores = ruled_gaps(read)
        for start in range(len(read)):
            if list(read.words[start : start + len(self._gone)]) == self._gone:
                scores.gaps[start, start + len(self._gone)] = 9.0
        return scores


class _Trusting:
    """Every compression is sound."""

    def soundness(self, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]]) -> Floats:
        assert len(words) == len(kept)
        return np.ones(len(words), dtype=np.float32)


def _allowed(sentence: str) -> set[str]:
    """The words of each gap that the sentence is tried with."""
    read = parse(sentence)
    return {" ".join(read.words[one.start : one.end]) for one in learnt_gaps(read, ready_gaps(read))}


def _ways(gaps: Floats, keeps: Floats) -> Iterator[tuple[list[tuple[int, int]], float]]:
    """Every way through a sentence: its gaps, which are the runs of what it doesn't keep, and its score."""
    for kept in product((False, True), repeat=len(keeps)):
        gone = runs(kept)
        yield gone, float(sum(gaps[one] for one in gone) + keeps[np.array(kept)].sum())


def test_the_partition_function_counts_every_way_once() -> None:
    torch.manual_seed(2)
    gaps, keeps = torch.randn(1, 6, 6), torch.randn(1, 5)
    total = sum(np.exp(score) for _, score in _ways(gaps[0].numpy(), keeps[0].numpy()))
    assert float(log_partition(gaps, keeps, torch.tensor([5]))) == pytest.approx(np.log(total), abs=1e-4)


def test_a_gap_is_as_likely_as_the_ways_through_it() -> None:
    rng = np.random.default_rng(4)
    scores = GapScores(rng.normal(size=(6, 6)).astype(np.float32), rng.normal(size=5).astype(np.float32))
    chances = np.exp(gap_chances(scores))
    ways = [(gone, np.exp(score)) for gone, score in _ways(scores.gaps, scores.keeps)]
    total = sum(weight for _, weight in ways)
    for start, end in product(range(6), repeat=2):
        through = sum(weight for gone, weight in ways if (start, end) in gone)
        assert chances[start, end] == pytest.approx(through / total, abs=1e-5)


def test_padding_changes_no_likelihood() -> None:
    torch.manual_seed(3)
    gaps, keeps = torch.randn(2, 7, 7), torch.randn(2, 6)
    both = log_partition(gaps, keeps, torch.tensor([4, 6]))
    alone = log_partition(gaps[:1, :5, :5], keeps[:1, :4], torch.tensor([4]))
    assert float(both[0]) == pytest.approx(float(alone[0]), abs=1e-5)
    long, short = (True, False, False, True, True, False), (True, False, True, False)
    assert float(unlikelihood(gaps, keeps, [short, long])[0]) == pytest.approx(
        float(unlikelihood(gaps[:1, :5, :5], keeps[:1, :4], [short])[0]), abs=1e-5
    )


def test_training_makes_a_headline_likely_and_the_model_scores_as_the_network() -> None:
    torch.manual_seed(1)
    read = parse(SENTENCE)
    wanted, other = _kept(read, "port authority closed harbour"), _kept(read, "crane fell into the storm")
    tokens = torch.from_numpy(np.concatenate([np.eye(len(read), dtype=np.float32), word_features(read)], axis=1))[None]
    counts = torch.tensor([len(read)])
    network = GapNetwork(tokens.shape[2])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(40):
        loss = unlikelihood(*network(tokens, counts), [wanted]).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    network.eval()
    with torch.inference_mode():
        gaps, keeps = network(tokens, counts)
        assert float(unlikelihood(gaps, keeps, [wanted])) < float(unlikelihood(gaps, keeps, [other])) - 3
    assert set(network.state_dict()) == set(TENSORS)
    model = GapModel({name: one.numpy() for name, one in network.state_dict().items()})
    scores = model.scores(tokens[0].numpy())
    upper = np.triu_indices(len(read) + 1, 1)
    assert np.allclose(scores.gaps[upper], gaps[0].numpy()[upper], atol=1e-4)
    assert np.allclose(scores.keeps, keeps[0].numpy(), atol=1e-4)


def test_word_features_tell_the_shallow_parse() -> None:
    read = parse('The mayor, "a friend", resigned.')
    features = word_features(read)
    assert features.shape[0] == len(read)
    assert features[:, -5].astype(bool).tolist() == list(read.finite)
    assert features[:, -4].astype(bool).tolist() == [word == "," for word in read.words]


@pytest.mark.parametrize(
    ("sentence", "gap"),
    [
        ("Norvik shares in Oslo fell.", "in Oslo"),
        ("Norvik shares fell sharply.", "sharply ."),
        ("The mayor will now resign.", "The"),
        ("Norvik Energy shares fell.", "Energy"),
    ],
)
def test_words_may_go(sentence: str, gap: str) -> None:
    assert gap in _allowed(sentence)


@pytest.mark.parametrize(
    ("sentence", "gap"),
    [
        ("The U.S.-Mexico wall grew.", "U.S. -"),  # inside a compound
        ("AT&T shares rose.", "AT"),
        ("Norvik ’s shares rose.", "Norvik"),  # an owner without its ending
        ("North Korea fired a missile.", "North"),  # another name
        ("Aldane sued Bank of Norvik.", "of Norvik ."),
        ('Moss called it "a rare day of calm" on Sunday.', "rare"),  # inside a quotation
        ("The bank gave approval to the takeover of Aldane.", "the takeover of"),  # another object
        ("Moss arrived on Monday to discuss a loan.", "on Monday to discuss"),
        ("Norvik plans to seek permission to build a mill.", "seek permission to"),
        ("Shells fired from the north struck a village.", "from the north"),  # a verb that meets another
        ("Norvik is being investigated by the Bureau of Ports.", "by the Bureau"),
        ("Norvik said on Friday it was committed to exploration.", "on Friday it was committed"),
        ("Moss was not far from shock at the news.", "far"),
        ("Banks are not functioning properly in May.", "properly"),  # what is denied
        ("Workers in Oslo, Bergen and Narvik walked out.", "in Oslo"),  # the head of a list
        ("Sales rose, as Moss had hoped, to a record.", ", as Moss had hoped"),  # half of two commas
        ("You think that the drop is a good thing.", "You think that"),  # a statement of its own
    ],
)
def test_what_would_say_something_else_is_not_tried(sentence: str, gap: str) -> None:
    assert gap in " ".join(parse(sentence).words)
    assert gap not in _allowed(sentence)


def test_an_unlikely_gap_is_not_tried() -> None:
    read = parse("Norvik shares in Oslo fell sharply on Tuesday.")
    unlikely = ready_gaps(read).gaps - 30
    assert not list(learnt_gaps(read, GapScores(unlikely, np.zeros(len(read), dtype=np.float32))))


def test_a_sentence_that_is_kept_to_its_end_is_weighed_with_the_gap_of_its_full_stop() -> None:
    read = parse("Norvik closed its plant in Oslo.")
    keep, count = np.full(len(read), 0.4, dtype=np.float32), len(read)
    gaps = np.full((count + 1, count + 1), -4.0, dtype=np.float32)
    gaps[4, count] = 0.0  # without "in Oslo."
    gaps[count - 1, count] = 2.0
    (whole, *_) = gapped_compressions(
        read, keep, GapScores(gaps, np.zeros(count, dtype=np.float32)), max_chars=75, count=2
    )
    assert joined(read, whole.kept) == "Norvik closed its plant in Oslo"
    gaps[count - 1, count] = -4.0
    (cut, *_) = gapped_compressions(
        read, keep, GapScores(gaps, np.zeros(count, dtype=np.float32)), max_chars=75, count=2
    )
    assert joined(read, cut.kept) == "Norvik closed its plant"


def test_compressions_with_gaps_pass_every_check_and_stay_within_the_limit() -> None:
    read = parse(
        "The harbour authority in Bergen did not close the old docks at the island after a crane from Oslo fell into the water "
        "during a storm, officials in the city said."
    )
    keep = np.full(len(read), 0.9, dtype=np.float32)
    found = gapped_compressions(read, keep, ruled_gaps(read), max_chars=75, count=12)
    assert len(found) > 2
    for one in found:
        text = joined(read, one.kept)
        assert is_allowed(read, one.kept)
        assert len(text) <= 75
        assert text.endswith("said")
        assert "did not close" in text


def test_gaps_are_only_tried_where_a_judge_reads_what_comes_of_them() -> None:
    document = read_article(
        Article("Two men were charged by New York prosecutors with stealing paintings.\n\nThe trial will begin.")
    )

    def headline(judge: CompressionJudge | None) -> str:
        desk = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), judge=judge, reading=_Without("New York"))
        return desk.headlines(document, max_chars=60)[0].text

    assert headline(None) != headline(_Trusting())
    assert headline(_Trusting()) == "Two men were charged by prosecutors with stealing paintings"
