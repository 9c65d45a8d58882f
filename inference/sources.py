"""What the user names on the command line: files, folders, standard input, URLs; and what kind of input each is."""

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from copydesk.configs.errors import InputError
from copydesk.inference.streams import COMPRESSED, MAX_LINE_BYTES, open_bytes

InputKind = Literal["text", "html", "jsonl", "csv", "tsv", "parquet", "dataset"]
INPUT_KINDS: tuple[InputKind, ...] = get_args(InputKind)

TABLES = frozenset({"jsonl", "csv", "tsv", "parquet", "dataset"})
"""The kinds that hold an article a row."""

_KIND_OF_SUFFIX: dict[str, InputKind] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}

STDIN = "-"


@dataclass(frozen=True, slots=True)
class InputOptions:
    """How inputs are read.

    :param columns: Field of an article to the column that holds it; the rest is guessed from plain names.
    :param kind: Read every input as this; ``None`` goes by the file's ending.
    :param encoding: Encoding of text files and CSV tables.
    :param split: Split of a datasets folder that has several.
    :param max_line_bytes: Longest line of a table.
    :param allow_private: URLs may lead to private and loopback addresses.
    :param skip: Files in folders that are not read (the run's own output).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: InputKind | None = None
    encoding: str = "utf-8"
    split: str | None = None
    max_line_bytes: int = MAX_LINE_BYTES
    allow_private: bool = False
    skip: Collection[Path] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One input with its kind.

    :param name: As it stands in messages and ids.
    :param kind: How it is read.
    :param path: ``None`` for standard input and URLs.
    :param size: Bytes; 0 where unknown.
    """

    name: str
    kind: InputKind
    path: Path | None
    size: int = 0

    @property
    def once(self) -> bool:
        """Whether it can be opened only once: standard input, a named pipe, a shell's ``<(command)``."""
        return self.path is None or not (self.path.is_file() or self.path.is_dir())

    def open(self) -> BinaryIO:
        """The bytes, decompressed, of a file or of standard input."""
        return sys.stdin.buffer if self.path is None else open_bytes(self.path)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of inputs; listed while it is read, because it may hold a million."""

    name: str
    path: Path
    size: int

    def sources(self, options: InputOptions) -> Iterator[Source]:
        """The inputs in it, sorted by path."""
        for path in _files(self.path, options.skip):
            yield Source(name=str(path), kind=_kind(path, options), path=path, size=path.stat().st_size)


def find(name: str, options: InputOptions) -> Source | Folder:
    """The input that a name stands for.

    :raises InputError: If there is none, or it can't be opened or told.
    """
    if name == STDIN:
        return Source(name=STDIN, kind=options.kind or _sniff(sys.stdin.buffer), path=None)
    if name.startswith(("http://", "https://")):
        return Source(name=name, kind="html", path=None)
    path = Path(name)
    try:
        is_folder, size = path.is_dir(), path.stat().st_size
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"can't be opened: {reason}.", remedy="Check the path.", source=name) from error
    if is_folder:
        return _find_folder(name, path, options)
    if path.suffix.lower() == ".json" and options.kind is None:
        raise InputError(
            "a .json file could hold anything.",
            remedy=f"Make it JSONL, one article a line (jq -c '.[]' {name} > articles.jsonl), or name it .jsonl if it is.",
            source=name,
        )
    source = Source(name=name, kind=_kind(path, options), path=path, size=size)
    if not source.once:
        open_bytes(path).close()  # is it readable?
    return source


def _find_folder(name: str, path: Path, options: InputOptions) -> Source | Folder:
    if (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file():
        size = sum(file.stat().st_size for file in path.rglob("*.arrow"))
        return Source(name=name, kind="dataset", path=path, size=size)
    sizes = [file.stat().st_size for file in _files(path, options.skip)]
    if not sizes:
        raise InputError(
            "the folder holds nothing to read.",
            remedy=f"Articles end in {', '.join(_KIND_OF_SUFFIX)}, each with .gz or .zst if need be.",
            source=name,
        )
    return Folder(name=name, path=path, size=sum(sizes))


def _files(folder: Path, skip: Collection[Path]) -> Iterator[Path]:
    """The readable files below a folder, sorted; hidden ones, links to folders and other kinds of file are left out."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path, skip)
        elif _bare_suffix(path) in _KIND_OF_SUFFIX and path.is_file() and path.resolve() not in skip:
            yield path


def _kind(path: Path, options: InputOptions) -> InputKind:
    """By the ending; a file with an unknown one is taken for text, and says so itself if it is none."""
    return options.kind or _KIND_OF_SUFFIX.get(_bare_suffix(path), "text")


def _bare_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix


def _sniff(stream: Any) -> InputKind:
    """JSONL if the first bytes of standard input are those of a JSON object, else text."""
    return "jsonl" if stream.peek(64).lstrip()[:1] == b"{" else "text"
