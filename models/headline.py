"""Headlines by extraction: salience → candidates → constrained decoding → a judge's choice → style.

Every word of a headline stands in one sentence of the article, in order, so that a reader can check it word by word. Decoding by
rule, guarantees and style are shared by the transformer and the baseline; the scorers differ, and the transformer has a model of
headline words and gaps and a judge besides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from copydesk.configs.errors import ConfigError
from copydesk.models.compression import Compression, compressions, gapped_compressions, joined, token_spans
from copydesk.models.document import Document, Sentence
from copydesk.models.headline_odds import HeadlineOdds
from copydesk.models.headline_words import Place, stems
from copydesk.models.phrases import Parse, parse
from copydesk.models.schema import Evidence, Headline
from copydesk.models.style import styled
from copydesk.models.suite import (
    Case,
    CompressionJudge,
    Floats,
    GapScores,
    HeadlineReader,
    KeepScorer,
    SalienceScorer,
    SentenceEncoder,
)
from copydesk.models.summary import summarise
from copydesk.models.words import letters

SENTENCES = 4
"""The most salient sentences that are tried together."""
BEGINNING = 12
"""Sentences at an article's beginning that are tried before all others: salience is learnt on the first 900 characters. On whole
articles, ROUGE-1 is 0.30 higher for it on 472 of the BBC and 0.03 lower on 330 of FNC-1; with 8, 0.01 lower and 0.16 higher."""
MORE_SENTENCES = 24
"""Sentences that are tried in all: the others together, where the first give fewer headlines than asked for."""
FIRST_BONUS = 0.05
"""What the article's first sentence has on top of its expected F1. On 300 articles of ``news_dev``, mean ROUGE-1 F1 is 24.4
without it, 25.1 with it, and 24.9 and 25.1 with two and four times as much."""
FIRST_BONUS_OF_READ = 0.03
"""The same where a model has read the whole article. On 1,460 articles, ROUGE-1 over the lead cut is 3.47 without it, 3.73 with
it, and 3.69 and 3.64 with 0.02 and 0.05."""
SENTENCES_COMPARED = 60
"""Sentences in which a word's return is counted, as many as are encoded."""
JUDGED = 6
"""Legal compressions of each sentence that the judge reads, by rules and with learnt gaps each. With three, ROUGE-1 is 0.17 lower
on 1,000 articles of ``news_dev``; with twelve, 0.05 lower on 460."""
READ_AT_ONCE = 6
"""Candidates that the judge reads in one go, best first, until none of the others could be better."""
CAUTION = 0.8
"""Power of the judge's probability in a candidate's score; 1 counts a faulty headline as worth nothing. On 600 articles of
``news_train``, ROUGE-1 over the lead cut is 5.85 with it and 5.58 with 1."""
MAX_TOKENS = 120
"""Longer sentences are lists or tables; they are not tried."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    sentence: Sentence
    read: Parse
    compression: Compression
    score: float


class ExtractiveHeadliner:
    """A :class:`~copydesk.models.suite.Headliner` from any two scorers.

    :param salience: Which sentence carries the news, as predicted ROUGE-1 F1 with the headline.
    :param keeper: Which words a compression keeps.
    :param encoder: Measures overlap in the summary; by shared words where there is none.
    :param odds: Turns the keeper's probabilities into those of the headline; those learnt for the baseline by default.
    :param judge: Says which candidates are sound; all of them where there is none.
    :param reading: Says which words the headline has, in place of the keeper and the odds, and, where there is a judge too,
        proposes deletions beside the rules'.
    """

    def __init__(
        self,
        salience: SalienceScorer,
        keeper: KeepScorer,
        encoder: SentenceEncoder | None = None,
        odds: HeadlineOdds | None = None,
        judge: CompressionJudge | None = None,
        reading: HeadlineReader | None = None,
    ) -> None:
        self._salience = salience
        self.keeper = keeper
        self._encoder = encoder
        self._odds = odds or HeadlineOdds.load("baseline")
        self._judge = judge
        self._reading = reading

    def headlines(
        self,
        document: Document,
        *,
        max_chars: int = 75,
        max_words: int | None = None,
        case: Case = "sentence",
        variants: int = 1,
        use_title: bool = False,
    ) -> tuple[Headline, ...]:
        """Up to ``variants`` different headlines, best first; none where no sentence that is tried gives a legal one.

        :param document: A read article.
        :param max_chars: Longest headline, in code points.
        :param max_words: Longest headline, in words; no limit by default.
        :param case: ``sentence`` or ``title``.
        :param variants: How many to return at most.
        :param use_title: Return the article's own title first, where it stands in the text and is short enough.
        :raises ConfigError: If a limit or ``variants`` is below 1, or the case is unknown.
        """
        _check(max_chars, max_words, case, variants)
        own = list(self._own_title(document, max_chars, max_words, case)) if use_title else []
        candidates = self._candidates(document, max_chars, max_words, variants)
        return tuple(_distinct([*own, *(_headline(one, case) for one in candidates)])[:variants])

    def summary(self, document: Document, k: int = 3) -> tuple[Evidence, ...]:
        """The ``k`` most telling sentences with little overlap, in the article's order."""
        if not document.sentences:
            return ()
        return summarise(document, self._salience.salience(document), k, self._encoder)

    def _candidates(self, document: Document, max_chars: int, max_words: int | None, variants: int) -> list[_Candidate]:
        if not document.sentences:
            return []
        salience = self._salience.salience(document)
        order = np.argsort(-salience, kind="stable")
        order = np.concatenate([order[order < BEGINNING], order[order >= BEGINNING]])
        found: list[_Candidate] = []
        for begin, end in pairwise((0, SENTENCES, MORE_SENTENCES)):
            tried = order[begin:end].tolist()
            legal = list(self._compressed(document, tried, salience, max_chars, max_words, variants))
            found.extend(self._judged(legal, variants))
            if len(found) >= variants:
                break
        return sorted(found, key=lambda one: -one.score)

    def _judged(self, candidates: Sequence[_Candidate], variants: int) -> list[_Candidate]:
        """The candidates with their scores times the judge's probability that they are sound, but for those that can't be among
        the best however sound they are."""
        if self._judge is None:
            return list(candidates)
        at_once = READ_AT_ONCE if variants == 1 else len(candidates)
        waiting = sorted(candidates, key=lambda one: -one.score)
        found: list[_Candidate] = []
        while waiting and waiting[0].score > max((one.score for one in found), default=-1.0):
            read, waiting = waiting[:at_once], waiting[at_once:]
            chances = self._judge.soundness([one.read.words for one in read], [one.compression.kept for one in read])
            found.extend(
                replace(one, score=one.score * float(chance) ** CAUTION)
                for one, chance in zip(read, chances, strict=True)
            )
        return found

    def _compressed(
        self,
        document: Document,
        tried: Sequence[int],
        salience: Floats,
        max_chars: int,
        max_words: int | None,
        variants: int,
    ) -> Iterator[_Candidate]:
        """The best compressions of some of the article's sentences, but for those that repeat its own title."""
        title = letters(document.title or "")
        parsed = [(number, parse(document.sentences[number].text)) for number in tried]
        usable = [(number, read) for number, read in parsed if 0 < len(read) <= MAX_TOKENS]
        for (number, read), (words, scores) in zip(usable, self._readings(document, usable, salience), strict=True):
            bonus = 0.0 if number else FIRST_BONUS if self._reading is None else FIRST_BONUS_OF_READ
            count = max(variants + 1, JUDGED if self._judge else 0)
            legal = compressions(read, words, max_chars=max_chars, max_words=max_words, count=count)
            if self._judge and scores is not None:
                legal += gapped_compressions(read, words, scores, max_chars=max_chars, max_words=max_words, count=count)
            for one in {one.kept: one for one in legal}.values():
                if letters(joined(read, one.kept)) != title:
                    yield _Candidate(document.sentences[number], read, one, one.score + bonus)

    def _readings(
        self, document: Document, usable: Sequence[tuple[int, Parse]], salience: Floats
    ) -> Iterator[tuple[Floats, GapScores | None]]:
        """The probability of each token of some parsed sentences to be in the headline, and the scores of gaps, if any."""
        numbers, reads = [number for number, _ in usable], [read for _, read in usable]
        if self._reading is not None:
            for one in self._reading.read(document, numbers, reads):
                yield one.words, one.gaps
            return
        known = [stems(sentence.text) for sentence in document.sentences[:SENTENCES_COMPARED]]
        keep = self.keeper.keep([read.text for read in reads], [read.spans for read in reads])
        for number, read, kept in zip(numbers, reads, keep, strict=True):
            yield self._odds.probabilities(read, kept, float(salience[number]), Place(number, known)), None

    def _own_title(self, document: Document, max_chars: int, max_words: int | None, case: Case) -> Iterator[Headline]:
        """The title that is marked in the text, as one span; a title that was only given beside it has no words to show."""
        for mark in document.marks:
            text = document.text[mark.start : mark.end]
            if (
                mark.kind == "title"
                and len(text) <= max_chars
                and (max_words is None or len(text.split()) <= max_words)
            ):
                yield Headline(styled(text, case), ((mark.start, mark.end),), 1.0)
                return


def _headline(candidate: _Candidate, case: Case) -> Headline:
    kept = candidate.compression.kept
    offset = candidate.sentence.start
    spans = tuple((offset + start, offset + end) for start, end in token_spans(candidate.read, kept))
    return Headline(styled(joined(candidate.read, kept), case), spans, candidate.score)


def _distinct(headlines: Sequence[Headline]) -> list[Headline]:
    """The headlines without those whose words are the same as a better one's."""
    first: dict[str, Headline] = {}
    for one in headlines:
        first.setdefault(letters(one.text), one)
    return list(first.values())


def _check(max_chars: int, max_words: int | None, case: str, variants: int) -> None:
    for name, value in (("max_chars", max_chars), ("max_words", max_words), ("variants", variants)):
        if value is not None and value < 1:
            raise ConfigError(f"{name} is {value}.", remedy="Give a whole number of at least 1.")
    if case not in {"sentence", "title"}:
        raise ConfigError(f"case is {case!r}.", remedy="Give 'sentence' or 'title'.")
