"""The predictor: one object that reads articles and answers with evidence."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from copydesk import __version__
from copydesk.configs.errors import ConfigError, CopydeskError, InputError
from copydesk.inference.articles import as_article, check_text, markup_note, pools
from copydesk.inference.options import (
    DEFAULT_CODEBOOK,
    HEADLINE_CHARS,
    SUMMARY_SENTENCES,
    CodebookLike,
    OnOtherLanguage,
    PredictOptions,
    load_codebook,
)
from copydesk.inference.other_language import is_foreign, language_note
from copydesk.inference.records import PredictionError, Result
from copydesk.models.document import Document
from copydesk.models.first_words import first_words
from copydesk.models.loading import load_suite
from copydesk.models.schema import (
    Article,
    ClaimStance,
    DyadCode,
    EventTag,
    Headline,
    Prediction,
    Provenance,
    Span,
    Stance,
)
from copydesk.models.segmenter import read_article
from copydesk.models.suite import Case, Suite

log = logging.getLogger(__name__)

SCORE_DIGITS = 4
"""Decimals of a record's scores. What stands behind them is the noise of threads and batch shapes, and two runs over the same
articles must give the same bytes."""

T = TypeVar("T")


class ArticlePredictor:
    """Reads news articles: what happened, who stands where, and the headline, each with the words that prove it.

    :param suite: The model's readers; see :meth:`from_pretrained` for loading one by name.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    @classmethod
    def from_pretrained(cls, name: str | Path | None = None, **options: Any) -> Self:
        """Load a model by name.

        :param name: ``None`` or ``"embedded"`` (the transformer that comes with copydesk), ``"baseline"`` (scikit-learn), a
            folder that ``copydesk-train`` wrote, or the id of an entailment model on the Hugging Face Hub.
        :param options: For the transformer's loader, e.g. ``device="cuda"``.
        :raises ModelError: If there is no such model.
        """
        return cls(load_suite(name, **options))

    def predict(
        self,
        article: str | Article,
        codebook: CodebookLike = DEFAULT_CODEBOOK,
        targets: Sequence[str] | None = None,
        headline_chars: int = HEADLINE_CHARS,
        *,
        summary_sentences: int = SUMMARY_SENTENCES,
        exclusive: bool = False,
        on_other_language: OnOtherLanguage = "warn",
    ) -> Prediction:
        """Everything about one article.

        :param article: Its text, or an :class:`~copydesk.Article`.
        :param codebook: A shipped codebook's name, the path of one, a :class:`~copydesk.Codebook` or a list of labels.
        :param targets: Toward whom or what stance is read; ``None`` takes the article's main actors.
        :param headline_chars: Longest headline, in code points.
        :param summary_sentences: Sentences in the summary; 0 for none.
        :param exclusive: Exactly one event tag, the best, whatever the thresholds.
        :param on_other_language: For an article in another language than the codebook's: ``warn`` in the record, ``skip`` (no
            answers, and a warning) or ``error``.
        :raises InputError: If the text is empty, too long or no valid Unicode; or for another language, if so asked.
        :raises CodebookError: If the codebook is unknown or malformed.
        :raises ConfigError: If an option has a wrong value.
        """
        options = PredictOptions.of(
            codebook,
            targets,
            headline_chars=headline_chars,
            summary_sentences=summary_sentences,
            exclusive=exclusive,
            on_other_language=on_other_language,
        )
        return self._predict_pool([as_article(article)], options)[0]

    def predict_batch(
        self,
        articles: Iterable[str | Article | PredictionError],
        codebook: CodebookLike = DEFAULT_CODEBOOK,
        targets: Sequence[str] | None = None,
        headline_chars: int = HEADLINE_CHARS,
        *,
        summary_sentences: int = SUMMARY_SENTENCES,
        exclusive: bool = False,
        on_other_language: OnOtherLanguage = "warn",
    ) -> Iterator[Result]:
        """Predict a stream of articles, in order, one result each, in bounded memory.

        An article that can't be predicted gives a :class:`~copydesk.PredictionError` in its place. The parameters are those
        of :meth:`predict`, and they are checked before the first article is read.

        :param articles: Any iterable, e.g. a generator over a million of them. A ``PredictionError`` among them (a row that
            could not be read) is passed on.
        """
        options = PredictOptions.of(
            codebook,
            targets,
            headline_chars=headline_chars,
            summary_sentences=summary_sentences,
            exclusive=exclusive,
            on_other_language=on_other_language,
        )
        if isinstance(articles, (str, Article)):
            raise ConfigError(
                "predict_batch got one article.", remedy="Give an iterable of articles, or call predict()."
            )
        return chain.from_iterable(self.predict_pool(pool, options) for pool in pools(articles))

    def predict_pool(
        self, articles: Sequence[str | Article | PredictionError], options: PredictOptions
    ) -> list[Result]:
        """One result for each of a few articles that are read together; nothing is raised for a bad one."""
        good = [article for article in articles if not isinstance(article, PredictionError)]
        results: Sequence[Result] | None
        try:
            results = self._predict_pool([as_article(article) for article in good], options)
        except Exception:
            results = None
        if results is None:  # One can't be predicted. Each is tried alone, so that the others keep their answers.
            results = [self._predict_alone(article, options) for article in good]
        ready = iter(results)
        return [article if isinstance(article, PredictionError) else next(ready) for article in articles]

    def tag_events(
        self, texts: Iterable[str | Article], codebook: CodebookLike = DEFAULT_CODEBOOK, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        """What happened: the event tags of each text, best first, maybe none.

        :param exclusive: Exactly one tag for each text, the best, whatever the thresholds.
        :raises InputError: If a text is empty, too long or no valid Unicode.
        :raises CodebookError: If the codebook is unknown or malformed.
        """
        if isinstance(texts, (str, Article)):
            raise InputError("tag_events got one text.", remedy="Give a list of texts.")
        book = load_codebook(codebook)
        tags: list[tuple[EventTag, ...]] = []
        for pool in pools(texts):
            tags += self.suite.events.tag([self._read(text) for text in pool], book, exclusive=exclusive)
        return tags

    def code_dyads(self, dyads: Iterable[tuple[str, str, str]], codebook: CodebookLike = "plover15") -> list[DyadCode]:
        """Who did what to whom: one code for each ``(sentence, source, target)``.

        :raises InputError: If an item is not three texts.
        :raises CodebookError: If no label of the codebook has a dyad hypothesis.
        """
        triples = list(dyads)
        for number, triple in enumerate(triples, start=1):
            if (
                isinstance(triple, str)
                or len(triple) != 3
                or not all(isinstance(part, str) and part.strip() for part in triple)
            ):
                raise InputError(
                    f"dyad {number} is {triple!r:.200}.",
                    remedy="Give (sentence, source, target), three texts, none empty.",
                )
        return self.suite.dyads.code(triples, load_codebook(codebook))

    def stance(self, text: str | Article, target: str | Span, holder: str | None = None) -> Stance:
        """How a text, or one holder in it, stands toward a target.

        :param target: A name or topic, or the ``(start, end)`` of one mention in the text.
        :param holder: The actor whose statements count; ``None`` is the text's own voice.
        :raises InputError: If the text can't be read, the target or the holder is empty, or a span lies outside the text.
        """
        document = self._read(text)
        if holder is not None:
            check_text(holder, "the holder")
        if isinstance(target, str):
            if not target.strip():
                raise InputError("the target is empty.", remedy="Give a name or a topic.")
        elif len(target) != 2 or not all(isinstance(place, int) for place in target):
            raise InputError(f"the target is {target!r}.", remedy="Give a name or a topic, or a (start, end) span.")
        elif not 0 <= target[0] < target[1] <= len(document.text):
            raise InputError(
                f"the target's span {tuple(target)} is not within the text, which has {len(document.text)} characters.",
                remedy="Give (start, end) as offsets of code points.",
            )
        return self.suite.stance.toward(document, target, holder)

    def claim_stance(self, text: str | Article, claim: str) -> ClaimStance:
        """Whether a text agrees with a claim, disagrees, discusses it or is unrelated.

        :raises InputError: If the text or the claim is empty, too long or no valid Unicode.
        """
        check_text(claim, "the claim")
        return self.suite.claims.read(self._read(text), claim)

    def headline(self, text: str | Article, max_chars: int = HEADLINE_CHARS, **options: Any) -> Headline | None:
        """A headline made of the text's own words; ``None`` where it has no prose.

        :param max_chars: Longest headline, in code points.
        :param options: As for :meth:`headlines`, but for ``variants``.
        """
        return next(iter(self.headlines(text, max_chars, variants=1, **options)), None)

    def headlines(
        self,
        text: str | Article,
        max_chars: int = HEADLINE_CHARS,
        *,
        variants: int = 3,
        max_words: int | None = None,
        case: Case = "sentence",
        use_title: bool = False,
    ) -> tuple[Headline, ...]:
        """Up to ``variants`` different headlines, best first; none where the text has no prose.

        A text in another language than English gets the first words of its prose, since the rules that shorten are English.

        :param max_words: Most words, besides ``max_chars``.
        :param case: ``sentence`` or ``title`` case.
        :param use_title: The article's published title may be used.
        :raises InputError: If the text is empty, too long or no valid Unicode.
        :raises ConfigError: If a number is not positive.
        """
        for name, value in (("max_chars", max_chars), ("variants", variants), ("max_words", max_words)):
            if value is not None and value < 1:
                raise ConfigError(f"{name} is {value}.", remedy="Give a whole number from 1.")
        document = self._read(text)
        if is_foreign(document):
            return first_words(document, max_chars, max_words)
        return self.suite.headlines.headlines(
            document,
            max_chars=max_chars,
            max_words=max_words,
            case=case,
            variants=variants,
            use_title=use_title,
        )

    def _read(self, text: str | Article) -> Document:
        return read_article(as_article(text))

    def _predict_alone(self, article: str | Article, options: PredictOptions) -> Result:
        identity = article.id if isinstance(article, Article) else None
        try:
            return self._predict_pool([as_article(article)], options)[0]
        except CopydeskError as error:
            return PredictionError.of(error, id=identity)
        except (
            Exception
        ) as error:  # A fault of ours must not end a run of a million articles; it becomes that article's record.
            log.exception("article %r failed", identity)
            return PredictionError(
                message=f"copydesk failed on this article: {type(error).__name__}: {error}",
                remedy="This is a bug: please report it with the article.",
                id=identity,
            )

    def _predict_pool(self, articles: Sequence[Article], options: PredictOptions) -> list[Prediction]:
        documents = [read_article(article) for article in articles]
        foreign = [language_note(document, options) for document in documents]
        asked = [
            document
            for document, note in zip(documents, foreign, strict=True)
            if not (note and options.on_other_language == "skip")
        ]
        tags = iter(self.suite.events.tag(asked, options.codebook, exclusive=options.exclusive) if asked else ())
        notes = self.suite.notes(options.codebook)
        return [
            self._skipped(document, note, options)
            if note and options.on_other_language == "skip"
            else self._answer(document, next(tags), (*note, *notes), options)
            for document, note in zip(documents, foreign, strict=True)
        ]

    def _answer(
        self, document: Document, events: tuple[EventTag, ...], notes: tuple[str, ...], options: PredictOptions
    ) -> Prediction:
        table = self.suite.stance.table(document, options.targets)
        headlines = (
            first_words(document, options.headline_chars)
            if is_foreign(document)
            else self.suite.headlines.headlines(document, max_chars=options.headline_chars)
        )
        summary = self.suite.headlines.summary(document, options.summary_sentences) if options.summary_sentences else ()
        return Prediction(
            article=document.article,
            headline=_rounded(headlines[0]) if headlines else None,
            summary=_rounded(summary),
            events=_rounded(events),
            stances=_rounded(table.stances),
            actors=_rounded(table.actors),
            language=document.language,
            warnings=tuple(dict.fromkeys((*notes, *markup_note(document.text), *table.warnings))),
            provenance=self._provenance(options),
        )

    def _skipped(self, document: Document, note: tuple[str, ...], options: PredictOptions) -> Prediction:
        return Prediction(
            article=document.article,
            headline=None,
            summary=(),
            events=(),
            stances=(),
            actors=(),
            language=document.language,
            warnings=(*note, "Skipped, as asked for other languages."),
            provenance=self._provenance(options),
        )

    def _provenance(self, options: PredictOptions) -> Provenance:
        return Provenance(
            copydesk=__version__,
            model=self.suite.name,
            model_hash=self.suite.content_hash,
            codebook=options.codebook.name,
            codebook_version=options.codebook.version,
            codebook_hash=options.codebook.content_hash,
        )


def _rounded(value: T) -> T:
    """The answer with its scores as Python floats of :data:`SCORE_DIGITS` decimals, and its numbers as Python ints."""
    rounded: Any = value
    if isinstance(value, (float, np.floating)):
        rounded = round(float(value), SCORE_DIGITS)
    elif isinstance(value, np.integer):
        rounded = int(value)
    elif isinstance(value, tuple):
        rounded = tuple(_rounded(item) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        rounded = replace(value, **{field.name: _rounded(getattr(value, field.name)) for field in fields(value)})
    return rounded  # type: ignore[no-any-return]
