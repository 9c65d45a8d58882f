"""What a user can ask of a prediction, checked once and handed on as one value."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

from copydesk.configs.codebook import Codebook, shipped_names
from copydesk.configs.errors import ConfigError

OnOtherLanguage = Literal["warn", "skip", "error"]
"""What to do with an article in another language than the codebook's: answer and warn, leave the answers empty and warn,
or refuse the article."""

ON_OTHER_LANGUAGE: tuple[OnOtherLanguage, ...] = get_args(OnOtherLanguage)

DEFAULT_CODEBOOK = "plover"
HEADLINE_CHARS = 75
"""Default headline limit: the 75 bytes of the DUC-2004 headline task, and about what search pages and feeds show."""
SUMMARY_SENTENCES = 3
SHARD_ROWS = 500
"""Rows of a shard unless the user says otherwise: some minutes of work for one core, and what a lost disk costs at most."""

CodebookLike = str | Path | Codebook | Sequence[str]


@dataclass(frozen=True, slots=True)
class PredictOptions:
    """One set of questions to an article.

    :param codebook: The label set.
    :param targets: Toward whom or what stance is read; ``None`` takes the article's main actors.
    :param headline_chars: Longest headline, in code points.
    :param summary_sentences: Sentences in the summary; 0 for none.
    :param exclusive: Exactly one event tag, the best, whatever the thresholds.
    :param on_other_language: See :data:`OnOtherLanguage`.
    """

    codebook: Codebook
    targets: tuple[str, ...] | None = None
    headline_chars: int = HEADLINE_CHARS
    summary_sentences: int = SUMMARY_SENTENCES
    exclusive: bool = False
    on_other_language: OnOtherLanguage = "warn"

    @classmethod
    def of(cls, codebook: CodebookLike = DEFAULT_CODEBOOK, targets: Sequence[str] | None = None, **rest: Any) -> Self:
        """Options from what the public functions accept.

        :raises CodebookError: If the codebook is unknown or malformed.
        :raises ConfigError: If an option has a wrong value.
        """
        return cls(codebook=load_codebook(codebook), targets=_targets(targets), **rest)

    def __post_init__(self) -> None:
        _at_least("headline_chars", self.headline_chars, 1)
        _at_least("summary_sentences", self.summary_sentences, 0)
        if self.on_other_language not in ON_OTHER_LANGUAGE:
            raise ConfigError(
                f"on_other_language is {self.on_other_language!r}.",
                remedy=f"Give one of {', '.join(ON_OTHER_LANGUAGE)}.",
            )

    def fingerprint(self) -> dict[str, Any]:
        """What decides the answers, as JSON values; two runs with the same fingerprint and model answer alike."""
        return {
            "codebook": f"{self.codebook.name} {self.codebook.version} {self.codebook.content_hash}",
            "targets": None if self.targets is None else list(self.targets),
            "headline_chars": self.headline_chars,
            "summary_sentences": self.summary_sentences,
            "exclusive": self.exclusive,
            "on_other_language": self.on_other_language,
        }


def load_codebook(codebook: CodebookLike) -> Codebook:
    """:meth:`Codebook.of`, with the shipped codebooks read from disk only once.

    :raises CodebookError: If the codebook is unknown or malformed.
    """
    if isinstance(codebook, str) and codebook in shipped_names():
        return _shipped(codebook)
    return Codebook.of(codebook)


@cache
def _shipped(name: str) -> Codebook:
    return Codebook.load(name)


def _targets(targets: Sequence[str] | None) -> tuple[str, ...] | None:
    if targets is None:
        return None
    if isinstance(targets, str):
        raise ConfigError(f"targets is one string, {targets!r}.", remedy=f"Give a list: [{targets!r}].")
    blank = [target for target in targets if not isinstance(target, str) or not target.strip()]
    if blank:
        raise ConfigError(f"{blank[0]!r} is no target.", remedy="Each target is a name or a topic in words.")
    return tuple(target.strip() for target in targets)


def _at_least(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigError(f"{name} is {value!r}.", remedy=f"Give a whole number from {least}.")
