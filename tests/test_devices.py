"""Every device that a machine has gives the answers of plain float32 on the CPU; on a machine with a GPU this tests the GPU."""

from pathlib import Path

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
