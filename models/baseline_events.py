"""The baseline's event tagger.

A codebook whose labels it was trained on is read with linear models over TF-IDF; any other by similarity with the words of its
labels. The article's sentences are scored one by one, so that each answer can show the sentence that it rests on.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline, make_pipeline

from copydesk.configs.codebook import Codebook, shipped_names
from copydesk.models.baseline_similarity import LabelMatcher, wording
from copydesk.models.baseline_text import CalibratedOneVsRest, prose_features
from copydesk.models.batching import pools
from copydesk.models.document import Document
from copydesk.models.modality import modality
from copydesk.models.schema import EventTag, Evidence, quote
from copydesk.models.suite import Floats

NO_EVENT = ""
"""Class of training texts to which no label applies."""
MAX_EVIDENCE = 3
"""Sentences that a tag shows at most."""
EVIDENCE_RATIO = 0.5
"""A further sentence is evidence if its score is at least this share of the best one's."""
WHOLE_WEIGHT = 0.5
"""Weight of the whole article's score against its best sentence's."""
SHORT_SENTENCES = 3
"""Texts up to this length are judged by the thresholds as they were tuned, on texts of a sentence or two."""
LONG_THRESHOLD = 0.45
"""Least threshold of longer texts, whose best sentence is the best of many. Against the tuned ones alone it raises the
multi-label micro-F1 on masakhanews_dev from 0.53 to 0.61, and of labels without training from 0.37 to 0.55."""
OF_ARTICLES = frozenset({"plover"})
"""Codebooks whose thresholds were tuned on the sentences of ordinary articles, and hold for articles as they are. On 147
beginnings of articles with verdicts on each sentence the micro-F1 is 0.62 so, and 0.36 with the least threshold."""
POOL_SENTENCES = 2048
"""Sentences of articles that are scored together; bounds memory however many articles come."""
LEAST_PROBABILITY = 1e-6
"""Before a logarithm: a word that was never seen with a label is no proof against it."""
DIGITS = 6
"""Decimals of a score, as the transformer gives."""


def event_model(words: int, chars: int, penalty: float, seed: int) -> Pipeline:
    """Unfitted TF-IDF and calibrated one-vs-rest logistic regression.

    :param words: Word n-grams to keep.
    :param chars: Character n-grams to keep.
    :param penalty: Inverse strength of the L2 penalty.
    :param seed: Seed of the folds that calibrate.
    """
    return make_pipeline(prose_features(words, chars), CalibratedOneVsRest(penalty, random_state=seed))


