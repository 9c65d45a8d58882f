"""The judge of headlines: its updates, its training on a tiny checkpoint, its part in the choice, and the shipped one's taste."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_checkpoints import save_bert
from word_scorers import HARBOUR, EarlyFirst, EvenKeep

from copydesk.configs.errors import ConfigError, ModelError
from copydesk.models import headline
from copydesk.models.headline import ExtractiveHeadliner
from copydesk.models.headline_judge import FILE, HeadlineJudge, marked
from copydesk.models.low_rank import TOKEN_TYPES, updated
from copydesk.models.phrases import parse
from copydesk.models.reader import Reader
from copydesk.models.schema import Article
from copydesk.models.segmenter import read_article
from copydesk.models.suite import CompressionJudge, Floats
from copydesk.training import headline_judge
from copydesk.training.headline_judge import (
    VERDICT,
    VERDICTS,
    Compressed,
    Example,
    Step,
    Training,
    area,
    broken,
    platt,
    read_verdicts,
)
from copydesk.training.low_rank import strongest

SENTENCE = "the president of armenia met the minister of russia in moscow on monday".split()  # noqa: SIM905


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_bert(tmp_path / "tiny")


def _examples(count: int) -> list[Example]:
    """Faulty are those that lack most of the sentence; the sentence itself is always the same."""
    whole = tuple(index < 12 for index in range(len(SENTENCE)))
    torn = tuple(index in {3, 8} for index in range(len(SENTENCE)))
    short = tuple(index < 10 for index in range(len(SENTENCE)))
    return [
        Example(tuple(SENTENCE), (whole, short, torn)[number % 3], int(number % 3 == 2), number)
        for number in range(count)
    ]


def test_updates_are_added_to_a_copy_that_shares_the_word_embeddings(folder: Path) -> None:
    encoder = Reader.load(str(folder), device="cpu", dtype="float32").encoder
    name = "encoder.layer.0.attention.self.query"
    before = encoder.encoder.layer[0].attention.self.query.weight.clone()
    down, up = np.ones((2, before.shape[1]), np.float32), np.full((before.shape[0], 2), 0.5, np.float32)
    types = np.zeros(encoder.embeddings.token_type_embeddings.weight.shape, np.float32)
    copied = updated(encoder, {f"{name}.down": down, f"{name}.up": up, TOKEN_TYPES: types})
    assert torch.allclose(copied.encoder.layer[0].attention.self.query.weight, before + 1.0)
    assert torch.equal(encoder.encoder.layer[0].attention.self.query.weight, before)
    assert copied.embeddings.word_embeddings.weight is encoder.embeddings.word_embeddings.weight
    assert copied.embeddings.token_type_embeddings.weight.abs().sum() == 0
    assert encoder.embeddings.token_type_embeddings.weight.abs().sum() > 0


def test_the_strongest_directions_of_updates_do_nearly_the_same() -> None:
    rng = np.random.default_rng(0)
    weak = torch.from_numpy(rng.normal(0, 1e-3, (8, 4))).float()
    strong = torch.from_numpy(np.outer(rng.normal(size=8), [1, 0, 0, 0])).float()
    tensors = {
        "a.up": strong + weak,
        "a.down": torch.eye(4, 12),
        "b.up": weak,
        "b.down": torch.eye(4, 12),
        "bias": weak,
    }
    found = strongest(tensors, 0.25)
    assert sum(one.numel() for name, one in found.items() if "." in name) == 0.25 * 2 * 4 * (8 + 12)
    assert torch.allclose(found["a.up"] @ found["a.down"], tensors["a.up"] @ tensors["a.down"], atol=0.01)
    assert found["bias"] is weak
    whole = strongest(tensors, 1.0)
    assert torch.allclose(whole["b.up"] @ whole["b.down"], tensors["b.up"] @ tensors["b.down"], atol=1e-6)


def test_words_that_are_left_out_are_marked(folder: Path) -> None:
    reader = Reader.load(str(folder), device="cpu")
    encoded = marked(reader.tokenizer, [["Armenia", "xq", "met"]], [[True, False, True]], 32)
    pieces = reader.tokenizer.convert_ids_to_tokens(encoded["input_ids"][0])
    assert [piece for piece, mark in zip(pieces, encoded["token_type_ids"][0], strict=True) if mark] == ["x", "##q"]


def test_training_learns_and_what_is_saved_reads_as_what_was_trained(folder: Path) -> None:
    training = Training(folder)
    training.fit(_examples(48), Step(passes=25, rate=2e-2, batch=8))
    examples = _examples(3)
    logits = training.faults(examples)
    assert area(examples, logits) == 1.0
    training.save(folder / FILE, (0.5, -0.3))
    judge = HeadlineJudge.load(Reader.load(str(folder), device="cpu", dtype="float32"))
    assert judge is not None
    chances = judge.soundness([one.words for one in examples], [one.kept for one in examples])
    assert chances[2] < min(chances[:2]) - 0.1
    assert chances == pytest.approx(1 / (1 + np.exp(0.5 * logits - 0.3)), abs=0.02)
    alone = judge.soundness([examples[1].words], [examples[1].kept])
    assert alone[0] == chances[1]
    assert judge.soundness([], []).shape == (0,)


def test_a_first_step_that_was_finished_is_not_run_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets import Dataset

    monkeypatch.setattr(headline_judge, "REFERENCES", 6)
    table = tmp_path / "compressions.parquet"
    rows = [{"sentence": " ".join(SENTENCE) + ".", "compression": "the president met the minister"}] * 8
    Dataset.from_list(rows).to_parquet(str(table))
    first = Training(folder)
    first.start(table, tmp_path / "work")
    second = Training(folder)
    second.start(table, tmp_path / "work")
    assert "is read from" in capsys.readouterr().out
    examples = _examples(3)
    assert np.array_equal(first.faults(examples), second.faults(examples))


def test_a_table_without_rows_to_hold_out_is_told_before_training(folder: Path, tmp_path: Path) -> None:
    from datasets import Dataset

    rows = [{"sentence": " ".join(SENTENCE) + ".", "compression": "the president met the minister"}] * 3
    Dataset.from_list(rows).to_parquet(str(tmp_path / "few.parquet"))
    with pytest.raises(ConfigError, match="3 usable rows before row 8,000 and 0 after"):
        Training(folder).start(tmp_path / "few.parquet", tmp_path / "work")


def test_a_reader_without_a_judge_has_none(folder: Path) -> None:
    assert HeadlineJudge.load(Reader.load(str(folder), device="cpu")) is None


def test_a_judge_of_other_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    other = save_bert(tmp_path / "other", seed=7)
    Training(folder).save(other / FILE, (1.0, 0.0))
    with pytest.raises(ModelError, match="trained with other weights"):
        HeadlineJudge.load(Reader.load(str(other), device="cpu"))


def test_a_torn_file_is_told(folder: Path) -> None:
    Training(folder).save(folder / FILE, (1.0, 0.0))
    (folder / FILE).write_bytes((folder / FILE).read_bytes()[:200])
    with pytest.raises(ModelError, match=f"{FILE}.*can't be read"):
        HeadlineJudge.load(Reader.load(str(folder), device="cpu"))


def test_only_a_bert_can_be_taught(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two token types"):
        Training(save_bert(tmp_path / "one", token_types=1))


def test_broken_copies_differ_from_their_reference() -> None:
    reference = Compressed(1, parse(" ".join(SENTENCE)), tuple(index < 8 for index in range(len(SENTENCE))))
    copies = broken([reference] * 50)
    faulty = [one for one in copies if one.faulty]
    assert 100 < len(faulty) <= 150
    assert all(any(one.kept) and one.kept != reference.kept for one in faulty)


def test_scaling_makes_shares_of_logits_that_are_too_sure() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 4, 4000).astype(np.float32)
    faulty = rng.random(4000) < 1 / (1 + np.exp(-(0.4 * logits - 1)))
    examples = [Example((), (), int(flag), 0) for flag in faulty]
    assert platt(examples, logits) == pytest.approx((0.4, -1), abs=0.1)


@pytest.mark.parametrize(
    "line",
    [
        "0\t0-10\tgood",
        "9\t0-10\tsound",
        "0\t900-910\tsound",
        "0\tten\tsound",
        "x\t0-10\tsound",
        "0\t\tsound",
        "0",
        "0\t0-10",
    ],
)
def test_a_wrong_verdict_is_told(line: str, tmp_path: Path) -> None:
    from datasets import Dataset

    Dataset.from_list([{"lead": HARBOUR}]).to_parquet(str(tmp_path / "news.parquet"))
    path = tmp_path / "verdicts.tsv"
    path.write_text(f"row\tspans\tverdict\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no verdict on a sentence"):
        read_verdicts(path, tmp_path / "news.parquet")


def test_our_verdicts_are_whole() -> None:
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t"))
    assert len(lines) > 13000
    assert {line["verdict"] for line in lines} == set(VERDICT)
    assert 0.15 < sum(VERDICT[line["verdict"]] for line in lines) / len(lines) < 0.4
    assert len({(line["row"], line["spans"]) for line in lines}) == len(lines)
    for line in lines:
        ends = [int(number) for span in line["spans"].split() for number in span.split("-")]
        assert ends == sorted(ends)


class Dislikes:
    """Finds fault with every compression that has a word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.calls = 0

    def soundness(self, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]]) -> Floats:
        self.calls += 1
        found = [
            0.05 if self.word in {word for word, flag in zip(one, flags, strict=True) if flag} else 0.9
            for one, flags in zip(words, kept, strict=True)
        ]
        return np.asarray(found, dtype=np.float32)


