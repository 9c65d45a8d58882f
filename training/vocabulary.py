"""Cuts word pieces that English news never has out of a reader, so that its checkpoint is smaller and answers as before.

    python -m copydesk.training.vocabulary --reader models/embedded/reader

BERT's vocabulary has a thousand empty places and the letters of scripts that an English model can't read; in a small model each
costs as much as a word. They go from the word embeddings and from the tokenizer, and all numbers move up. What is written in
Latin, Greek or Cyrillic letters, every digit and every sign is read as before; a word in another script becomes ``[UNK]``. What
was trained beside the checkpoint sees no difference, and is marked as belonging to the smaller one.
"""

import argparse
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from copydesk.configs.errors import ConfigError
from copydesk.models.side_weights import weights_hash
from copydesk.training.disk import writing
from copydesk.training.side_weights import write_side_weights

EMBEDDINGS = "embeddings.word_embeddings.weight"
"""End of the one tensor that has a row for each word piece."""
LAST_READ = 0x52F
"""Last code point of the Latin, Greek and Cyrillic blocks; letters after it go."""
_EMPTY = re.compile(r"\[unused\d+\]")


def main(argv: Sequence[str] | None = None) -> None:
    """Cut a reader's vocabulary in place.

    :param argv: Command-line arguments; those of the process by default.
    """
    parser = argparse.ArgumentParser(description="Cuts word pieces that English news never has out of a reader.")
    parser.add_argument("--reader", type=Path, required=True, help="the reader's folder, which is changed")
    folder = parser.parse_args(argv).reader
    before, after = cut(folder)
    print(f"{folder}: {before:,} word pieces, now {after:,}")


def cut(folder: Path) -> tuple[int, int]:
    """Cut the vocabulary of the checkpoint in a folder.

    :returns: Word pieces before and after.
    :raises ConfigError: If its tokenizer is no WordPiece, or has not one word piece for each row of the embeddings.
    :raises ModelError: If it can't be written.
    """
    from safetensors.torch import load_file

    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / "model.safetensors")
    numbers: Mapping[str, int] = described["model"].get("vocab", {})
    if described["model"].get("type") != "WordPiece" or sorted(numbers.values()) != list(range(config["vocab_size"])):
        raise ConfigError(
            f"{folder} has no WordPiece tokenizer with one piece for each of its {config['vocab_size']:,} embeddings.",
            remedy="Give a reader that copydesk-train made.",
        )
    special = {one["content"] for one in described["added_tokens"]}
    kept = [piece for piece in sorted(numbers, key=lambda piece: numbers[piece]) if piece in special or is_read(piece)]
    rows = [numbers[piece] for piece in kept]
    smaller = {name: value[rows] if name.endswith(EMBEDDINGS) else value for name, value in tensors.items()}
    _write(folder, _renumbered(described, kept), config | {"vocab_size": len(kept)}, smaller)
    return len(numbers), len(kept)


def is_read(piece: str) -> bool:
    """Whether a word piece may stand in English news: it has no letter of a script beyond :data:`LAST_READ`."""
    return not _EMPTY.fullmatch(piece) and all(
        ord(character) <= LAST_READ or unicodedata.category(character)[0] not in "LM" for character in piece
    )


def _renumbered(described: Mapping[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    """A ``tokenizer.json`` with only some word pieces, numbered anew."""
    numbers = {piece: number for number, piece in enumerate(kept)}
    template = described["post_processor"]
    framing = {
        name: one | {"ids": [numbers[token] for token in one["tokens"]]}
        for name, one in template["special_tokens"].items()
    }
    return {
        **described,
        "added_tokens": [one | {"id": numbers[one["content"]]} for one in described["added_tokens"]],
        "post_processor": template | {"special_tokens": framing},
        "model": described["model"] | {"vocab": numbers},
    }


def _write(folder: Path, tokenizer: Mapping[str, Any], config: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
    from safetensors.torch import load_file, save_file

    before = weights_hash(folder)
    beside = {path: load_file(path) for path in folder.glob("*.safetensors") if _made_for(path) == before}
    what, remedy = "the smaller reader", "Get the reader's folder again, free some space and run it again."
    weights = folder / "model.safetensors"
    with writing(what, folder, remedy):
        save_file(dict(tensors), weights, metadata={"format": "pt"})
        weights.chmod(0o644)
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=2, ensure_ascii=False), encoding="utf-8")
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    for path, small in beside.items():
        write_side_weights(path, small, folder, what, remedy)


def _made_for(path: Path) -> str | None:
    """The hash of the checkpoint that a file of weights belongs to, if it says so."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        found: str | None = (file.metadata() or {}).get("model")
        return found


if __name__ == "__main__":
    main()
