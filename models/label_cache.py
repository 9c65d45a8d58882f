"""Embeddings of label statements, kept in memory and on disk under the hash of what they were made from.

A codebook of a thousand labels costs seconds to encode and a millisecond to read back. The key covers the model's content, the
precision and every statement, so that a changed hypothesis or a new model never meets an old vector. A cache that can't be
written or read is no error: the embeddings are computed.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from copydesk.models.suite import Floats, SentenceEncoder

FOLDER_VARIABLE = "COPYDESK_CACHE"
"""Environment variable that moves the cache; set to nothing it turns the disk cache off."""
KEPT_IN_MEMORY = 32
"""Statement lists that stay in memory, the latest used; 1,000 statements of width 384 take 1.5 MB."""


class LabelCache:
    """An encoder that remembers what it has encoded.

    :param encoder: What encodes.
    :param key: Identifies the encoder: its content hash and precision.
    :param folder: Where files are kept; ``None`` keeps none.
    """

    def __init__(self, encoder: SentenceEncoder, key: str, folder: Path | None) -> None:
        self._encoder = encoder
        self._key = key
        self._folder = folder
        self._memory: OrderedDict[str, Floats] = OrderedDict()

    def encode(self, statements: Sequence[str]) -> Floats:
        """Unit rows, shape (len(statements), d), in input order."""
        name = hashlib.sha256(json.dumps([self._key, *statements]).encode()).hexdigest()[:32]
        if name not in self._memory:
            rows = self._read(name, len(statements))
            if rows is None:
                rows = self._encoder.encode(statements)
                self._write(name, rows)
            self._memory[name] = rows
            if len(self._memory) > KEPT_IN_MEMORY:
                self._memory.popitem(last=False)
        self._memory.move_to_end(name)
        return self._memory[name]

    def _read(self, name: str, count: int) -> Floats | None:
        if self._folder is None:
            return None
        try:
            rows = np.load(self._folder / f"{name}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        usable = rows.dtype == np.float32 and rows.ndim == 2 and len(rows) == count and np.isfinite(rows).all()
        return rows if usable else None

    def _write(self, name: str, rows: Floats) -> None:
        """Whole or not at all: a second process may read the same name at any moment."""
        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.save(file, rows, allow_pickle=False)
                Path(temporary).replace(self._folder / f"{name}.npy")
            except OSError:
                Path(temporary).unlink(missing_ok=True)


def cache_folder() -> Path | None:
    """Where this user's caches go; ``None`` where ``COPYDESK_CACHE`` is set to nothing or there is no home folder."""
    if FOLDER_VARIABLE in os.environ:
        chosen = os.environ[FOLDER_VARIABLE]
        return Path(chosen) / "labels" if chosen else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "copydesk" / "labels"
