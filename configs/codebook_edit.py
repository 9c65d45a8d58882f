"""Write a new version of a codebook with other thresholds; everything else, comments too, stays as it stands."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.configs.codebook import Codebook, shipped_names

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def with_thresholds(
    source: str, thresholds: Mapping[str, float], *, default: float, version: str, notes: tuple[str, ...] = ()
) -> str:
    """The TOML of a codebook with new thresholds.

    :param source: What :meth:`Codebook.load` takes: a shipped name, a ``.toml`` file or a list of labels.
    :param thresholds: By label id; labels that are not named keep theirs.
    :param default: The codebook-wide threshold.
    :param version: The new version.
    :param notes: Lines of comment for the head of the file, saying where the thresholds come from.
    :raises CodebookError: If the codebook is malformed, or has no label of a given id.
    """
    import tomlkit

    codebook = Codebook.load(source)
    for label_id in thresholds:
        codebook.label(label_id)
    document = _document(source, codebook)
    document["version"] = version
    document["threshold"] = default
    for label in document["labels"]:
        if (label_id := label["id"].strip()) in thresholds:
            label["threshold"] = thresholds[label_id]
    return "".join(f"# {note}\n" for note in notes) + tomlkit.dumps(document)


def next_version(version: str) -> str:
    """The version with its last number raised: ``1`` → ``2``, ``2021.3`` → ``2021.4``; ``draft`` → ``draft.1``."""
    head = version.rstrip("0123456789")
    number = version[len(head) :]
    return f"{head}{int(number) + 1}" if number else f"{version}.1"


def _document(source: str, codebook: Codebook) -> "TOMLDocument":
    """The codebook's own TOML, or one made of a list of labels."""
    import tomlkit

    if source in shipped_names():
        return tomlkit.parse(
            files("copydesk.configs").joinpath("codebooks", f"{source}.toml").read_text(encoding="utf-8")
        )
    if Path(source).suffix.lower() == ".toml":
        return tomlkit.parse(Path(source).read_text(encoding="utf-8-sig"))
    content: dict[str, Any] = codebook.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return tomlkit.parse(tomlkit.dumps({"name": codebook.name, "version": codebook.version, **content}))
