"""The model of headline words: what it reads at once, its training on a tiny checkpoint, and its part in the headline."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import save_bert
from word_scorers import HARBOUR, EarlyFirst, EvenKeep, ready_gaps

from copydesk.configs.errors import ModelError
from copydesk.models.compression import joined
from copydesk.models.document import Document
from copydesk.models.gap_model import gap_chances
from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.headline_word_model import (
    FILE,
    HeadlineWordModel,
    Pieces,
    Room,
    article_windows,
    sentence_pieces,
)
from copydesk.models.phrases import Parse, parse, runs
from copydesk.models.reader import Reader
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Floats, HeadlineReading
from copydesk.models.words import is_word
from copydesk.training import headline_word_model as training_module
from copydesk.training.headline_choices import Choice
from copydesk.training.headline_word_model import LabelledSentence, WordTraining, bodies, main, news, shortened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_bert(tmp_path / "tiny", max_length=512)


def _load(folder: Path) -> HeadlineWordModel:
    model = HeadlineWordModel.load(Reader.load(str(folder), device="cpu", dtype="float32"))
    assert model is not None
    return model


def _answers(model: HeadlineWordModel, text: str, numbers: Sequence[int]) -> list[Floats]:
    document = read_article(Article(text))
    found = model.read(document, numbers, [parse(document.sentences[number].text) for number in numbers])
    return [one.words for one in found]


@pytest.mark.parametrize(
    ("sizes", "wanted", "windows"),
    [
        ([5, 5, 5], [0, 1, 2], [[0, 1, 2]]),
        ([5, 5, 5], [2], [[0, 1, 2]]),
        ([15, 15, 15], [2], [[0, 2]]),
        ([15, 4, 15, 2], [3, 1], [[0, 1], [0, 3]]),
        ([30, 2], [0, 1], [[0], [0, 1]]),
    ],
)
def test_the_beginning_is_read_at_once_and_later_sentences_after_the_first(
    sizes: list[int], wanted: list[int], windows: list[list[int]]
) -> None:
    pieces = {number: Pieces([0] * size, [0] * size) for number, size in enumerate(sizes)}
    assert list(article_windows(pieces, wanted, room=20)) == windows


def test_pieces_know_their_words(folder: Path) -> None:
    tokenizer = Reader.load(str(folder), device="cpu").tokenizer
    read = parse("Armenia xq met.")
    pieces = sentence_pieces(tokenizer, read.text, read.spans, 64)
    assert tokenizer.convert_ids_to_tokens(pieces.ids)[:4] == ["armenia", "x", "##q", "met"]
    assert list(pieces.words) == [0, 1, 1, 2, 3]
    assert list(sentence_pieces(tokenizer, read.text, read.spans[1:2], 64).words) == [-1, 0, 0, -1, -1]
    assert len(sentence_pieces(tokenizer, read.text, read.spans, 2).ids) == 2


def test_two_sentences_always_fit_a_checkpoint() -> None:
    for most in (10, 64, 200, 512, 8192):
        room = Room.of(most)
        assert 0 < room.window <= most - 2
        assert 2 * room.sentence <= most - 2


def test_training_learns_the_headline_and_the_file_answers_as_the_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_module, "PASSES", 60)
    monkeypatch.setattr(training_module, "RATE", 1e-2)
    monkeypatch.setattr(training_module, "LAST_RATE", 1e-2)
    training = WordTraining(folder)
    article = training.labelled(HARBOUR, ["Port authority closes harbour after storm"])
    before = training.evaluated([article]).plain
    training.fit([article] * 4, [article])
    told = training.evaluated([article])
    after = told.weighed
    assert after < before - 0.2
    assert np.isnan(told.nats)  # no headline was written for it
    training.save(folder / FILE)
    answers = _answers(_load(folder), HARBOUR, [0, 1, 2])
    losses = [
        -np.log(max(chance if label else 1 - chance, 1e-4))
        for sentence, chances in zip(article, answers, strict=True)
        for label, chance in zip(sentence.labels, chances, strict=True)
        if label >= 0
    ]
    assert np.mean(losses) == pytest.approx(after, abs=0.05)  # half precision in the file


def test_training_learns_what_a_written_headline_leaves_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_module, "PASSES", 60)
    monkeypatch.setattr(training_module, "RATE", 1e-2)
    monkeypatch.setattr(training_module, "LAST_RATE", 1e-2)
    training = WordTraining(folder)
    sentence = read_article(Article(HARBOUR)).sentences[0]
    read = parse(sentence.text)
    kept = tuple(word in {"port", "authority", "closed", "harbour"} for word in read.words)
    choice = Choice(3, 0, read.words, kept, joined(read, kept), teaches=True)
    article = training.labelled(HARBOUR, ["Storm shuts docks"], choice)
    assert [one.kept for one in article] == [kept, None, None]
    assert article[0].written == [
        float(flag) if is_word(word) else -1.0 for word, flag in zip(read.words, kept, strict=True)
    ]
    before = training.evaluated([article]).nats
    training.fit([article] * 4, [article])
    after = training.evaluated([article]).nats
    assert after < before / 4
    training.save(folder / FILE)
    (reading,) = _load(folder).read(read_article(Article(HARBOUR)), [0], [read])
    chances = gap_chances(reading.gaps)
    assert all(chances[gap] > -1 for gap in runs(kept))
    untold = training.labelled(HARBOUR, ["Storm shuts docks"], replace(choice, teaches=False))
    assert untold[0].kept is None
    assert untold[0].written == article[0].written


def test_labels_are_the_share_of_headlines_with_the_word(folder: Path) -> None:
    (sentence,) = WordTraining(folder).labelled("The port closed.", ["Port closes", "Ports open", "Crane falls"])
    assert sentence.labels == pytest.approx([0, 2 / 3, 1 / 3, -1])
    assert WordTraining(folder).labelled("", ["Port closes"]) == []


def test_answers_keep_the_order_that_they_were_asked_in(folder: Path) -> None:
    WordTraining(folder).save(folder / FILE)
    model = _load(folder)
    first, second, third = _answers(model, HARBOUR, [0, 1, 2])
    again = _answers(model, HARBOUR, [2, 0, 1])
    assert [np.array_equal(one, other) for one, other in zip(again, (third, first, second), strict=True)] == [True] * 3
    assert model.read(read_article(Article(HARBOUR)), [], []) == []


def test_late_sentences_of_a_long_article_are_read_and_words_past_the_limit_have_no_chance(folder: Path) -> None:
    WordTraining(folder).save(folder / FILE)
    model = _load(folder)
    answers = _answers(model, "\n\n".join([HARBOUR] * 30), [0, 50, 89])
    assert [answer.min() > 0 for answer in answers] == [True] * 3
    (answer,) = _answers(model, "The " + "very " * 400 + "old harbour closed.", [0])
    assert answer[0] > 0
    assert answer[-2] == 0


def test_a_shortened_article_keeps_its_first_sentence_and_the_order() -> None:
    article = [LabelledSentence(Pieces([number], [0]), [1.0], [-1.0]) for number in range(6)]
    seen = set()
    for seed in range(60):
        kept = [sentence.pieces.ids[0] for sentence in shortened(article, random.Random(seed))]
        assert kept[0] == 0
        assert kept == sorted(kept)
        seen.add(len(kept))
    assert {2, 6} <= seen
    assert shortened(article[:2], random.Random(0)) == article[:2]


def test_the_command_trains_on_the_tables(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from datasets import Dataset

    for name in ("headlines", "stance"):
        (tmp_path / "data" / name).mkdir(parents=True)
    rows = [{"lead": HARBOUR, "headline": "Port authority closes harbour"}] * 9 + [{"lead": "", "headline": "None"}]
    Dataset.from_list(rows).to_parquet(str(tmp_path / "data" / "headlines" / "news_train.parquet"))
    Dataset.from_list([{"body_id": 7, "body": HARBOUR}, {"body_id": 8, "body": HARBOUR}]).to_parquet(
        str(tmp_path / "data" / "stance" / "fnc_bodies.parquet")
    )
    pairs = [
        {"body_id": 7, "headline": "Crane falls", "label": "agree"},
        {"body_id": 8, "headline": "Dog bites man", "label": "unrelated"},
    ]
    Dataset.from_list(pairs).to_parquet(str(tmp_path / "data" / "stance" / "fnc_pairs_train.parquet"))
    assert [row for row, *_ in news(tmp_path / "data" / "headlines" / "news_train.parquet")] == list(range(10))
    assert list(bodies(tmp_path / "data" / "stance")) == [(HARBOUR, ["Crane falls"])]
    choices = tmp_path / "choices.tsv"
    choices.write_text("row\tspans\n0\t4-18 30-36\n6\t4-18 30-36\n")
    main(["--data", str(tmp_path / "data"), "--reader", str(folder), "--choices", str(choices)])
    assert "8 articles and 2 written headlines, 2 articles held out" in capsys.readouterr().out
    assert _answers(_load(folder), HARBOUR, [0])[0].shape == (len(parse(HARBOUR.split("\n", maxsplit=1)[0])),)


class _Wants:
    """Wants some words and no others."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def read(self, document: Document, numbers: Sequence[int], reads: Sequence[Parse]) -> list[HeadlineReading]:
        assert [document.sentences[number].text for number in numbers] == [read.text for read in reads]
        chances = [
            np.asarray([0.9 * (word in self._words) + 0.01 for word in read.lower], np.float32) for read in reads
        ]
        return [HeadlineReading(one, ready_gaps(read)) for one, read in zip(chances, reads, strict=True)]


