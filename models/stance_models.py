"""The stance and claim readers that a loaded reader can fill: with its trained heads, else zero-shot by entailment."""

from copydesk.models.attribution import RuleAttributor
from copydesk.models.attribution_tagger import HelpedAttributor, TokenAttributor
from copydesk.models.blend import BlendedClaims, BlendedPolarity, pools
from copydesk.models.claims import ClaimDesk, HeadClaims, VerifierClaims
from copydesk.models.cue_polarity import CuedPolarity
from copydesk.models.polarity import HeadPolarity, VerifierPolarity
from copydesk.models.reader import Reader
from copydesk.models.stance import StanceDesk
from copydesk.models.suite import Attributor, ClaimReader, PolarityScorer


def stance_desk(reader: Reader, verifier: Reader | None = None) -> StanceDesk:
    """The stance reader of a checkpoint.

    :param reader: Its ``polarity``, ``directed`` and ``attribution`` heads are used where it has them.
    :param verifier: Judges stance hypotheses where it lacks the first two; the reader itself by default.
    :raises ModelError: If neither the heads nor a verifier is there.
    """
    attributor: Attributor = RuleAttributor()
    if "attribution" in reader.heads.by_name:
        attributor = HelpedAttributor(TokenAttributor(reader), attributor)
    if {"polarity", "directed"} <= reader.heads.by_name.keys():
        return StanceDesk(attributor, CuedPolarity(_with_baseline(HeadPolarity(reader), reader)))
    return StanceDesk(attributor, CuedPolarity(VerifierPolarity(verifier or reader)))


def claim_desk(reader: Reader, verifier: Reader | None = None) -> ClaimReader:
    """The claim reader of a checkpoint; see :func:`stance_desk`."""
    encoder = reader if reader.encodes else None
    if "claim" not in reader.heads.by_name:
        return ClaimDesk(VerifierClaims(verifier or reader), encoder)
    own = ClaimDesk(HeadClaims(reader), encoder)
    if (pool := pools(reader.heads.calibration).get("claims")) is None:
        return own
    from copydesk.models.baseline import load_baseline

    return BlendedClaims(own, load_baseline().claims, pool, encoder)


def _with_baseline(own: HeadPolarity, reader: Reader) -> PolarityScorer:
    """The reader's scorer with the baseline's beside it, where its ``heads.json`` says how they are pooled."""
    fitted = pools(reader.heads.calibration)
    if not {"voice", "directed", "topic"} <= fitted.keys():
        return own
    from copydesk.models.baseline import shipped_polarity

    encoder = reader if reader.encodes else None
    return BlendedPolarity(
        own, shipped_polarity(), fitted["voice"], fitted["directed"], fitted["topic"], encoder=encoder
    )
