"""Bytes of an input, decompressed and cut into lines, within limits that hostile input can't pass."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO

from copydesk.configs.errors import InputError

MAX_LINE_BYTES = 16 * 2**20
"""Longest line of a table. The longest article (a million characters) with JSON escapes stays below it."""

MAX_RATIO = 200
"""Decompressed bytes for each compressed one. News text packs 3 to 10 times, the same row repeated 100 times; a zip bomb
reaches 1,000 with gzip and more with zstd."""
RATIO_FREE_BYTES = 64 * 2**20
"""Below this the ratio is not looked at: a small file can't fill the memory or the day."""

COMPRESSED = (".gz", ".zst")


def open_bytes(path: Path) -> "io.BufferedReader":
    """The file's bytes, decompressed if its name ends in ``.gz`` or ``.zst``.

    :raises InputError: Here if it can't be opened; while reading if it is damaged or a decompression bomb.
    """
    suffix = path.suffix.lower()
    try:
        raw = path.open("rb", buffering=0)
    except OSError as error:
        raise InputError(f"can't be opened: {error.strerror}.", remedy=_remedy(error), source=str(path)) from error
    if suffix not in COMPRESSED:
        return io.BufferedReader(raw)
    return io.BufferedReader(_Decompressed(_decompressor(raw, suffix), raw, str(path)), buffer_size=2**18)


def _decompressor(raw: IO[bytes], suffix: str) -> Any:
    if suffix == ".gz":
        return gzip.GzipFile(fileobj=raw, mode="rb")
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")


class _Decompressed(io.RawIOBase):
    """A decompressor's output, watched: damage and bombs become an :class:`InputError` that names the file."""

    def __init__(self, inner: Any, raw: IO[bytes], name: str) -> None:
        self.inner = inner
        self.raw = raw
        self.name = name
        self.size = os.fstat(raw.fileno()).st_size
        self.produced = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.inner.read(len(buffer))
        except (OSError, EOFError, ValueError, zlib.error) as error:  # pyarrow's are OSErrors or ValueErrors
            raise InputError(
                f"the compressed data is damaged: {error}.", remedy="Make or copy the file again.", source=self.name
            ) from error
        self.produced += len(data)
        if self.produced > RATIO_FREE_BYTES and self.produced > MAX_RATIO * self.size:
            raise InputError(
                f"{self.size:,} bytes unpack to more than {self.produced:,}: this looks like a decompression bomb.",
                remedy="If you trust the file, unpack it yourself and give what was in it.",
                source=self.name,
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self.inner.close()
            self.raw.close()
        super().close()


def read_whole(stream: BinaryIO, limit: int, name: str) -> bytes:
    """All bytes of a stream that must hold no more than ``limit``.

    :raises InputError: If it holds more.
    """
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise InputError(
            f"it has more than {limit // 2**20} MB, too much for one article.",
            remedy="If it holds several articles, split it: one article a file, or one a line as JSONL.",
            source=name,
        )
    return data


class LineTooLongError(Exception):
    """A line passed the limit; the next line can still be read."""


class Lines(Iterator[bytes]):
    """The lines of a stream with their ends, none longer than ``limit`` bytes.

    A longer line raises :class:`LineTooLongError` once and is passed over without being held in memory. This is an iterator
    and not a generator because it must go on after that error.

    :ivar number: Lines read so far, those too long included.
    """

    def __init__(self, stream: BinaryIO, limit: int = MAX_LINE_BYTES) -> None:
        self.stream = stream
        self.limit = limit
        self.number = 0

    def __next__(self) -> bytes:
        line = self.stream.readline(self.limit + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self.limit:
            while line and not line.endswith(b"\n"):
                line = self.stream.readline(2**20)
            raise LineTooLongError
        return line


def decode(data: bytes, encoding: str, name: str) -> str:
    """The text of one article's file; a byte order mark is dropped.

    :raises InputError: If the bytes are no text in this encoding; the message says what they seem to be.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and encoding.lower().replace("-", "") in {"utf8", "utf8sig"}:
        raise InputError("it starts like UTF-16.", remedy="Give --encoding utf-16, or save it as UTF-8.", source=name)
    try:
        text = data.decode("utf-8-sig" if encoding.lower() == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        if kind := _format_of(data) or ("a binary file" if b"\0" in data[:8192] else ""):
            raise _not_text(kind, name) from error
        raise InputError(
            f"byte {error.start} (0x{data[error.start]:02x}) is not {encoding.upper()}.",
            remedy="Save it as UTF-8, or name its encoding: --encoding cp1252, for instance.",
            source=name,
        ) from error
    except LookupError as error:
        raise InputError(f"there is no encoding {encoding!r}.", remedy="Give utf-8 or cp1252, for instance.") from error
    if kind := _format_of(data):  # a small PDF may be plain ASCII, and latin-1 decodes anything
        raise _not_text(kind, name)
    return text


_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x1f\x8b", "gzip data without the ending .gz"),
    (b"\x28\xb5\x2f\xfd", "zstd data without the ending .zst"),
    (b"PAR1", "a parquet table without the ending .parquet"),
)


def _format_of(data: bytes) -> str:
    """The format that a file's first bytes are the mark of; empty where they may be text."""
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), "")


def _not_text(kind: str, name: str) -> InputError:
    remedy = "Extract its text first and give that."
    if " without the ending " in kind:
        remedy = "Save it as a file with that ending and give its path."
    return InputError(f"this is {kind}, not text.", remedy=remedy, source=name)


def _remedy(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "Check the path."
    if isinstance(error, PermissionError):
        return "Check who may read it."
    return ""