def test_the_words_that_it_wants_make_the_headline() -> None:
    document = read_article(Article(HARBOUR))

    def headline(*words: str) -> str:
        made = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), reading=_Wants(*words)).headlines(document, max_chars=45)
        return made[0].text

    assert "harbour" in headline("authority", "closed", "harbour")
    assert "dockers" in headline("dockers", "treated", "shock")


def test_a_reader_without_one_has_none(folder: Path) -> None:
    assert HeadlineWordModel.load(Reader.load(str(folder), device="cpu")) is None


def test_a_file_that_does_not_fit_is_told(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    from copydesk.models.side_weights import weights_hash

    training = WordTraining(folder)
    training.save(folder / FILE)
    tensors = load_file(folder / FILE)
    tensors["encoder.layer.0.attention.self.query.up"] = torch.zeros(3, 3)
    save_file(tensors, folder / FILE, metadata={"model": weights_hash(folder)})
    with pytest.raises(ModelError, match="doesn't fit the checkpoint"):
        HeadlineWordModel.load(Reader.load(str(folder), device="cpu"))


def test_a_file_that_lacks_the_gaps_is_told(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    from copydesk.models.side_weights import weights_hash

    WordTraining(folder).save(folder / FILE)
    tensors = load_file(folder / FILE)
    del tensors["gaps.keep.bias"]
    save_file(tensors, folder / FILE, metadata={"model": weights_hash(folder)})
    with pytest.raises(ModelError, match=r"doesn't fit the checkpoint beside it \(KeyError: 'keep.bias'"):
        HeadlineWordModel.load(Reader.load(str(folder), device="cpu"))
