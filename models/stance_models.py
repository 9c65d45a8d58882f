"""The stance and claim readers that a loaded reader can fill: with its trained heads, else zero-shot by entailment."""

from copydesk.models.attribution import RuleAttributor
from copydesk.models.attribution_tagger import HelpedAttributor, TokenAttributor
from copydesk.models.claims import ClaimDesk, HeadClaims, VerifierClaims
from copydesk.models.cue_polarity import CuedPolarity
from copydesk.models.polarity import HeadPolarity, VerifierPolarity
from copydesk.models.reader import Reader
from copydesk.models.stance import StanceDesk
from copydesk.models.suite import Attributor


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
        return StanceDesk(attributor, CuedPolarity(HeadPolarity(reader)))
    return StanceDesk(attributor, CuedPolarity(VerifierPolarity(verifier or reader)))


def claim_desk(reader: Reader, verifier: Reader | None = None) -> ClaimDesk:
    """The claim reader of a checkpoint; see :func:`stance_desk`."""
    scorer = HeadClaims(reader) if "claim" in reader.heads.by_name else VerifierClaims(verifier or reader)
    return ClaimDesk(scorer, reader if reader.encodes else None)
