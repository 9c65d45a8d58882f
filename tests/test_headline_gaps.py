"""Learnt gaps: the model against a count of all ways, its training on a tiny checkpoint, and which gaps a sentence allows."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import save_bert
from word_scorers import EarlyFirst, EvenKeep, ready_gaps

from copydesk.configs.errors import ModelError
from copydesk.models.compression import gapped_compressions, joined
from copydesk.models.gap_model import FILE, TENSORS, WORD_FEATURES, GapModel, token_states, word_features
from copydesk.models.guards import is_allowed
from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.learnt_deletions import learnt_gaps
from copydesk.models.phrases import Parse, parse
from copydesk.models.reader import Reader
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.side_weights import weights_hash
from copydesk.models.suite import CompressionJudge, Floats, GapScores
from copydesk.training.headline_gaps import GapNetwork, log_partition, save, token_inputs, trained, unlikelihood
from copydesk.training.headline_judge import Compressed

SENTENCE = "The port authority closed the old harbour after a crane fell into the water during a storm."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_bert(tmp_path / "tiny")


def _compressed(row: int, kept: str) -> Compressed:
    """The words of ``kept``, in order."""
    read, wanted = parse(SENTENCE), kept.split()
    flags = []
    for word in read.words:
        flags.append(bool(wanted) and word == wanted[0])
        wanted = wanted[flags[-1] :]
    assert not wanted
    return Compressed(row, read, tuple(flags))


class _Open:
    """Finds every gap readier than the words in it."""

    def scores(self, reads: Sequence[Parse]) -> list[GapScores]:
        return [ready_gaps(read) for read in reads]


class _Trusting:
    """Every compression is sound."""

    def soundness(self, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]]) -> Floats:
        assert len(words) == len(kept)
        return np.ones(len(words), dtype=np.float32)


def _allowed(sentence: str) -> set[str]:
    """The words of each gap that the sentence allows."""
    read = parse(sentence)
    return {" ".join(read.words[one.start : one.end]) for one in learnt_gaps(read, ready_gaps(read))}


def test_the_partition_function_counts_every_way_once() -> None:
    torch.manual_seed(2)
    count = 5
    gaps, keeps = torch.randn(1, count + 1, count + 1), torch.randn(1, count)
    total = 0.0
    for kept in product((False, True), repeat=count):  # a way is what it keeps: its gaps are the runs of the rest
        score, at = 0.0, 0
        while at < count:
            end = at + 1
            if kept[at]:
                score += float(keeps[0, at])
            else:
                while end < count and not kept[end]:
                    end += 1
                score += float(gaps[0, at, end])
            at = end
        total += np.exp(score)
    assert float(log_partition(gaps, keeps, torch.tensor([count]))) == pytest.approx(np.log(total), abs=1e-4)


def test_padding_changes_no_likelihood() -> None:
    torch.manual_seed(3)
    gaps, keeps = torch.randn(2, 7, 7), torch.randn(2, 6)
    both = log_partition(gaps, keeps, torch.tensor([4, 6]))
    alone = log_partition(gaps[:1, :5, :5], keeps[:1, :4], torch.tensor([4]))
    assert float(both[0]) == pytest.approx(float(alone[0]), abs=1e-5)


def test_training_makes_the_references_likely_and_the_file_scores_as_the_network(folder: Path) -> None:
    references = [_compressed(0, "The port authority closed the harbour")]
    tokens = token_inputs(folder, references)
    network = trained(references * 1000, tokens * 1000)
    other = [_compressed(0, "The crane fell into the storm")]
    assert unlikelihood(network, references[:1], tokens[:1]) < unlikelihood(network, other, tokens[:1]) - 3
    save(network, folder / FILE)
    reader = Reader.load(str(folder), device="cpu", dtype="float32")
    model = GapModel.load(reader)
    assert model is not None
    (scores,) = model.scores([references[0].read])
    with torch.inference_mode():
        inputs = torch.from_numpy(tokens[0])[None]
        gaps, keeps = network(inputs, torch.tensor([inputs.shape[1]]))
    upper = np.triu_indices(len(references[0].read) + 1, 1)
    assert np.allclose(scores.gaps[upper], gaps[0].numpy()[upper], atol=0.1)  # half precision in the file
    assert np.allclose(scores.keeps, keeps[0].numpy(), atol=0.1)


def test_states_are_those_of_the_words_whatever_stands_in_the_batch(folder: Path) -> None:
    reader = Reader.load(str(folder), device="cpu", dtype="float32")
    words = parse(SENTENCE).words
    alone = token_states(reader, [words])[0]
    beside = token_states(reader, [words[:3], words])[1]
    assert alone.shape == (len(words), 2 * reader.width)
    assert np.allclose(alone, beside, atol=1e-5)
    assert np.abs(alone).sum(axis=1).min() > 0


def test_no_sentence_needs_no_reader(folder: Path) -> None:
    assert GapModel(Reader.load(str(folder), device="cpu"), {}).scores([]) == []


def test_word_features_tell_the_shallow_parse() -> None:
    read = parse('The mayor, "a friend", resigned.')
    features = word_features(read)
    assert features.shape[0] == len(read)
    assert features[:, -5].astype(bool).tolist() == list(read.finite)
    assert features[:, -4].astype(bool).tolist() == [word == "," for word in read.words]


def test_a_reader_without_the_file_has_no_model(folder: Path) -> None:
    assert GapModel.load(Reader.load(str(folder), device="cpu")) is None


def test_a_model_of_other_weights_is_told(folder: Path, tmp_path: Path) -> None:
    references = [_compressed(0, "The port authority closed the harbour")]
    save(trained(references, token_inputs(folder, references)), folder / FILE)
    other = save_bert(tmp_path / "other", seed=9)
    (other / FILE).write_bytes((folder / FILE).read_bytes())
    with pytest.raises(ModelError, match=rf"{FILE}.*other weights[\s\S]*headline_gaps"):
        GapModel.load(Reader.load(str(other), device="cpu"))


def test_a_torn_file_is_told(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\x08\x00\x00")
    with pytest.raises(ModelError, match=f"{FILE}.*can't be read"):
        GapModel.load(Reader.load(str(folder), device="cpu"))


@pytest.mark.parametrize(
    ("sentence", "gap"),
    [
        ("Norvik shares in Oslo fell sharply on Tuesday after the warning.", "in Oslo"),
        ("The court ordered the ministry on Wednesday to publish the letters.", "on Wednesday"),
        ("Two men were charged by city prosecutors with stealing paintings.", "by city prosecutors"),
        ("The mayor, who has run the city since May, will resign.", ", who has run the city since May ,"),
        ("Norvik sued the bank over the loans given to a rival.", "given to a rival ."),
        ("Police arrested a man in Bergen on suspicion of arson.", "in Bergen"),
    ],
)
def test_a_whole_phrase_may_go(sentence: str, gap: str) -> None:
    assert gap in _allowed(sentence)


@pytest.mark.parametrize(
    ("sentence", "gap"),
    [
        ("The bank gave approval to the takeover of rival Aldane.", "the takeover of rival"),  # another object
        ("The U.S.-Mexico border wall grew.", "U.S. -"),  # inside a compound
        ("Bristol-Myers Squibb rose on Monday.", "Bristol-Myers"),
        ("The firm said it would not have closed the plant.", "not have"),  # a negation
        ("Banks are not functioning properly in the crisis.", "properly"),  # what is denied
        ("Moss took a step to end the strike.", "a step"),  # a verb's object
        ("Moss was far from shock at the news.", "far"),  # turns it round
        ("Sales rose, as the ministry had hoped, to a record.", ", as the ministry had hoped"),  # half of two commas
        ("The harbour will close in May, police said on Friday.", ", police said on Friday ."),  # who says it
        ("The harbour will close in May, police said on Friday.", "in May ,"),  # the comma before who says it
        ("Police said on Friday that the harbour will close.", "said on Friday that"),
        ("Moss and her party won seats in Bergen.", "and her party won"),
        ('She called it "a rare day of calm" on Sunday.', "a rare day"),  # inside a quotation
        ("Norvik said on Monday it has expanded in Asia.", "Monday it"),
        ("Prices fell by 20 percent in the year to June.", "20"),
        ("Moss is being investigated by the Federal Bureau of Ports.", "by the Federal Bureau"),
        ("Ministers arrived on Monday to discuss a second loan.", "on Monday to discuss"),
        (
            "The regulator took Aldane to court after it hid the records of a former client.",
            "after it hid the records of a former",
        ),
        ("Republicans were unmoved and at dawn voted for the plan.", "and at dawn"),
        ("Norvik said on Friday it was committed to exploration.", "on Friday it was committed"),
        ("The union is owed a sum by Norvik that has been pledged to a fund.", "that has been pledged"),
        ("Moss will back a set of fixes to the port law.", "of fixes"),
        ("Workers at plants in Oslo, Bergen and Narvik walked out.", "in Oslo"),
        ("Aldane sued Bank of Norvik over the loans.", "of Norvik"),
        ("Shells fired from the north struck a village.", "from the north"),
        ("You might think that the drop is a good thing.", "You might think that"),  # a statement of its own
    ],
)
def test_what_would_say_something_else_stays(sentence: str, gap: str) -> None:
    assert gap in " ".join(parse(sentence).words)
    assert gap not in _allowed(sentence)


def test_an_unlikely_gap_is_not_tried() -> None:
    read = parse("Norvik shares in Oslo fell sharply on Tuesday.")
    unlikely = ready_gaps(read).gaps - 9
    assert not list(learnt_gaps(read, GapScores(unlikely, np.zeros(len(read), dtype=np.float32))))


def test_compressions_with_gaps_pass_every_check_and_stay_within_the_limit() -> None:
    read = parse(
        "The harbour authority in Bergen did not close the old docks at the island after a crane from Oslo fell into the water "
        "during a storm, officials in the city said."
    )
    keep = np.full(len(read), 0.4, dtype=np.float32)
    found = gapped_compressions(read, keep, ready_gaps(read), max_chars=75, count=12)
    assert len(found) > 2
    for one in found:
        text = joined(read, one.kept)
        assert is_allowed(read, one.kept)
        assert len(text) <= 75
        assert text.endswith("said")
        assert "did not close" in text


def test_gaps_are_only_tried_where_a_judge_reads_what_comes_of_them() -> None:
    text = (
        "Two men were charged by New York prosecutors with stealing secret computer code from a high-frequency trading firm in "
        "an effort to start their own business there.\n\nThe trial will begin."
    )
    document = read_article(Article(text))

    def headline(judge: CompressionJudge | None) -> str:
        made = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), judge=judge, gaps=_Open()).headlines(
            document, max_chars=60
        )
        return made[0].text

    assert headline(None) == ExtractiveHeadliner(EarlyFirst(), EvenKeep()).headlines(document, max_chars=60)[0].text
    assert headline(_Trusting()) != headline(None)


def test_a_file_that_lacks_a_tensor_is_told_at_loading(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    network = GapNetwork(2 * 24 + WORD_FEATURES)
    assert set(network.state_dict()) == set(TENSORS)
    save(network, folder / FILE)
    tensors = load_file(folder / FILE)
    del tensors["gap.bias"]
    save_file(tensors, folder / FILE, metadata={"model": weights_hash(folder)})
    with pytest.raises(ModelError, match=r"doesn't fit the checkpoint beside it \(KeyError: 'gap.bias'"):
        GapModel.load(Reader.load(str(folder), device="cpu"))
