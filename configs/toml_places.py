"""Where each key and value of a TOML text stands: the line numbers that :mod:`tomllib` doesn't give.

The scanner walks text that ``tomllib`` has already accepted (https://toml.io/en/v1.0.0), so it only has to find where values
begin and end, never what they mean.
"""

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Keys and array positions that lead to a value: ``("labels", 2, "hypotheses", 0)``."""

# Each runs from where the scanner stands and matches in one pass.
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+")
_BARE_KEY = re.compile(r"[^ \t\r\n=.\]#,}]*")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_STRING_SIGNS = {
    '"""': re.compile(r'\\.|"""+', re.DOTALL),
    "'''": re.compile(r"'''+"),
    '"': re.compile(r'\\.|"', re.DOTALL),
    "'": re.compile(r"'"),
}
"""What opens a string, with what to look for from there: an escaped sign, which is passed over, or what closes it."""


def toml_lines(text: str) -> Mapping[Path, int]:
    """The line, counted from 1, of every table, key and array item.

    :param text: Valid TOML; what comes of other text is undefined, but it ends, in linear time.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # tables so far in each array of tables

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip_blank():
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> Path:
        line, is_array = self.line, self.text.startswith("[[", self.at)
        self._advance(2 if is_array else 1)
        keys = self._keys()
        self._advance(2 if is_array else 1)
        path = self._inside_arrays(keys[:-1])
        if is_array:
            array = (*path, keys[-1])
            path = (*array, self.counts.get(array, 0))
            self.counts[array] = self.counts.get(array, 0) + 1
            self.lines.setdefault(array, line)
        else:
            path = self._inside_arrays(keys)
        self.lines[path] = line
        return path

    def _inside_arrays(self, keys: list[str]) -> Path:
        """A header's keys name the last table so far of each array of tables on the way."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line = self.line
        path: Path = (*table, *self._keys())
        self.lines[path] = line
        self._advance(1)  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        """A dotted key, to the sign that ends it."""
        keys: list[str] = []
        while True:
            self._over(_SPACE)
            start = self.at
            if self._string():
                keys.append(self.text[start + 1 : self.at - 1])
            else:
                self._over(_BARE_KEY)
                keys.append(self.text[start : self.at])
            self._over(_SPACE)
            if self._peek() != ".":
                return keys
            self._advance(1)

    def _value(self, path: Path) -> None:
        self._over(_SPACE)
        if self._peek() == "[":
            self._array(path)
        elif self._peek() == "{":
            self._inline_table(path)
        elif not self._string():
            self._over(_BARE_VALUE)

    def _array(self, path: Path) -> None:
        self._advance(1)
        position = 0
        while self._skip_blank() and self._peek() != "]":
            item = (*path, position)
            self.lines[item] = self.line
            self._value(item)
            self._skip_blank()
            if self._peek() == ",":
                self._advance(1)
            position += 1
        self._advance(1)

    def _inline_table(self, path: Path) -> None:
        self._advance(1)
        while self._skip_blank() and self._peek() != "}":
            self._pair(path)
            self._skip_blank()
            if self._peek() == ",":
                self._advance(1)
        self._advance(1)

    def _string(self) -> bool:
        """Over a string of any of the four kinds, if one begins here."""
        for fence, signs in _STRING_SIGNS.items():
            if self.text.startswith(fence, self.at):
                found = signs.finditer(self.text, self.at + len(fence))
                end = next((sign.end() for sign in found if sign[0][0] != "\\"), len(self.text))
                self._advance(end - self.at)
                return True
        return False

    def _skip_blank(self) -> bool:
        """Over white space and comments; False at the end of the text."""
        self._over(_BLANK)
        return bool(self._peek())

    def _over(self, pattern: re.Pattern[str]) -> None:
        if match := pattern.match(self.text, self.at):
            self._advance(match.end() - self.at)

    def _peek(self) -> str:
        """The next sign, empty at the end."""
        return self.text[self.at : self.at + 1]

    def _advance(self, count: int) -> None:
        """Over ``count`` signs, counting lines."""
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count
