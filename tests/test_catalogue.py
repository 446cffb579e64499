"""The shipped models and what stands beside them: recipe, card, pictures, gallery; and that a recipe is commands."""

from __future__ import annotations

import shlex
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from test_docs import find_command

from plotsketch.model.checkpoint import load
from plotsketch.model.header import read_header

REPOSITORY = Path(__file__).resolve().parents[1]
CHECKPOINTS = REPOSITORY / "checkpoints"
SHIPPED = sorted(path.stem for path in CHECKPOINTS.glob("*.safetensors"))
RECIPES = sorted(path.stem for path in (CHECKPOINTS / "recipes").glob("*.toml"))

sys.path.insert(0, str(CHECKPOINTS))
import make  # noqa: E402


def recipe_of(name: str) -> dict[str, Any]:
    return tomllib.loads((CHECKPOINTS / "recipes" / f"{name}.toml").read_text(encoding="utf-8"))


def test_every_shipped_model_has_a_recipe_and_every_recipe_a_model() -> None:
    assert SHIPPED == RECIPES
    assert sum((CHECKPOINTS / f"{name}.safetensors").stat().st_size for name in SHIPPED) < 80e6


@pytest.mark.parametrize("name", SHIPPED)
def test_a_checkpoint_is_what_its_recipe_says(name: str) -> None:
    about, recipe = read_header(CHECKPOINTS / f"{name}.safetensors"), recipe_of(name)
    assert about["name"] == recipe["name"] == name
    assert (about["description"], about["licence"]) == (recipe["description"], recipe["licence"])
    assert set(recipe.get("landmarks", {})) <= set(about["landmarks"])
    assert set(recipe["reported"]) <= set(about["classes"]) & set(about["evaluation"]["nats_per_drawing"])
    assert about["training"]["step"] == recipe["train"][-1]["steps"]
    assert all(share >= 0.995 for share in about["evaluation"]["finished"].values())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_has_its_figures_and_pictures_and_the_gallery_its_card(name: str) -> None:
    about = read_header(CHECKPOINTS / f"{name}.safetensors")
    card = (CHECKPOINTS / f"{name}.md").read_text(encoding="utf-8")
    for nats in about["evaluation"]["nats_per_drawing"].values():
        assert f"| {nats['total']:.1f} ± " in card
    for picture in ("samples", "nearest", *(["landmarks"] if about["landmarks"] else [])):
        assert f"(../docs/images/{name}-{picture}.png)" in card
        assert (REPOSITORY / "docs" / "images" / f"{name}-{picture}.png").is_file()
    assert f"(../checkpoints/{name}.md)" in (REPOSITORY / "docs" / "models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_checkpoint_is_whole(name: str) -> None:
    """Classes with axes of their own, as a draw of a class needs them; landmarks that lie where latents do."""
    checkpoint = load(CHECKPOINTS / f"{name}.safetensors")
    size = checkpoint.config.latent_size
    assert {latent.axes.shape[1] for latent in checkpoint.classes.values()} == {size}
    assert all(0.5 < float((latent**2).sum()) ** 0.5 < 3 * size**0.5 for latent in checkpoint.landmarks.values())


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_stands_for_commands_that_there_are(name: str) -> None:
    for line in make.commands(recipe_of(name)):
        words = shlex.split(line)
        assert words[0] == "plotsketch"
        context, rest = find_command(words[1:])
        context.command.make_parser(context).parse_args(list(rest))  # raises click.UsageError


def test_a_recipe_that_there_is_not_and_files_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no recipe 'unicorns'; there are .*catpig"):
        make.recipe_of("unicorns")
    with pytest.raises(SystemExit, match=r"no icons/\*\.npz in .* or beside it"):
        make.others("icons/*.npz", tmp_path)


def test_other_collections_may_lie_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "icons").mkdir()
    (tmp_path / "quickdraw").mkdir()
    (tmp_path / "icons" / "a.npz").touch()
    assert make.others("icons/*.npz", tmp_path / "quickdraw") == [tmp_path / "icons" / "a.npz"]
