import json
from pathlib import Path

import numpy as np
import pytest
from tiny_checkpoints import save_bert, save_heads

from copydesk.configs.errors import ConfigError, ModelError
from copydesk.models.checkpoint import entailment_order
from copydesk.models.reader import Reader, TokenLogits
from copydesk.models.suite import SentenceEncoder, Verifier
from copydesk.models.transformer import embedded_folder

TEXTS = [
    "The army attacked the town.",
    "They met.",
    "",
    "Armenia and Azerbaijan signed a peace deal after talks in Moscow, the foreign minister said on Tuesday.",
    "Stocks fell; prices rose.",
    "¿Qué? 你好 🙂",
    "the town " * 60,  # longer than the window
]
PAIRS = [(a, b) for a in TEXTS for b in ("Armed forces attacked a town.", "A deal was signed.")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = save_bert(tmp_path_factory.mktemp("reader"))
    save_heads(path, {"polarity": ("sequence", ["favour", "against", "neutral"]), "keep": ("token", ["drop", "keep"])})
    return path


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def reader(folder: Path, request: pytest.FixtureRequest) -> Reader:
    return Reader.load(str(folder), device="cpu", dtype=request.param)


def test_it_fills_the_protocols(reader: Reader) -> None:
    assert isinstance(reader, SentenceEncoder)
    assert isinstance(reader, Verifier)


def test_embeddings_are_unit_rows_in_input_order(reader: Reader) -> None:
    rows = reader.encode(TEXTS)
    assert rows.shape == (len(TEXTS), 24)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(reader.encode(TEXTS[::-1]), rows[::-1], atol=1e-5)
    assert reader.encode([]).shape == (0, 24)


def test_an_answer_is_the_same_alone_and_in_any_batch(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copydesk.models.reader.RECENT_TEXTS", 0)  # read anew each time
    reader.encode(["what was remembered is forgotten"])
    together, probabilities = reader.encode(TEXTS), reader.entailment(PAIRS)
    reader.batch_tokens, usual = 1, reader.batch_tokens  # every text is a batch of its own, without padding
    try:
        np.testing.assert_allclose(reader.encode(TEXTS), together, atol=1e-3)
        np.testing.assert_allclose(reader.entailment(PAIRS), probabilities, atol=1e-3)
    finally:
        reader.batch_tokens = usual


def test_a_text_is_read_once_while_it_is_recent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader.load(str(folder))
    first = reader.encode(["the army left", "the town was at peace"])
    tokenize, asked = reader._tokenize, []

    def counted(texts: list[str], *, truncate: bool = True) -> dict[str, list[list[int]]]:
        asked.extend(texts)
        return tokenize(texts, truncate=truncate)

    monkeypatch.setattr(reader, "_tokenize", counted)
    again = reader.encode(["the town was at peace", "police", "the town was at peace"])
    assert asked == ["police"]
    assert (again[0] == first[1]).all()
    assert (again[2] == first[1]).all()
    monkeypatch.setattr("copydesk.models.reader.RECENT_TEXTS", 2)
    reader.encode([str(number) for number in range(5)])
    assert len(reader._recent) == 2


def test_different_texts_get_different_answers(reader: Reader) -> None:
    probabilities = reader.entailment(PAIRS)
    assert probabilities[:, 0].std() > 0.01
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)


def test_embeddings_are_what_transformers_computes(folder: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer(TEXTS[0], return_tensors="pt")
    with torch.no_grad():
        mean = model(**inputs).last_hidden_state[0].mean(0)
    expected = (mean / mean.norm()).numpy()
    found = Reader.load(str(folder), dtype="float32").encode(TEXTS)[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_entailment_is_what_transformers_computes(folder: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    inputs = AutoTokenizer.from_pretrained(folder)(*PAIRS[0], return_tensors="pt")
    with torch.no_grad():
        expected = model(**inputs).logits.softmax(-1)[0].numpy()
    np.testing.assert_allclose(Reader.load(str(folder), dtype="float32").entailment(PAIRS)[0], expected, atol=1e-5)


def test_sequence_head_reads_the_pooler(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel, AutoTokenizer

    tensors = load_file(folder / "heads.safetensors")
    inputs = AutoTokenizer.from_pretrained(folder)(*PAIRS[0], return_tensors="pt")
    with torch.no_grad():
        pooled = AutoModel.from_pretrained(folder).eval()(**inputs).pooler_output[0]
    expected = (tensors["polarity.weight"].float() @ pooled + tensors["polarity.bias"].float()).numpy()
    reader = Reader.load(str(folder), dtype="float32")
    np.testing.assert_allclose(reader.sequence_logits("polarity", PAIRS)[0], expected, atol=1e-4)
    chances = np.exp(expected / 1.5) / np.exp(expected / 1.5).sum()  # the head's temperature
    np.testing.assert_allclose(reader.sequence_probabilities("polarity", PAIRS)[0], chances, atol=1e-4)


def test_token_head_covers_a_long_text_in_windows(reader: Reader) -> None:
    text = "The army attacked the town and the president said that the talks had ended. " * 20
    answer = reader.token_logits("keep", [text, "", "Talks."])
    assert len(answer) == 3
    assert [text[start:end] for start, end in answer[0].offsets[:3].tolist()] == ["The", "army", "attacked"]
    covered = "".join(text[start:end] for start, end in answer[0].offsets.tolist())
    assert covered == text.replace(" ", "")
    assert answer[0].logits.shape == (len(answer[0].offsets), 2)
    assert len(answer[1].offsets) == 0
    short: TokenLogits = answer[2]
    np.testing.assert_allclose(reader.token_logits("keep", ["Talks."])[0].logits, short.logits, atol=1e-3)


def test_a_head_that_is_not_there_is_named(reader: Reader) -> None:
    with pytest.raises(ModelError, match="no 'claim' head; it has keep, polarity"):
        reader.sequence_logits("claim", PAIRS)
    with pytest.raises(ModelError, match="'keep' is a token head"):
        reader.sequence_logits("keep", PAIRS)


def test_heads_of_another_checkpoint_are_refused(tmp_path: Path) -> None:
    save_heads(save_bert(tmp_path), {"polarity": ("sequence", ["favour", "against", "neutral"])}, width=32)
    with pytest.raises(ModelError, match=r"\(3, 32\), not \(3, 24\)"):
        Reader.load(str(tmp_path))


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        (["entailment", "neutral", "contradiction"], (0, 1, 2)),
        (["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], (2, 1, 0)),
        (["contradiction", "entailment", "neutral"], (1, 2, 0)),
        (["Entailment", "not_entailment"], (0, None, None)),
        (["NOT_ENTAILMENT", "ENTAILMENT"], (1, None, None)),
        (["entails", "neutral", "contradicts"], (0, 1, 2)),
    ],
)
def test_label_order_is_read_in_all_spellings(labels: list[str], columns: tuple[int, int | None, int | None]) -> None:
    order = entailment_order(dict(enumerate(labels)), name="x")
    assert (order.entailment, order.neutral, order.contradiction) == columns


@pytest.mark.parametrize(
    "labels", [["LABEL_0", "LABEL_1", "LABEL_2"], ["positive", "negative"], ["0"], ["entailment", "e", "n"]]
)
def test_labels_that_tell_nothing_are_an_error_that_says_what_to_do(labels: list[str]) -> None:
    with pytest.raises(ModelError, match="label_order"):
        entailment_order(dict(enumerate(labels)), name="someone/model")


def test_the_user_may_give_the_order(tmp_path: Path) -> None:
    save_bert(tmp_path, labels=["LABEL_0", "LABEL_1", "LABEL_2"])
    named = ("contradiction", "neutral", "entailment")
    turned = Reader.load(str(tmp_path), label_order=named).entailment(PAIRS)
    straight = Reader.load(str(tmp_path), label_order=named[::-1]).entailment(PAIRS)
    np.testing.assert_allclose(turned, straight[:, ::-1], atol=1e-6)
    with pytest.raises(ModelError, match=r"2 classes, but .* has 3"):
        Reader.load(str(tmp_path), label_order=("entailment", "neutral")).entailment(PAIRS)


def test_a_two_way_model_knows_no_contradiction(tmp_path: Path) -> None:
    probabilities = Reader.load(str(save_bert(tmp_path, labels=["not_entailment", "entailment"]))).entailment(PAIRS)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert (probabilities[:, 2] == 0).all()


def test_a_model_without_token_types_gets_none(tmp_path: Path) -> None:
    reader = Reader.load(str(save_bert(tmp_path, token_types=1)))
    assert reader.entailment(PAIRS).shape == (len(PAIRS), 3)


def test_an_encoder_without_classifier_encodes_but_does_not_verify(tmp_path: Path) -> None:
    reader = Reader.load(str(save_bert(tmp_path, labels=None)))
    assert reader.encode(TEXTS).shape == (len(TEXTS), 24)
    with pytest.raises(ModelError, match="no classification layer"):
        reader.entailment(PAIRS)


def test_cls_pooling_is_read_from_sentence_transformers_files(tmp_path: Path) -> None:
    save_bert(tmp_path, labels=None)
    mean = Reader.load(str(tmp_path)).encode(TEXTS[:1])
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    assert np.abs(Reader.load(str(tmp_path)).encode(TEXTS[:1]) - mean).max() > 0.01


def test_the_content_hash_changes_with_the_weights(tmp_path: Path) -> None:
    one, same, other = (Reader.load(str(save_bert(tmp_path / str(n), seed=seed))) for n, seed in enumerate((1, 1, 2)))
    assert one.content_hash == same.content_hash != other.content_hash


def test_a_hub_id_that_cannot_be_had_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copydesk.models.checkpoint.hub_is_reachable", lambda: False)
    with pytest.raises(ModelError, match="'nobody/nothing' is not on this machine") as caught:
        Reader.load("nobody/nothing")
    assert "embedded model needs no network" in str(caught.value)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    save_bert(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled ones are not loaded"):
        Reader.load(str(tmp_path))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        Reader.load(str(tmp_path))


def test_a_broken_weight_file_is_a_clear_error(tmp_path: Path) -> None:
    (save_bert(tmp_path) / "model.safetensors").write_bytes(b"\x00" * 40)
    with pytest.raises(ModelError, match="can't be loaded"):
        Reader.load(str(tmp_path))


def test_wrong_options_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="float16"):
        Reader.load(str(folder), dtype="float16")
    with pytest.raises(ModelError, match="warp"):
        Reader.load(str(folder), device="warp")


@pytest.mark.embedded
@pytest.mark.parametrize("dtype", ["float32", "auto"])
def test_the_shipped_reader_embeds_short_and_long_sentences_alike_alone_and_in_a_batch(dtype: str) -> None:
    texts = ["The strait stayed shut." + " It was said again" * count for count in range(0, 40, 3)]
    together = Reader.load(str(embedded_folder()), dtype=dtype).encode(texts)
    one_by_one = Reader.load(str(embedded_folder()), dtype=dtype)
    alone = np.concatenate([one_by_one.encode([text]) for text in texts])
    np.testing.assert_allclose(alone, together, atol=1e-6)
