"""The scikit-learn baseline as a suite: loads the trained parts and puts them under the readers that the transformer uses too.

A model's folder has one skops file per part. skops stores no code, and loads only types that scikit-learn itself defines or that
stand in :data:`TRUSTED`; nothing here is ever unpickled.
"""

import hashlib
import sys
import threading
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from copydesk.configs.errors import ModelError
from copydesk.models.suite import PolarityScorer, Suite

TRUSTED = (
    "copydesk.models.baseline_text.CalibratedOneVsRest",
    "copydesk.models.baseline_text.CompactTfidf",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""Types that skops loads beyond its own list: ours, and the trees of the claim reader. skops leaves the latter out because
scikit-learn follows the indices in them unchecked; :func:`_check_trees` checks them."""
REQUIRED = ("claims", "keep", "polarity-directed", "polarity-topic", "polarity-voice", "salience", "similarity")
"""Parts that every baseline has; beside them one ``events-NAME`` or ``dyads-NAME`` for each codebook it was trained on."""


def load_baseline(folder: Path | None = None) -> Suite:
    """Load a trained baseline.

    :param folder: What ``copydesk-train`` wrote; by default the one that comes with copydesk, which is read only once.
    :raises ModelError: If a part is missing, damaged, or holds a type that isn't trusted.
    """
    if folder is None:
        parts, digest = _shipped()
        return _suite("baseline", parts, digest)
    return _suite(str(folder), read_parts(folder), content_hash(folder))


def shipped_polarity() -> PolarityScorer:
    """The polarity scorer of the baseline that comes with copydesk, alone."""
    from copydesk.models.baseline_stance import BaselinePolarity

    return BaselinePolarity(_named(_shipped()[0], "polarity"))


@cache
def _shipped() -> tuple[Mapping[str, Any], str]:
    """The parts that come with copydesk and their hash; the transformer asks for them three times, job by job."""
    with as_file(shipped_folder()) as folder:
        return read_parts(folder), content_hash(folder)


def shipped_folder() -> Any:
    """Where the baseline that comes with copydesk lies in the package."""
    return files("copydesk.models").joinpath("embedded", "baseline")


def read_parts(folder: Path) -> dict[str, Any]:
    """The parts in a folder, by name.

    :raises ModelError: If a required part is missing, or a file is damaged or holds a type that isn't trusted.
    """
    skops_io = import_skops()
    paths = {path.stem: path for path in sorted(folder.glob("*.skops"))}
    if missing := [name for name in REQUIRED if name not in paths]:
        raise ModelError(
            f"the baseline has no {missing[0]}.skops.", remedy="Train it again with copydesk-train.", source=str(folder)
        )
    parts = {}
    for name, path in paths.items():
        try:
            parts[name] = skops_io.load(path, trusted=list(TRUSTED))
            if name == "claims":
                _check_trees(parts[name])
        except Exception as error:  # a damaged file fails anywhere inside zipfile, json, numpy or skops
            raise ModelError(
                f"can't be loaded ({type(error).__name__}: {str(error)[:200]}).",
                remedy="Get the file again, or train it again with copydesk-train.",
                source=str(path),
            ) from error
    return parts


def _check_trees(model: Any) -> None:
    """Check that no tree of a gradient boosting leads out of its nodes or in a circle.

    :raises ValueError: If one does: predicting with it would read foreign memory or never end.
    """
    for tree in chain.from_iterable(model._predictors):
        nodes = tree.nodes
        splits = nodes["is_leaf"] == 0
        places, inner = np.flatnonzero(splits), nodes[splits]
        children = np.stack([inner["left"], inner["right"]]).astype(np.int64)
        if (
            not len(nodes)
            or (children <= places).any()  # scikit-learn writes every child after its parent
            or (children >= len(nodes)).any()
            or (inner["feature_idx"] < 0).any()
            or (inner["feature_idx"] >= model.n_features_in_).any()
            or inner["is_categorical"].any()
        ):
            raise ValueError("a decision tree leads out of its nodes")


def write_parts(folder: Path, parts: Mapping[str, Any]) -> None:
    """Write each part to ``NAME.skops`` in the folder, which is made if need be."""
    skops_io = import_skops()
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        skops_io.dump(part, folder / f"{name}.skops", compression=zipfile.ZIP_DEFLATED, compresslevel=9)


def content_hash(folder: Path) -> str:
    """First 16 hex digits of the SHA-256 over the names and bytes of the folder's parts."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.skops")):
        digest.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def import_skops() -> Any:
    """``skops.io``, imported without torch.

    skops lists scikit-learn's estimators by importing all of its packages; one of them is a shim that would load torch, which
    costs seconds and memory and is of no use here. It also looks for numpy's functions in every loaded module, so a process that
    needs torch as well starts 1.6 s (of 8) sooner if this comes first.
    """
    with _LISTING:
        finder = _NoTorch(threading.get_ident())
        sys.meta_path.insert(0, finder)
        try:
            return import_module("skops.io")
        finally:
            sys.meta_path.remove(finder)


_LISTING = threading.Lock()
"""Held while skops is imported: a second thread would import half of it without its own finder, and load torch."""


class _NoTorch(MetaPathFinder):
    """Makes ``import torch`` fail in one thread where torch isn't loaded yet; the listing passes over what can't be imported.

    :param thread: The thread that imports skops. ``sys.meta_path`` is everybody's, and another thread may want its torch.
    """

    def __init__(self, thread: int) -> None:
        self.thread = thread

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - the protocol's
        if fullname == "torch" and threading.get_ident() == self.thread:
            raise ModuleNotFoundError("torch is not needed here", name=fullname)


def _suite(name: str, parts: Mapping[str, Any], digest: str) -> Suite:
    from copydesk.models.attribution import RuleAttributor
    from copydesk.models.baseline_dyads import BaselineDyadCoder
    from copydesk.models.baseline_events import BaselineEventTagger
    from copydesk.models.baseline_headline import BaselineKeep, BaselineSalience
    from copydesk.models.baseline_similarity import LabelMatcher
    from copydesk.models.baseline_stance import BaselineClaimReader, BaselinePolarity
    from copydesk.models.cue_polarity import CuedPolarity
    from copydesk.models.headline import ExtractiveHeadliner
    from copydesk.models.stance import StanceDesk

    similarity = parts["similarity"]
    text_vectors = similarity["vectors"]
    matcher = LabelMatcher(text_vectors, similarity["match"], similarity["threshold"])
    polarity = BaselinePolarity(_named(parts, "polarity"))
    return Suite(
        name=name,
        content_hash=digest,
        events=BaselineEventTagger(_named(parts, "events"), matcher),
        dyads=BaselineDyadCoder(_named(parts, "dyads"), matcher),
        stance=StanceDesk(RuleAttributor(), CuedPolarity(polarity)),
        claims=BaselineClaimReader(text_vectors, parts["claims"]),
        headlines=ExtractiveHeadliner(BaselineSalience(text_vectors, parts["salience"]), BaselineKeep(parts["keep"])),
    )


def _named(parts: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The parts ``KIND-NAME``, by name."""
    return {name.removeprefix(f"{kind}-"): part for name, part in parts.items() if name.startswith(f"{kind}-")}
