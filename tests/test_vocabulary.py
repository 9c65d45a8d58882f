"""Cutting a reader's vocabulary: what is kept, what answers as before, and what a cut tokenizer makes of the rest."""

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_checkpoints import save_bert

from copydesk.configs.errors import ConfigError
from copydesk.models.headline_judge import FILE, HeadlineJudge
from copydesk.models.reader import Reader
from copydesk.training.headline_judge import Training
from copydesk.training.vocabulary import cut, is_read, main

MORE = ("[unused0]", "[unused93]", "の", "##の", "ж", "##ж", "°", "ب", "##ب")
TEXT = "The president of Armenia met 300 troops at 12° in Moscow; ж."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_bert(tmp_path / "tiny", more_pieces=MORE)


@pytest.mark.parametrize(
    "piece", ["the", "##s", "é", "ß", "µ", "##ж", "λ", "€", "“", "…", "½", "。", "[", "unused", "ʻ", "²"]
)
def test_what_english_news_may_have_is_kept(piece: str) -> None:
    assert is_read(piece)


@pytest.mark.parametrize(
    "piece", ["[unused0]", "[unused993]", "の", "##の", "中", "ب", "##अ", "한", "ᄒ", "ა", "א", "##ு"]
)
def test_empty_places_and_letters_of_other_scripts_go(piece: str) -> None:
    assert not is_read(piece)


def test_a_cut_reader_reads_as_before(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = Reader.load(str(folder), device="cpu", dtype="float32")
    pieces, size = before.tokenizer.tokenize(TEXT), before.tokenizer.vocab_size
    state, logits = before.encode([TEXT]), before.entailment_logits([(TEXT, "Armenia attacked.")])
    main(["--reader", str(folder)])
    assert f"{size} word pieces, now {size - 6}" in capsys.readouterr().out
    after = Reader.load(str(folder), device="cpu", dtype="float32")
    ids = after.tokenizer(TEXT)["input_ids"]
    assert after.tokenizer.convert_ids_to_tokens(ids) == ["[CLS]", *pieces, "[SEP]"]
    assert (
        max(after.tokenizer.get_vocab().values()) + 1
        == len(after.encoder.embeddings.word_embeddings.weight)
        == size - 6
    )
    assert np.array_equal(after.encode([TEXT]), state)
    assert np.array_equal(after.entailment_logits([(TEXT, "Armenia attacked.")]), logits)
    assert after.tokenizer.tokenize("aid の food") == ["aid", "[UNK]", "food"]
    assert cut(folder) == (size - 6, size - 6)


def test_what_was_trained_beside_it_belongs_to_the_cut_reader(folder: Path) -> None:
    Training(folder).save(folder / FILE, (0.5, -0.3))
    words, kept = TEXT.split(), [True] * 8 + [False] * 4
    before = HeadlineJudge.load(Reader.load(str(folder), device="cpu", dtype="float32"))
    assert before is not None
    chance = before.soundness([words], [kept])
    cut(folder)
    after = HeadlineJudge.load(Reader.load(str(folder), device="cpu", dtype="float32"))
    assert after is not None
    assert after.soundness([words], [kept]) == chance


def test_a_foreign_tokenizer_is_told_and_nothing_is_written(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"vocab_size": 7}))
    weights = (folder / "model.safetensors").read_bytes()
    with pytest.raises(ConfigError, match="one piece for each of its 7 embeddings"):
        cut(folder)
    assert (folder / "model.safetensors").read_bytes() == weights
