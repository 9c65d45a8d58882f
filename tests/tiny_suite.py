"""A real but very small model, for tests of what lies around models: quick, and always the same.

It answers by shared words, with true evidence. Two words in an article make it fail, as a faulty model would.
"""

from collections.abc import Sequence

import numpy as np

from copydesk.configs.codebook import Codebook
from copydesk.configs.errors import InputError
from copydesk.models.document import Document, Sentence
from copydesk.models.schema import (
    Actor,
    ClaimStance,
    DyadCode,
    EventTag,
    Evidence,
    Headline,
    Polarity,
    Span,
    Stance,
    quote,
)
from copydesk.models.suite import StanceTable, Suite

FAULT = "xfaultx"
"""An article with this word makes the model fail as a bug would."""
REFUSAL = "xrefusedx"
"""An article with this word is refused with an InputError."""

HOSTILE = {"attacked", "shelled", "accused", "blamed", "condemned"}
FRIENDLY = {"praised", "thanked", "welcomed", "supported"}


def tiny_suite() -> Suite:
    return Suite("tiny", "0123456789abcdef", TinyEvents(), TinyDyads(), TinyStance(), TinyClaims(), TinyHeadlines())


def words(text: str) -> set[str]:
    return set("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())


def overlap(text: str, statement: str) -> float:
    shared = {word for word in words(text) & words(statement) if len(word) > 3}
    return len(shared) / (len(shared) + 1)


def proof(sentence: Sentence, text: str, score: float) -> Evidence:
    return quote(text, sentence.span, score)


class TinyEvents:
    def tag(
        self, documents: Sequence[Document], codebook: Codebook, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        return [self._tag(document, codebook, exclusive) for document in documents]

    def _tag(self, document: Document, codebook: Codebook, exclusive: bool) -> tuple[EventTag, ...]:
        if FAULT in document.text:
            raise ValueError("the tiny model fell over")
        if REFUSAL in document.text:
            raise InputError("the tiny model will not read this.", remedy="Give it something else.")
        tags = []
        for label in codebook.labels if document.sentences else ():
            score, best = max(
                ((overlap(one.text, label.name + " ".join(label.statements)), one) for one in document.sentences),
                key=lambda pair: pair[0],
            )
            tags.append(
                EventTag(label.id, score, (proof(best, document.text, score),), name=label.name, parent=label.parent)
            )
        tags.sort(key=lambda tag: (-tag.score, tag.label))
        return tuple(tags[:1] if exclusive else [tag for tag in tags if tag.score >= codebook.threshold][:3])


class TinyDyads:
    def code(self, dyads: Sequence[tuple[str, str, str]], codebook: Codebook) -> list[DyadCode]:
        codes = []
        for sentence, source, target in dyads:
            raw = {label.id: 1.0 + overlap(sentence, " ".join(label.dyad)) for label in codebook.labels}
            scores = {label: value / sum(raw.values()) for label, value in raw.items()}
            best = max(scores, key=lambda label: scores[label])
            codes.append(DyadCode(source, target, best, scores[best], scores))
        return codes


class TinyStance:
    def table(self, document: Document, targets: Sequence[str] | None = None) -> StanceTable:
        names = [word for word in document.text.split() if word.isalpha() and word.istitle() and len(word) > 4]
        actors = []
        for name in sorted(set(names))[:3]:
            start = document.text.index(name)
            actors.append(Actor(name, "country", ((start, start + len(name)),), np.float32(0.5)))  # type: ignore[arg-type]
        asked = targets if targets is not None else [actor.name for actor in actors]
        return StanceTable(tuple(actors), tuple(self.toward(document, target) for target in asked))

    def toward(self, document: Document, target: str | Span, holder: str | None = None) -> Stance:
        name = target if isinstance(target, str) else document.text[target[0] : target[1]]
        found = [one for one in document.sentences if name.lower() in one.text.lower()]
        if not found:
            return Stance(holder, name, "neutral", 1.0, reason="not mentioned")
        heard = words(" ".join(one.text for one in found))
        polarity: Polarity = "against" if heard & HOSTILE else "favour" if heard & FRIENDLY else "neutral"
        return Stance(holder, name, polarity, 0.75, (proof(found[0], document.text, 0.75),), len(found))


class TinyClaims:
    def read(self, document: Document, claim: str) -> ClaimStance:
        best = max(document.sentences, key=lambda one: overlap(one.text, claim), default=None)
        if best is None or overlap(best.text, claim) == 0:
            return ClaimStance("unrelated", 1.0, ())
        return ClaimStance("discuss", 0.5, (proof(best, document.text, 0.5),))


class TinyHeadlines:
    def headlines(
        self,
        document: Document,
        *,
        max_chars: int = 75,
        variants: int = 1,
        **_: object,
    ) -> tuple[Headline, ...]:
        made = []
        for sentence in document.sentences[:variants]:
            end = sentence.start + max_chars
            cut = sentence.end if end >= sentence.end else document.text.rfind(" ", sentence.start, end + 1)
            if cut > sentence.start:
                made.append(Headline(document.text[sentence.start : cut], ((sentence.start, cut),), 1.0))
        return tuple(made)

    def summary(self, document: Document, k: int = 3) -> tuple[Evidence, ...]:
        return tuple(proof(one, document.text, 1.0) for one in document.sentences[:k])
