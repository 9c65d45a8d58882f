"""The transformer as a suite: which checkpoint retrieves, which verifies, which reads stance and words, and their weights.

- The embedded reader, or one that ``copydesk-train`` made, does everything; its ``heads.json`` holds the fitted weights.
- Any other entailment model is the verifier of events and dyads; the embedded reader retrieves for it and does the rest.
- Any encoder without a classifier is a retriever that decides by similarity alone, with the embedded reader for the rest.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.configs.errors import ModelError
from copydesk.models.blend import BlendedDyads, shares
from copydesk.models.calibration import EventCalibration, Weights
from copydesk.models.dyads import DyadCalibration, DyadsByCodebook, EntailmentDyadCoder
from copydesk.models.event_tagger import Context, RetrieveVerifyTagger
from copydesk.models.label_cache import LabelCache, cache_folder
from copydesk.models.reader import Reader
from copydesk.models.reader_headline import reader_headliner
from copydesk.models.second_opinion import SecondOpinion
from copydesk.models.stance_models import claim_desk, stance_desk
from copydesk.models.suite import DyadCoder, Suite
from copydesk.models.teller import Teller

if TYPE_CHECKING:
    from copydesk.models.baseline_events import BaselineEventTagger

EMBEDDED = "embedded"
"""What ``None`` stands for: the reader that comes with copydesk."""
NO_RETRIEVER = "none"
"""As ``retriever``: verify every (sentence, statement) pair."""
BLENDED_CODEBOOKS = frozenset({"plover15"})
"""Codebooks that the shipped baseline's dyad coder was trained on."""
PIECE_TOKENS = 128
"""Longest piece of a sentence that is read at once; what the embedding was trained on, and long for news."""
HYPOTHESIS_TOKENS = 48
"""Room that a pair leaves for its hypothesis in a short window."""

TEMPERATURE = 0.05
"""Of the soft maximum over a label's texts and of the softmax among rivals. Mean macro-F1 of all-MiniLM-L6-v2 over 20 label sets:
0.632 at 0.03, 0.637 at 0.05, 0.630 at 0.1 (docs/event_tagging.md)."""
ONE_WHOLE = 0.6
"""Weight of the mean over an article's sentences among exclusive labels: what a whole article is about. On the same sets 0.4 and
0.8 are within a point of it; on whole articles the best sentence alone loses 7 points."""
SIMILARITY = EventCalibration(
    temperature=TEMPERATURE,
    unverified=0.0,
    many=Weights(bias=-5.0, similarity=10.0, share=17.0),
    one=Weights(similarity=14.0, whole=ONE_WHOLE),
)
"""For encoders that were never fitted: similarity alone. ``python benchmarks/events.py DATA --model FOLDER --fit`` prints what
fits one."""
OWN = EventCalibration(
    temperature=TEMPERATURE,
    unverified=-2.0,
    many=Weights(bias=-3.0, similarity=6.5, share=16.0, odds=0.4),
    one=Weights(similarity=22.0, whole=ONE_WHOLE),
)
"""For readers of ours whose ``heads.json`` holds no fit of their own (``python benchmarks/events.py --fit --write FOLDER`` makes
one): rounded from a fit of a shipped one."""
ENTAILMENT = EventCalibration(
    temperature=TEMPERATURE,
    unverified=-6.0,
    many=Weights(odds=1.0),
    one=Weights(similarity=4.0, odds=1.0, whole=ONE_WHOLE),
)
"""For entailment models from elsewhere: their own odds decide, as in zero-shot classification (Yin et al., 2019); similarity
only breaks ties among exclusive labels of which no proof was verified."""
ENTAILMENT_DYADS = DyadCalibration(statements=4, odds=1.0, similarity=0.0, marked=False)
"""For entailment models from elsewhere: plain sentences, and several statements of each label."""
TRAINED_DYADS = DyadCalibration(statements=1, odds=1.0, similarity=0.0, marked=True)
"""For readers of ours and the codebooks of their training: one composite statement of each label, as they were trained."""
OTHER_DYADS = DyadCalibration(statements=4, odds=1.0, similarity=20.0, marked=True, contrast=2.0)
"""For readers of ours and their users' codebooks, whose statements they never saw: several of them, and how near they lie."""
SIMILARITY_DYADS = DyadCalibration(statements=2, odds=0.0, similarity=20.0, marked=False)
"""For encoders without a classifier."""


@dataclass(frozen=True)
class _Roles:
    """Who does what.

    :param verifier: Reads pairs; ``None`` where similarity decides alone.
    :param retriever: Embeds sentences; ``None`` where all pairs are read.
    :param own: The reader with our heads.
    """

    verifier: Reader | None
    retriever: Reader | None
    own: Reader

    @property
    def is_own(self) -> bool:
        """Whether one reader of ours does everything, so that its fitted weights hold."""
        return self.verifier is self.own and self.retriever is self.own


