"""Loads Hugging Face checkpoints: safetensors only, no remote code, and every failure as one sentence that says what to do."""

import hashlib
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from copydesk.configs.errors import ModelError

MODEL_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
"""What a checkpoint is made of, and what its content hash is taken over: configuration, weights and vocabulary."""
UNBOUNDED = 100_000
"""Tokenizers without a limit give 1e30 as theirs; no encoder reads this much at once."""
FALLBACK_TOKENS = 512
"""Window where neither the configuration nor the tokenizer gives one (relative positions)."""
OFFSET_POSITIONS = frozenset(
    {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text"}
)
"""Model types that number positions from ``pad_token_id + 1``, so that two of them are never usable."""

_SPELLINGS = {
    "entailment": {"entailment", "entails", "entailed", "entail", "e"},
    "neutral": {"neutral", "n"},
    "contradiction": {"contradiction", "contradicts", "contradictory", "contradict", "c"},
    "not_entailment": {"notentailment", "notentailed", "nonentailment", "notentails"},
}


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint.

    :param name: As asked for: a folder or a Hub id.
    :param model: The transformers model, in evaluation mode, float32, on the CPU.
    :param tokenizer: Its tokenizer.
    :param classifies: Whether the model has a sequence classification layer.
    :param folder: Where its files lie on this machine.
    """

    name: str
    model: Any
    tokenizer: Any
    classifies: bool
    folder: Path

    @property
    def max_tokens(self) -> int:
        """The longest input that the model reads, in tokens, special ones included."""
        config = self.model.config
        positions = getattr(config, "max_position_embeddings", None) or FALLBACK_TOKENS
        if config.model_type in OFFSET_POSITIONS:
            positions -= (config.pad_token_id or 0) + 1
        limit = self.tokenizer.model_max_length
        return int(min(positions, limit if limit < UNBOUNDED else positions))

    @property
    def content_hash(self) -> str:
        """First 16 hex digits of the SHA-256 over the names and bytes of the checkpoint's files."""
        return folder_hash(self.folder)


@dataclass(frozen=True, slots=True)
class EntailmentOrder:
    """Which logit of a classifier means what; ``None`` twice where it only knows "not entailed"."""

    entailment: int
    neutral: int | None
    contradiction: int | None
    size: int


def load_checkpoint(name: str) -> Checkpoint:
    """Load a folder or a Hub id.

    :raises ModelError: If it can't be found or reached, has no safetensors weights, or needs code of its own.
    """
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoTokenizer

    if Path(name).is_dir():
        _check_folder(Path(name))
    how = {"trust_remote_code": False, "local_files_only": not hub_is_reachable()}
    with quiet_transformers():
        try:
            config = AutoConfig.from_pretrained(name, **how)
            classifies = any("SequenceClassification" in one for one in config.architectures or ())
            family = AutoModelForSequenceClassification if classifies else AutoModel
            model = family.from_pretrained(name, config=config, use_safetensors=True, dtype="float32", **how)
            tokenizer = AutoTokenizer.from_pretrained(name, **how)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
            raise _load_error(name, error) from error
        folder = _folder_of(name)
    return Checkpoint(name, model.eval().requires_grad_(False), tokenizer, classifies, folder)


def entailment_order(id2label: Mapping[int, str], given: Sequence[str] | None = None, *, name: str) -> EntailmentOrder:
    """Read which class is which from a checkpoint's ``id2label``.

    :param id2label: As in the checkpoint's configuration.
    :param given: The classes in order, where the user says so; it wins.
    :param name: The checkpoint, for the message.
    :raises ModelError: If the classes can't be told ("LABEL_0"), or are not those of entailment.
    """
    labels = list(given) if given else [str(id2label[number]) for number in sorted(id2label)]
    if given and len(given) != len(id2label):
        raise ModelError(
            f"label_order names {len(given)} classes, but {name!r} has {len(id2label)}.",
            remedy='Name each class once, e.g. ("contradiction", "neutral", "entailment").',
        )
    found: dict[str, int] = {}
    for number, label in enumerate(labels):
        plain = re.sub(r"[^a-z]", "", label.lower())
        for meaning, spellings in _SPELLINGS.items():
            if plain in spellings:
                found.setdefault(meaning, number)
    if len(labels) == 3 and {"entailment", "neutral", "contradiction"} <= found.keys():
        return EntailmentOrder(found["entailment"], found["neutral"], found["contradiction"], 3)
    if len(labels) == 2 and "entailment" in found:
        return EntailmentOrder(found["entailment"], None, None, 2)
    raise ModelError(
        f"which class of {name!r} means entailment can't be told from its labels {', '.join(labels)}.",
        remedy='Say it with label_order=("entailment", "neutral", "contradiction"), in the order of the model card '
        "(on the command line: --label-order entailment,neutral,contradiction); "
        "or give a model that was trained on natural language inference.",
    )


def folder_hash(folder: Path) -> str:
    """First 16 hex digits of the SHA-256 over the names and bytes of a model folder's files."""
    paths = {path for pattern in MODEL_FILES for path in folder.glob(pattern) if path.is_file()}
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name}\0".encode() + bytes.fromhex(file_hash(path)))
    return digest.hexdigest()[:16]


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hex, computed once for as long as it stays unchanged on the disk."""
    seen = path.stat()
    return _file_hash(path, seen.st_size, seen.st_mtime_ns)


@cache
def _file_hash(path: Path, size: int, changed: int) -> str:  # noqa: ARG001 - they tell one state of the file from another
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """No progress bars and no load reports while a model loads; what was set before is set again afterwards."""
    from transformers.utils import logging as untyped_logging

    logging: Any = untyped_logging

    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError(
            "no config.json stands in it.",
            remedy="Give a folder in the Hugging Face layout (config.json, tokenizer.json, model.safetensors).",
            source=str(folder),
        )
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            "it has no *.safetensors weights, and pickled ones are not loaded.",
            remedy="Convert it: AutoModel.from_pretrained(...).save_pretrained(folder) writes safetensors.",
            source=str(folder),
        )


def hub_is_reachable() -> bool:
    """Whether the Hub's name resolves; asked first, since the Hub's client retries for 20 seconds before it gives up.

    Behind a proxy names needn't resolve here, so nothing is ruled out.
    """
    host = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co")).hostname
    if getproxies():
        return True
    try:
        return bool(host and socket.getaddrinfo(host, 443))
    except OSError:
        return False


def _load_error(name: str, error: Exception) -> ModelError:
    text = str(error)
    if "trust_remote_code" in text or "custom code" in text:
        return ModelError(
            f"{name!r} needs code of its own, which copydesk doesn't run.",
            remedy="Give a checkpoint of an architecture that transformers knows.",
        )
    if Path(name).is_dir():
        first = text.strip().splitlines()[0][:200] if text.strip() else type(error).__name__
        return ModelError(f"it can't be loaded ({first}).", remedy="Get its files again.", source=name)
    if "safetensors" in text and "connect" not in text.lower():
        return ModelError(
            f"{name!r} has no safetensors weights, and pickled ones are not loaded.",
            remedy="Give a checkpoint with model.safetensors, or convert it in a folder of your own.",
        )
    return ModelError(
        f"the model {name!r} is not on this machine and could not be had from the Hugging Face Hub.",
        remedy="Check the name; go online once so that it is cached, or copy its folder here and give that path. "
        "The embedded model needs no network.",
    )


def _folder_of(name: str) -> Path:
    if Path(name).is_dir():
        return Path(name)
    from transformers.utils.hub import cached_file

    return Path(str(cached_file(name, "config.json"))).parent