def test_the_headline_is_one_that_the_judge_finds_sound() -> None:
    document = read_article(Article(HARBOUR))
    (plain,) = ExtractiveHeadliner(EarlyFirst(), EvenKeep()).headlines(document)
    assert "harbour" in plain.text
    judge = Dislikes("harbour")
    contract: CompressionJudge = judge
    (other,) = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), judge=contract).headlines(document)
    assert "harbour" not in other.text
    assert judge.calls >= 1


class _Varied:
    """Finds some compressions sound and others not, by their number of words; counts what it reads."""

    def __init__(self, salt: int) -> None:
        self._salt = salt
        self.read = 0

    def soundness(self, words: Sequence[Sequence[str]], kept: Sequence[Sequence[bool]]) -> Floats:
        self.read += len(words)
        return np.asarray([(sum(flags) * self._salt) % 7 / 7 + 0.1 for flags in kept], dtype=np.float32)


@pytest.mark.parametrize("salt", range(1, 7))
def test_reading_the_best_first_finds_what_reading_all_finds(salt: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headline, "READ_AT_ONCE", 1)
    document = read_article(Article(HARBOUR))
    few, everything = _Varied(salt), _Varied(salt)
    (best,) = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), judge=few).headlines(document)
    first = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), judge=everything).headlines(document, variants=2)[0]
    assert best == first
    assert 0 < few.read < everything.read


