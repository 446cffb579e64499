"""``plotsketch explore``: a map of drawings in latent space."""

from __future__ import annotations

import click

from plotsketch.cli.drawing import Wishes, drawing_options, make_sheet


@click.command()
@click.argument("drawings", nargs=-1, metavar="DRAWING...")
@click.option("--landmarks", is_flag=True, help="Add all landmarks of the model.")
@click.option("--classes", is_flag=True, help="Add what is typical of each of the model's classes.")
@click.option("--most", type=int, default=200, show_default=True, help="Drawings from files, picked evenly.")
@click.option("--project", type=click.Choice(["pca", "umap"]), default="pca", show_default=True,
              help="Two axes along which they differ most, or UMAP, which keeps neighbours better.")
@click.option("--snap", is_flag=True, help="Set them on a grid.")
@click.option("--draw", type=click.Choice(["model", "inputs"]), default="model", show_default=True,
              help="What the model makes of each, or what was given.")
@click.option("--cover", type=float, default=0.6, show_default=True,
              help="Share of the paper under drawings: little keeps them where they belong, much makes them large.")
@drawing_options
def explore(drawings: tuple[str, ...], landmarks: bool, classes: bool, most: int, project: str, snap: bool, draw: str,
            cover: float, wishes: Wishes) -> None:
    """Draw a map of drawings: what the model takes to be alike stands together.

    Each DRAWING is a file with many drawings, of which --most are picked, a range (cats.ndjson#0-99), a glob, or any
    single drawing. All are read by the model, laid flat by --project and pushed apart until none touches another.
    The result says how much of the latent space the two axes carry, and how many neighbours are still near.

    \b
    Examples:
      plotsketch explore cats.ndjson pigs.ndjson --paper a3 --pen black --pen red --pen-by group -o map.svg
      plotsketch explore --landmarks --classes --captions labels -o landmarks.svg
      plotsketch explore cats.ndjson --snap --draw inputs -o grid.svg -o grid.png
    """
    from plotsketch.art.chart import check_installed
    from plotsketch.art.explore import ExploreRecipe, chosen
    from plotsketch.sheet.words import drawings_area

    check_installed(project)
    area = drawings_area(wishes.style())
    recipe = ExploreRecipe(
        drawings=chosen(drawings, most), landmarks=landmarks, classes=classes, projection=project, snap=snap,
        drawn=draw, cover=cover, aspect=area.width / area.height, hand=wishes.hand(),
    )  # fmt: skip
    make_sheet(recipe, wishes)