class BaselineEventTagger:
    """An :class:`~copydesk.models.suite.EventTagger`.

    :param models: Fitted :func:`event_model` of each codebook that it was trained on, by the codebook's name.
    :param matcher: What reads all other codebooks.
    """

    def __init__(self, models: Mapping[str, Pipeline], matcher: LabelMatcher) -> None:
        self._models = models
        self._matcher = matcher

    def notes(self, codebook: Codebook) -> tuple[str, ...]:
        """Says so where the labels are none that it was trained on."""
        if self._trained_on(codebook) is not None:
            return ()
        return (
            f"The baseline was not trained on the labels of the codebook {codebook.name!r}; "
            "it compares the words of the text with those of the labels (TF-IDF).",
        )

    def tag(
        self, documents: Sequence[Document], codebook: Codebook, *, exclusive: bool = False
    ) -> list[tuple[EventTag, ...]]:
        """The event tags of each document, best first, maybe none; ``exclusive`` gives exactly one each.

        Exclusive answers are leaves of the codebook's hierarchy. A document without prose has no evidence to show: it gets no
        tag, or with ``exclusive`` the codebook's first leaf with a score of 0 and no evidence.
        """
        family = _Family(codebook)
        least = 0.0 if codebook.name in OF_ARTICLES and self._trained_on(codebook) is not None else LONG_THRESHOLD
        short, long = self._thresholds(codebook), self._thresholds(codebook, least=least)
        sizes = [len(document.sentences) + 1 for document in documents]
        tags: list[tuple[EventTag, ...]] = []
        for pool in pools(documents, sizes, POOL_SENTENCES):
            for document, sentences, article in self._scored(pool, codebook):
                raised = family.with_children(article)
                if exclusive:
                    chosen = [max(family.leaves, key=lambda index: (article[index], -index))]
                elif document.sentences:
                    thresholds = short if len(document.sentences) <= SHORT_SENTENCES else long
                    chosen = [index for index, score in enumerate(raised) if score >= thresholds[index]]
                else:
                    chosen = []
                chosen.sort(key=lambda index: (-raised[index], index))
                proofs = family.with_children(sentences)
                tags.append(tuple(family.tag(document, index, raised, article, proofs[:, index]) for index in chosen))
        return tags

    def log_proba(self, texts: Sequence[str], codebook: Codebook) -> NDArray[np.float64] | None:
        """Log probabilities of the labels, which are taken for exclusive; ``None`` if it was not trained on all of them.

        :returns: Shape (len(texts), n_labels).
        """
        model = self._trained_on(codebook)
        if model is None:
            return None
        columns = [list(model.classes_).index(label_id) for label_id in codebook.ids]
        return np.asarray(
            np.log(np.maximum(model.predict_proba(texts)[:, columns].astype(np.float64), LEAST_PROBABILITY))
        )

    def _trained_on(self, codebook: Codebook) -> Pipeline | None:
        """The model that knows all labels of the codebook, if there is one."""
        return next((model for model in self._models.values() if set(codebook.ids) <= set(model.classes_)), None)

    def _thresholds(self, codebook: Codebook, least: float = 0.0) -> list[float]:
        """For each label the threshold that its user set, or else the one tuned in training, but at least ``least``.

        The thresholds of the codebooks that come with copydesk are the transformer's and say nothing of these probabilities.
        """
        model = self._trained_on(codebook)
        tuned = {} if model is None else dict(zip(model.classes_, model[-1].thresholds_, strict=True))
        own = not _is_shipped(codebook)
        everywhere = codebook.threshold if own and "threshold" in codebook.model_fields_set else None
        thresholds = []
        for label in codebook.labels:
            given = label.threshold if own and label.threshold is not None else everywhere
            learnt = max(least, float(tuned.get(label.id, self._matcher.threshold)))
            thresholds.append(learnt if given is None else given)
        return thresholds

    def _scored(self, documents: Sequence[Document], codebook: Codebook) -> Iterator[tuple[Document, Floats, Floats]]:
        """Each document with the scores of its sentences, shape (n_sentences, n_labels), and its own, shape (n_labels,)."""
        texts = [[sentence.text for sentence in document.sentences] for document in documents]
        rows = self._score([text for one in texts for text in (*one, " ".join(one))], codebook)
        start = 0
        for document, one in zip(documents, texts, strict=True):
            sentences, whole = rows[start : start + len(one)], rows[start + len(one)]
            start += len(one) + 1
            if one:
                yield document, sentences, WHOLE_WEIGHT * whole + (1 - WHOLE_WEIGHT) * sentences.max(axis=0)
            else:
                yield document, sentences, np.zeros_like(whole)

    def _score(self, texts: Sequence[str], codebook: Codebook) -> Floats:
        """Calibrated probability of each label, shape (len(texts), n_labels)."""
        model = self._trained_on(codebook)
        if model is None:
            scores = self._matcher.match(texts, [wording(label) for label in codebook.labels])
        else:
            columns = [list(model.classes_).index(label_id) for label_id in codebook.ids]
            scores = model[-1].label_proba(model[:-1].transform(texts))[:, columns]
        return np.round(scores.astype(np.float64), DIGITS).astype(np.float32)


class _Family:
    """A codebook's hierarchy, by label numbers."""

    def __init__(self, codebook: Codebook) -> None:
        self._labels = codebook.labels
        number = {label.id: index for index, label in enumerate(codebook.labels)}
        self._children: list[list[int]] = [[] for _ in codebook.labels]
        for index, label in enumerate(codebook.labels):
            if label.parent is not None:
                self._children[number[label.parent]].append(index)
        leaves = [index for index, below in enumerate(self._children) if not below]
        self.leaves = leaves or list(range(len(codebook.labels)))

    def with_children(self, scores: Floats) -> Floats:
        """Scores, labels last, where a parent has at least its best sub-type's: a sub-type's proof is its parent's."""
        raised = scores.copy()
        for _ in self._labels:  # once per level; a hierarchy is no deeper than it has labels
            before = raised.copy()
            for parent, below in enumerate(self._children):
                if below:
                    raised[..., parent] = np.maximum(raised[..., parent], raised[..., below].max(axis=-1))
            if np.array_equal(before, raised):
                break
        return raised

    def tag(self, document: Document, index: int, raised: Floats, article: Floats, proofs: Floats) -> EventTag:
        """The tag of one label.

        :param raised: The labels' scores, with their children's.
        :param article: The labels' own scores.
        :param proofs: The label's score in each sentence, with its children's.
        """
        label = self._labels[index]
        evidence = _evidence(document, proofs)
        below = self._children[index]
        return EventTag(
            label=label.id,
            score=round(float(raised[index]), DIGITS),
            evidence=evidence,
            modality=modality(evidence[0].text, label) if evidence else "happened",
            name=label.name,
            parent=label.parent,
            child=self._labels[max(below, key=lambda one: (article[one], -one))].id if below else None,
        )


def _evidence(document: Document, scores: Floats) -> tuple[Evidence, ...]:
    order = np.argsort(-scores, kind="stable")[:MAX_EVIDENCE]
    return tuple(
        quote(document.text, document.sentences[index].span, round(float(scores[index]), DIGITS))
        for rank, index in enumerate(order)
        if rank == 0 or scores[index] >= EVIDENCE_RATIO * scores[order[0]]
    )


def _is_shipped(codebook: Codebook) -> bool:
    return codebook.name in shipped_names() and Codebook.load(codebook.name).content_hash == codebook.content_hash
