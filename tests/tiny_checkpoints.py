"""Tiny random checkpoints, made in code: milliseconds, seeded, no network."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

_WORDS = (
    "the a an of to in on and or not that it its they said was were will would has have had been be by for with from at as is "
    "armenia azerbaijan russia turkey georgia moscow baku yerevan army troops soldiers forces police rebels president minister "
    "government parliament court border town city village peace ceasefire talks deal aid food sanctions threat attack clash "
    "fighting shelling bomb killed wounded captured attacked accused urged called condemned agreed signed met visited sent "
    "protest protesters strike workers flood storm earthquake quake fire hospital school market prices stocks rose fell won "
    "lost match team final goal player film music album star new old big small first last year month week day monday tuesday "
    "people man woman children thousands dozens two three many some all other one more than after before during over under "
    "about this these there which who when where what how why out up down into again against between without near"
)
WORDS = _WORDS.split()


def word_pieces(more: Sequence[str] = ()) -> list[str]:
    """A WordPiece vocabulary: whole words, and single characters so that nothing is unknown.

    :param more: Further pieces, which come before those.
    """
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?-'\"()<>{}"
    pieces = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *more,
        *letters,
        *(f"##{letter}" for letter in letters[:36]),
        *WORDS,
    ]
    return list(dict.fromkeys(pieces))


def save_tokenizer(folder: Path, max_length: int = 64, more_pieces: Sequence[str] = ()) -> None:
    """A lower-casing BERT tokenizer over :func:`word_pieces`."""
    from transformers import BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = folder / "vocab.txt"
    pieces = word_pieces(more_pieces)
    vocabulary.write_text("\n".join(pieces) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast(
        vocab={piece: number for number, piece in enumerate(pieces)},
        do_lower_case=True,
        model_max_length=max_length,
    )
    tokenizer.save_pretrained(folder)


def save_bert(
    folder: Path,
    *,
    labels: Sequence[str] | None = ("entailment", "neutral", "contradiction"),
    seed: int = 0,
    max_length: int = 64,
    token_types: int = 2,
    more_pieces: Sequence[str] = (),
    layers: int = 2,
) -> Path:
    """A random BERT, of two layers by default: an NLI classifier with ``labels``, or a bare encoder with ``None``."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(word_pieces(more_pieces)),
        hidden_size=24,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=max_length,
        type_vocab_size=token_types,
        initializer_range=0.4,  # random, but far from linear, so that different texts get different answers
    )
    if labels is not None:
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
        config.num_labels = len(labels)
    model = BertModel(config) if labels is None else BertForSequenceClassification(config)
    model.save_pretrained(folder)
    save_tokenizer(folder, max_length, more_pieces)
    return folder


def save_heads(folder: Path, heads: Mapping[str, tuple[str, Sequence[str]]], width: int = 24, seed: int = 1) -> None:
    """Random heads beside a checkpoint: name → (kind, labels)."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    tensors = {}
    for name, (_, labels) in heads.items():
        tensors[f"{name}.weight"] = torch.randn(len(labels), width).half()
        tensors[f"{name}.bias"] = torch.randn(len(labels)).half()
    save_file(tensors, folder / "heads.safetensors")
    described = {
        name: {"kind": kind, "labels": list(labels), "temperature": 1.5} for name, (kind, labels) in heads.items()
    }
    (folder / "heads.json").write_text(json.dumps({"pooling": "mean", "heads": described, "calibration": {}}))
