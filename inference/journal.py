"""What an unfinished run knows about itself, on disk, so that it can go on after any kind of end.

SQLite keeps it: a commit is there whole or not at all, also after SIGKILL, and a second run on the same file finds it locked.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from copydesk.configs.errors import ConfigError, CopydeskError, InputError

_TABLES = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ids (hash BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS firsts (position INTEGER PRIMARY KEY, id TEXT, signature BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS bands (band BLOB, position INTEGER, PRIMARY KEY (band, position)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a run has come; everything before it is safely on disk.

    :param position: Input rows that have their result.
    :param digest: Chained hash of those rows, to notice an input that was changed.
    :param sizes: Bytes of each output file that belong to those rows.
    :param errors: How many of the results are errors.
    :param written: All rows are done; only the last renaming may be left.
    """

    position: int = 0
    digest: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    errors: int = 0
    written: bool = False


MAX_ALIKE = 64
"""Most earlier articles that one is compared with for each part of its signature; boilerplate can share a part with thousands."""


class Journal:
    """An open journal.

    :param path: Its file; ``None`` for one that lives as long as the run (output to a pipe).
    :raises CopydeskError: If another run has it open, or it is no journal.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.name = str(path or "")
        try:
            # Python opens no transactions by itself here; each lasts from one checkpoint to the next.
            self.base = sqlite3.connect("" if path is None else path, timeout=0.0, isolation_level=None)
            self.base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.base.execute("BEGIN IMMEDIATE")
            for statement in _TABLES.strip().splitlines():
                self.base.execute(statement)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.base.close()

    def resume(self, fingerprint: Mapping[str, Any]) -> Checkpoint:
        """Where the run stands.

        :param fingerprint: Everything that decides the output, as JSON values.
        :raises ConfigError: If the unfinished run was started with something else.
        """
        before = self._read("fingerprint")
        if before is None:
            self._write("fingerprint", fingerprint)
            self._write("checkpoint", asdict(Checkpoint()))
            self._end_transaction()
            return Checkpoint()
        changed = [key for key in {**before, **fingerprint} if before.get(key) != fingerprint.get(key)]
        if changed:
            what = "; ".join(f"{key}: {_short(before.get(key))}, now {_short(fingerprint.get(key))}" for key in changed)
            raise ConfigError(
                f"the unfinished run was started differently ({what}).",
                remedy="Give the same command to go on, or --restart to begin anew.",
                source=self.name,
            )
        checkpoint = Checkpoint(**self._read("checkpoint"))
        for table in ("ids", "firsts", "bands"):
            self.base.execute(f"DELETE FROM {table} WHERE position >= ?", (checkpoint.position,))
        return checkpoint

    def commit(self, checkpoint: Checkpoint) -> None:
        """Make a checkpoint the one to go on from. The outputs must be on disk before.

        :raises CopydeskError: If the disk is full.
        """
        self._write("checkpoint", asdict(checkpoint))
        self._end_transaction()

    def owner(self, identity: str, position: int) -> int:
        """The position of the article that an id belongs to: the first that came with it.

        :param identity: An article's id.
        :param position: The article's place in the input, from 0; it becomes the owner if there is none.
        """
        key = hashlib.blake2b(identity.encode(), digest_size=16).digest()
        try:
            row = self.base.execute("SELECT position FROM ids WHERE hash = ?", (key,)).fetchone()
            if row is not None:
                return int(row[0])
            self.base.execute("INSERT INTO ids VALUES (?, ?)", (key, position))
        except sqlite3.Error as error:
            raise self._fault(error) from error
        return position

    def alike(self, bands: Sequence[bytes]) -> list[tuple[int, str | None, bytes]]:
        """The articles given to :meth:`remember` that share a part of their signature, in the input's order.

        :return: Position, id and signature of each.
        """
        query = "SELECT position FROM bands WHERE band = ? ORDER BY position LIMIT ?"
        try:
            found = {row[0] for band in bands for row in self.base.execute(query, (band, MAX_ALIKE))}
            one = "SELECT position, id, signature FROM firsts WHERE position = ?"
            return [self.base.execute(one, (position,)).fetchone() for position in sorted(found)]
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def remember(self, position: int, identity: str | None, signature: bytes, bands: Sequence[bytes]) -> None:
        """Keep the first article that tells a story; see :mod:`copydesk.inference.dedup`.

        :param position: The article's place in the input, from 0.
        :param signature: What later articles are compared with.
        :param bands: Its parts, by which it is found.
        """
        try:
            self.base.execute("INSERT INTO firsts VALUES (?, ?, ?)", (position, identity, signature))
            self.base.executemany("INSERT INTO bands VALUES (?, ?)", ((band, position) for band in bands))
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _read(self, key: str) -> Any:
        row = self.base.execute("SELECT value FROM run WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _write(self, key: str, value: Mapping[str, Any]) -> None:
        try:
            self.base.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, json.dumps(value)))
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _end_transaction(self) -> None:
        try:
            self.base.execute("COMMIT")
            self.base.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> CopydeskError:
        if "locked" in str(error):
            return ConfigError(
                "another run is writing this output.", remedy="Wait for it or stop it.", source=self.name
            )
        if isinstance(error, sqlite3.OperationalError):
            return ConfigError(
                f"the journal can't be written: {error}.",
                remedy="Free space or mend the folder's rights, then give the same command again: the run goes on.",
                source=self.name,
            )
        return InputError(
            f"this is no journal of a run: {error}.", remedy="Begin anew with --restart.", source=self.name
        )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
