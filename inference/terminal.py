"""Text from outside on a terminal: shown, never obeyed."""

_CONTROLS = {code: "\ufffd" for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"} | {
    ord(mark): "\ufffd" for mark in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
}
"""Control characters and bidirectional overrides of a hostile text could rewrite the terminal; they are shown as U+FFFD."""


def visible(text: str) -> str:
    """The text on one line, with nothing in it that steers a terminal."""
    return " ".join(text.translate(_CONTROLS).split())
