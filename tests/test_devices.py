"""Every device that a machine has gives the answers of plain float32 on the CPU; on a machine with a GPU this tests the GPU.

Where there is no Apple GPU, what can be had without one is tested: that PyTorch has a kernel for MPS for every operation that
reading an article takes, and that none is asked of a type that MPS lacks.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from copydesk import ArticlePredictor

ARTICLE = (Path(__file__).parents[1] / "examples" / "strait.txt").read_text(encoding="utf-8")
TOLERANCE = 0.05
"""bfloat16 moves a calibrated score by some hundredths."""


def devices() -> list[str]:
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, is_there in there.items() if is_there]


@pytest.mark.parametrize("device", devices())
def test_a_device_answers_as_float32_on_the_cpu(device: str) -> None:
    plain = ArticlePredictor.from_pretrained("embedded", device="cpu", dtype="float32").predict(ARTICLE)
    found = ArticlePredictor.from_pretrained("embedded", device=device).predict(ARTICLE)
    scores = {tag.label: tag.score for tag in found.events}
    sure = {tag.label: tag.score for tag in plain.events if tag.score > 0.4 + TOLERANCE}
    assert sure.keys() <= scores.keys()
    np.testing.assert_allclose([scores[label] for label in sure], list(sure.values()), atol=TOLERANCE)
    cells = {(one.holder, one.target): one.polarity for one in plain.stances if one.score > 0.7}
    assert cells.items() <= {(one.holder, one.target): one.polarity for one in found.stances}.items()


MPS_ATTENTION = "_scaled_dot_product_attention_math_for_mps"
"""Into which PyTorch turns ``scaled_dot_product_attention`` there; on a CPU it takes a kernel of the CPU's own."""
MPS_TYPES = {
    "torch.float32",
    "torch.float16",
    "torch.bfloat16",
    "torch.int64",
    "torch.int32",
    "torch.uint8",
    "torch.bool",
}
"""All that :data:`ARTICLE` could need; ``float64`` is what MPS refuses."""


def mps_lacks() -> tuple[set[str], set[str], int]:
    """Operations without a kernel for MPS and types that it refuses, of all that reading an article asks; and how many it asks.

    PyTorch says itself which operations have one (``native_functions.yaml``, which comes with it). One that is composed of others
    is taken apart until all are told.
    """
    import torch
    import torchgen
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves
    from torchgen.gen import parse_native_yaml
    from torchgen.model import DispatchKey

    folder = Path(torchgen.__file__).parent / "packaged" / "ATen" / "native"
    parsed = parse_native_yaml(str(folder / "native_functions.yaml"), str(folder / "tags.yaml"))
    kernels = {str(name) for name in parsed.backend_indices[DispatchKey.MPS].index}
    known = {str(one.func.name): one for one in parsed.native_functions}
    asked, lacking, types = set[str](), set[str](), set[str]()

    class Listening(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = str(func).removeprefix("aten.").removesuffix(".default")
            told = known[name]
            asked.add(name)
            has_kernel = name in kernels or str(told.structured_delegate) in kernels
            if name == "scaled_dot_product_attention":
                has_kernel = MPS_ATTENTION in kernels
            elif not has_kernel and told.has_composite_implicit_autograd_kernel:
                with self:
                    return func.decompose(*args, **(kwargs or {}))
            if not has_kernel and not told.has_composite_kernel:
                lacking.add(name)
            answer = func(*args, **(kwargs or {}))
            tensors = [one for one in tree_leaves((args, kwargs, answer)) if isinstance(one, torch.Tensor)]
            types.update(str(one.dtype) for one in tensors)
            return answer

    desk = ArticlePredictor.from_pretrained("embedded", device="cpu", dtype="float32")
    with Listening():
        desk.predict(ARTICLE)
        desk.code_dyads([("Police arrested protesters in the capital.", "police", "protesters")])
    return lacking, types - MPS_TYPES, len(asked)


def test_mps_has_what_reading_an_article_takes() -> None:
    lacking, refused, asked = mps_lacks()
    assert asked > 20
    assert not lacking
    assert not refused


def test_an_operation_that_mps_lacks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from copydesk.models.reader import Reader

    embed = Reader._embed

    def in_double(reader: Reader, inputs: dict[str, Any]) -> Any:
        rows = embed(reader, inputs).double()
        return rows * torch.heaviside(rows.square(), rows)

    monkeypatch.setattr(Reader, "_embed", in_double)
    lacking, refused, _ = mps_lacks()
    assert lacking == {"heaviside"}
    assert refused == {"torch.float64"}