def test_a_headline_that_every_judge_dislikes_is_still_given() -> None:
    document = read_article(Article("Officials said the crane did not hit any of the 12 ships in the basin."))
    (only,) = ExtractiveHeadliner(EarlyFirst(), EvenKeep(), judge=Dislikes("crane")).headlines(document)
    assert "crane" in only.text


# Own sentences. Without the first words the rest is whole, without the second it is torn.
PAIRS = [
    ("The port of Norvik posted a sharp drop in traffic last year.", "last year", "drop in traffic last year"),
    ("The mayor told reporters that the bridge would close for good.", "for good", "bridge would close for good"),
    ("Norvik's harbour could soon be a thing of the past, the port authority said.", "soon", "of the past"),
    ("The council voted on Monday to hand over the old mill to its workers.", "on Monday", "to its workers"),
    ("The minister is urging farmers to sell their herds before the winter.", "before the winter", "farmers"),
    ("The strike brought the railway to a halt for three days.", "for three days", "to a halt for three days"),
    ("The union wants the company to pay its drivers more.", "more", "to pay its drivers more"),
    ("Doctors at the clinic treated a man with a rare disease on Friday.", "on Friday", "man with a rare disease"),
    ("The river, which rose twice, is at its lowest level since May.", ", which rose twice,", "since May"),
    ("The court found that the editor had broken the law.", "that", "that the editor had broken the law"),
    ("The bank turned down an offer from its larger rival.", "larger", "down an offer from its larger rival"),
    ("The coach praised the team for keeping its nerve on Sunday.", "on Sunday", "its nerve on Sunday"),
]


def _without(sentence: str, gone: str) -> tuple[tuple[str, ...], list[bool]]:
    read = parse(sentence)
    begin = sentence.index(gone)
    end = begin + len(gone)
    kept = [not (begin <= start and stop <= end) for start, stop in read.spans]
    kept[-1] = False  # the full stop
    return read.words, kept


@pytest.mark.embedded
def test_the_shipped_judge_tells_whole_from_torn() -> None:
    from copydesk.models.transformer import embedded_folder

    judge = HeadlineJudge.load(Reader.load(str(embedded_folder()), device="cpu"))
    assert judge is not None
    whole = [_without(sentence, gone) for sentence, gone, _ in PAIRS]
    torn = [_without(sentence, gone) for sentence, _, gone in PAIRS]
    words, kept = zip(*(whole + torn), strict=True)
    chances = judge.soundness(words, kept)
    right = chances[: len(PAIRS)] > chances[len(PAIRS) :]
    assert right.sum() >= len(PAIRS) - 2, [(pair[2], *chances[[at, at + len(PAIRS)]]) for at, pair in enumerate(PAIRS)]
