"""``copydesk-train``: recipes, changes to them, faults that exit with 2, and the folder that it announces."""

import sys
from pathlib import Path

import pytest

from copydesk.configs.errors import ConfigError
from copydesk.training.train import change, main, read_recipe, train

ROOT = Path(__file__).parents[1]
TINY = ROOT / "training" / "tiny"


def recipe(folder: Path, text: str) -> Path:
    path = folder / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def dyads_recipe(folder: Path) -> Path:
    return recipe(
        folder,
        f"""
        kind = "baseline"
        output = "{folder / "model"}"
        data = "{TINY}"
        [[dyads]]
        codebook = "plover"
        table = "plover_sentences.jsonl"
        """,
    )


def test_it_trains_into_the_folder_that_it_announces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(dyads_recipe(tmp_path))]) == 0
    announced = Path(capsys.readouterr().out.splitlines()[-1].removeprefix("The model is in "))
    assert announced == tmp_path / "model"
    assert (announced / "metrics.json").is_file()
    assert (announced / "dyads-plover.skops").is_file()


def test_set_moves_the_output(tmp_path: Path) -> None:
    folder = train(dyads_recipe(tmp_path), [f"output={tmp_path / 'elsewhere'}", "dyads.0.penalty=1.5"])
    assert folder == tmp_path / "elsewhere"
    assert (folder / "dyads-plover.skops").is_file()
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seed=7", {"seed": 7, "events": [{"penalty": 1.0}]}),
        ("seed = 7", {"seed": 7, "events": [{"penalty": 1.0}]}),
        ("name=a plain string", {"name": "a plain string", "events": [{"penalty": 1.0}]}),
        ('name="7"', {"name": "7", "events": [{"penalty": 1.0}]}),
        ("equation=a=b", {"equation": "a=b", "events": [{"penalty": 1.0}]}),
        ("events.0.penalty=1e-2", {"events": [{"penalty": 0.01}]}),
        ("polarity.voice.weight=2", {"polarity": {"voice": {"weight": 2}}, "events": [{"penalty": 1.0}]}),
        ("lists=[1, 2]", {"lists": [1, 2], "events": [{"penalty": 1.0}]}),
    ],
)
def test_change_reads_values_as_toml(setting: str, expected: dict[str, object]) -> None:
    values: dict[str, object] = {"events": [{"penalty": 1.0}]}
    change(values, setting)
    assert values == expected


@pytest.mark.parametrize("setting", ["seed", "=3", "events.7.penalty=1", "events.x.penalty=1", "seed.deeper=1"])
def test_change_refuses_places_that_are_not_there(setting: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        change({"seed": 3, "events": [{"penalty": 1.0}]}, setting)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind = ", "not a TOML file"),
        ("seed = 3", "the recipe has no kind"),
        ('kind = "oracle"', "'oracle' is no training"),
        ('kind = "baseline"', "output: Field required"),
        ('kind = "baseline"\noutput = "x"\nspeed = 3', "speed: Extra inputs are not permitted"),
        (
            'kind = "baseline"\noutput = "x"\n[[dyads]]\ncodebook = "plover"\ntable = "none.csv"\npenalty = 0',
            "dyads.0.penalty",
        ),
        (
            'kind = "baseline"\noutput = "x"\n[[dyads]]\ncodebook = "nonesuch"\ntable = "none.csv"',
            "no codebook 'nonesuch'",
        ),
        (
            'kind = "baseline"\noutput = "x"\n[[dyads]]\ncodebook = "plover"\ntable = "none/such.csv"',
            "none/such.csv: there is no such file",
        ),
    ],
)
def test_a_faulty_recipe_exits_with_2_and_says_why(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main([str(recipe(tmp_path, text))]) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "x").exists()


def test_a_recipe_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_recipe(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["baseline", "reader"])
def test_the_shipped_recipes_fit_their_models(name: str) -> None:
    values = read_recipe(ROOT / "configs" / "recipes" / f"{name}.toml")
    from copydesk.configs.recipe_baseline import BaselineRecipe
    from copydesk.configs.recipe_reader import ReaderRecipe

    model = {"baseline": BaselineRecipe, "reader": ReaderRecipe}[values["kind"]]
    assert model.model_validate(values).kind == name


def test_importing_the_command_is_cheap() -> None:
    import subprocess

    code = (
        "import sys, copydesk.training.train; print([m for m in ('torch', 'sklearn', 'datasets') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
