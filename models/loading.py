"""From a model's name to a loaded :class:`~copydesk.models.suite.Suite`.

The two families are imported only when one of them is asked for, so that the baseline never pays for torch.
"""

from pathlib import Path
from typing import Any

from copydesk.configs.errors import ModelError
from copydesk.models.suite import Suite

EMBEDDED = "embedded"
"""The transformer that comes with copydesk; what ``None`` stands for."""
BASELINE = "baseline"
"""The scikit-learn baseline that comes with copydesk."""


def load_suite(name: str | Path | None = None, **options: Any) -> Suite:
    """Load a model by name.

    :param name: ``None`` or ``embedded`` (the shipped transformer), ``baseline`` (the shipped scikit-learn models), a folder
        that either training wrote, or the id of an entailment model on the Hugging Face Hub (the one case that may use the
        network).
    :param options: Passed to the transformer's loader, e.g. ``device="cuda"``.
    :raises ModelError: If there is no such model, or an option does not apply to it.
    """
    wanted = EMBEDDED if name is None else str(name)
    if wanted == BASELINE:
        return _baseline(None, options)
    if wanted == EMBEDDED:
        return _transformer(EMBEDDED, options)
    folder = Path(wanted)
    if folder.is_dir():
        return _baseline(folder, options) if any(folder.rglob("*.skops")) else _transformer(wanted, options)
    if folder.exists():
        raise ModelError(f"the model {wanted!r} is a file.", remedy="Give the folder that the model is in.")
    if _is_hub_id(wanted):
        return _transformer(wanted, options)
    raise ModelError(
        f"there is no model {wanted!r}.",
        remedy=f"Give {EMBEDDED!r}, {BASELINE!r}, a folder that copydesk-train wrote, or a Hub id such as 'owner/model'.",
    )


def _baseline(folder: Path | None, options: dict[str, Any]) -> Suite:
    if options:
        raise ModelError(
            f"the baseline takes no options, but got {', '.join(sorted(options))}.", remedy="Leave them out."
        )
    from copydesk.models.baseline import load_baseline

    return load_baseline(folder)


def _transformer(name: str, options: dict[str, Any]) -> Suite:
    from copydesk.models.baseline import import_skops

    import_skops()  # the stance reader blends with the baseline; see there why it comes before torch
    from copydesk.models.transformer import load_transformer

    return load_transformer(name, **options)


def _is_hub_id(name: str) -> bool:
    """``owner/model``, and nothing that can be a path (``./x/y``, ``/x/y``, ``~/x``, ``x/y/z``)."""
    owner, slash, model = name.partition("/")
    return bool(slash and owner and model) and "/" not in model and not name.startswith((".", "~"))