def load_transformer(
    name_or_folder: str | Path | None = None,
    *,
    verifier: str | Path | None = None,
    retriever: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    label_order: tuple[str, ...] | None = None,
    context: Context = "none",
    known_labels: bool = True,
) -> Suite:
    """Load a transformer.

    :param name_or_folder: ``None`` or ``embedded``, a folder, or a Hub id.
    :param verifier: Another entailment model for events and dyads.
    :param retriever: Another sentence encoder, or ``none`` to verify every (sentence, statement) pair: the exhaustive reference.
    :param device: ``auto``, ``cpu``, ``cuda``, ``mps``, …
    :param dtype: ``auto``, ``float32`` or ``bfloat16``.
    :param label_order: The verifier's classes in order, where its configuration doesn't tell, e.g.
        ``("contradiction", "neutral", "entailment")``.
    :param context: What a proof is verified with: ``none``, the ``previous`` sentence or the ``lead``.
    :param known_labels: Whether labels with one statement at most are read with those of known labels (models/known_labels.py);
        never without a retriever, where each statement costs a pass over the article.
    :raises ModelError: If a checkpoint can't be had or is unfit for its part.
    :raises ConfigError: If an option has a wrong value.
    """
    options: dict[str, Any] = {"device": device, "dtype": dtype}
    roles = _roles(name_or_folder, verifier, retriever, label_order, options)
    counter = roles.retriever or roles.verifier or roles.own
    windows = [one.max_tokens for one in (roles.retriever, roles.verifier) if one]
    teller = Teller.load(roles.own) if roles.is_own else None
    labels = None
    if roles.retriever is not None:
        labels = LabelCache(
            roles.retriever, f"{roles.retriever.content_hash}/{roles.retriever.precision}", cache_folder()
        )
    events = RetrieveVerifyTagger(
        roles.retriever,
        labels,
        roles.verifier,
        _event_calibration(roles, told=teller is not None),
        count=counter.count_tokens,
        piece_tokens=max(8, min(PIECE_TOKENS, min(windows) - HYPOTHESIS_TOKENS)),
        context=context,
        known_labels=known_labels,
    )
    if teller is not None:
        events = events.with_teller(teller)
    return Suite(
        name=EMBEDDED if name_or_folder is None else str(name_or_folder),
        content_hash=_content_hash(roles),
        events=events.advised(SecondOpinion(_baseline_events)),
        dyads=_dyads(roles),
        stance=stance_desk(roles.own),
        claims=claim_desk(roles.own),
        headlines=reader_headliner(roles.own),
    )


def embedded_folder() -> Path:
    """Where the embedded reader lies on this disk.

    :raises ModelError: If this copy of copydesk was installed without it.
    """
    with as_file(files("copydesk.models").joinpath("embedded", "reader")) as folder:
        if not (folder / "config.json").is_file():
            raise ModelError(
                "the embedded reader is missing from this installation.",
                remedy="Install copydesk again, or train it: copydesk-train configs/recipes/reader.toml",
                source=str(folder),
            )
        return folder


def _roles(
    name: str | Path | None,
    verifier: str | Path | None,
    retriever: str | Path | None,
    label_order: tuple[str, ...] | None,
    options: dict[str, Any],
) -> _Roles:
    """Load each checkpoint once, whatever it serves as."""
    loaded: dict[str, Reader] = {}

    def load(wanted: str | Path | None) -> Reader:
        place = str(embedded_folder()) if wanted is None or str(wanted) == EMBEDDED else str(wanted)
        if place not in loaded:
            order = label_order if place in {str(name), str(verifier)} else None
            loaded[place] = Reader.load(place, label_order=order, **options)
        return loaded[place]

    main = load(name)
    own = main if main.heads.by_name else load(None)
    judge = load(verifier) if verifier is not None else (main if main.classifies else None)
    if judge is not None:
        judge.entailment_order  # noqa: B018 - an unfit verifier is told before any text is read
    if retriever is not None and str(retriever) == NO_RETRIEVER:
        if judge is None:
            raise ModelError(
                f"{main.name!r} has no classification layer, so without a retriever nothing can judge.",
                remedy="Give a verifier, or leave the retriever in place.",
            )
        return _Roles(judge, None, own)
    if retriever is not None:
        return _Roles(judge, load(retriever), own)
    return _Roles(judge, main if main is own or judge is None else own, own)


def _event_calibration(roles: _Roles, *, told: bool) -> EventCalibration:
    """The calibration of events; with a teller beside the reader, the one that was fitted with it, if any was."""
    if roles.verifier is None:
        return SIMILARITY
    calibrations = roles.own.heads.calibration
    stored = (calibrations.get("told_events") if told else None) or calibrations.get("events")
    if roles.is_own:
        return EventCalibration.read(stored) if stored else OWN
    return ENTAILMENT


def _baseline_events() -> "BaselineEventTagger":
    from copydesk.models.baseline import load_baseline
    from copydesk.models.baseline_events import BaselineEventTagger

    events = load_baseline().events
    assert isinstance(events, BaselineEventTagger)
    return events


def _dyads(roles: _Roles) -> DyadCoder:
    """The dyad coder, with the baseline's beside a reader of ours whose ``heads.json`` leaves it a share."""
    own: DyadCoder = EntailmentDyadCoder(roles.verifier, roles.retriever, _dyad_calibration(roles))
    if not roles.is_own:
        return own
    others = EntailmentDyadCoder(roles.verifier, roles.retriever, OTHER_DYADS)
    share = shares(roles.own.heads.calibration).get("dyads", 1.0)
    if share < 1.0:
        from copydesk.models.baseline import load_baseline

        own = BlendedDyads(own, load_baseline().dyads, share, BLENDED_CODEBOOKS)
    return DyadsByCodebook(own, others, roles.own.heads.dyad_codebooks)


def _dyad_calibration(roles: _Roles) -> DyadCalibration:
    if roles.verifier is None:
        return SIMILARITY_DYADS
    if roles.verifier is roles.own:
        return (
            DyadCalibration(**roles.own.heads.calibration["dyads"])
            if "dyads" in roles.own.heads.calibration
            else TRAINED_DYADS
        )
    return ENTAILMENT_DYADS


def _content_hash(roles: _Roles) -> str:
    """The checkpoint's own hash where one does everything; else over the hashes of all, by their part."""
    if roles.is_own:
        return roles.own.content_hash
    parts = [one.content_hash if one else "" for one in (roles.verifier, roles.retriever, roles.own)]
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]
