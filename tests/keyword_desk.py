"""A predictor whose answers are known beforehand, for the tests of what is built on predictors.

Its readers fill the protocols of ``copydesk.models.suite`` by looking for words: an article is about a label when it says the
label's id, and the score is the number that stands after it ("flood 0.8").
"""

from collections.abc import Sequence

import numpy as np

from copydesk import ArticlePredictor, ClaimStance, Codebook, DyadCode, EventTag, Evidence, Headline, Stance
from copydesk.models.document import Document
from copydesk.models.schema import POLARITIES, Span, quote
from copydesk.models.suite import StanceTable, Suite


class KeywordDesk:
    """All five readers."""

    def tag(
        self, documents: Sequence[Document], codebook: Codebook, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        return [self._tags(document, codebook, exclusive) for document in documents]

    def _tags(self, document: Document, codebook: Codebook, exclusive: bool) -> tuple[EventTag, ...]:
        words = document.text.lower().replace(".\n", " ").split()
        scores = {name: self._score(words, name.lower()) for name in codebook.ids}
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        proof = (quote(document.text, document.sentences[0].span, 1.0),)
        kept = ranked[:1] if exclusive else [(n, s) for n, s in ranked if s >= codebook.threshold_of(codebook.label(n))]
        return tuple(EventTag(label=name, score=score, evidence=proof) for name, score in kept)

    @staticmethod
    def _score(words: list[str], name: str) -> float:
        if name not in words:
            return 0.0
        after = words[words.index(name) + 1 : words.index(name) + 2]
        return float(after[0]) if after and after[0].replace(".", "").isdigit() else 0.9

    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        codes = []
        for sentence, source, target in dyads:
            scores = np.array([1.0 + 9.0 * (name.lower() in sentence.lower().split()) for name in codebook.ids])
            scores /= scores.sum()
            best = int(scores.argmax())
            by_id = dict(zip(codebook.ids, map(float, scores), strict=True))
            codes.append(DyadCode(source, target, codebook.ids[best], float(scores[best]), by_id))
        return codes

    def table(self, document: Document, targets: Sequence[str] | None = None) -> StanceTable:
        return StanceTable((), tuple(self.toward(document, target) for target in targets or ()))

    def toward(self, document: Document, target: str | Span, holder: str | None = None) -> Stance:
        """``p praises q`` and ``p blames q`` are read by the word before the target; without a holder any will do."""
        name = target if isinstance(target, str) else document.text[target[0] : target[1]]
        words = document.text.rstrip(".").split()
        for polarity, cue in zip(POLARITIES, ("praises", "blames"), strict=False):
            for i in range(1, len(words) - 1):
                if words[i] == cue and words[i + 1] == name and holder in {None, words[i - 1]}:
                    return Stance(
                        holder, name, polarity, 0.9, (quote(document.text, document.sentences[0].span, 0.9),), 1
                    )
        return Stance(holder, name, "neutral", 0.6, reason="no statement")

    def read(self, document: Document, _claim: str) -> ClaimStance:
        label = next((word for word in ("agree", "disagree", "discuss") if word in document.text.split()), "unrelated")
        return ClaimStance(label, 0.8, ())  # type: ignore[arg-type]

    def headlines(
        self,
        document: Document,
        *,
        max_chars: int = 75,
        **_options: object,
    ) -> tuple[Headline, ...]:
        """The last sentence, if it fits."""
        last = document.sentences[-1]
        return (Headline(last.text, (last.span,)),) if len(last.text) <= max_chars else ()

    def summary(self, document: Document, k: int = 3) -> tuple[Evidence, ...]:
        return tuple(quote(document.text, sentence.span, 1.0) for sentence in document.sentences[:k])


def keyword_predictor() -> ArticlePredictor:
    desk = KeywordDesk()
    return ArticlePredictor(
        Suite("keywords", "0" * 16, events=desk, dyads=desk, stance=desk, claims=desk, headlines=desk)
    )
