"""``plotsketch proof``: a mock-up picture of a repeat, to show a client."""

from __future__ import annotations

from pathlib import Path

import click

from plotsketch.cli.options import json_option, output_option, report
from plotsketch.cli.sheet_options import OneOf

SURFACES = ("wall", "cloth", "box")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("Picture to write, .png or .jpg; may be repeated.", multiple=True)
@click.option("--on", type=OneOf(SURFACES), default="wall", show_default=True, help="What is printed with it.")
@click.option("--size", metavar="LENGTH", help="Width of the wall that is seen, of the cloth, or of the box.  "
              "[default: 3.2m, 1.4m, 30cm]")  # fmt: skip
@click.option("--repeat", metavar="LENGTH", help="Width of the repeat.  [default: as the file says]")
@click.option("--paper-colour", help="Of paper or cloth: cream, '#fed' ...  [default: white, or the picture's own]")
@click.option("--ribbon/--no-ribbon", default=None, help="Around a box, in a colour of the repeat.  [default: ribbon]")
@click.option("--pixels", type=int, default=1600, show_default=True, help="Width of the picture, of 4 x 3.")
@json_option
def proof(
    file: Path,
    output: tuple[Path, ...],
    on: str,
    size: str | None,
    repeat: str | None,
    paper_colour: str | None,
    ribbon: bool | None,
    pixels: int,
    as_json: bool,
) -> None:
    """Show FILE, the tile of a repeat, on a wall, a cloth or a wrapped box.

    The tile is an SVG page, a PNG or a TIFF that goes on seamlessly on all sides. It is shown at its true size beside
    things whose size one knows.

    \b
    Examples:
      plotsketch proof tile.svg -o proof.png
      plotsketch proof tile.svg -o room.jpg --on wall --size 4m --paper-colour sage
      plotsketch proof tile.png -o gift.png --on box --size 24cm --repeat 16cm --no-ribbon
    """
    from plotsketch.api.proof import check_proof
    from plotsketch.api.proof import proof as proofed
    from plotsketch.sheet.paper import parse_length

    check_proof(output, file)
    wide, period = (None if text is None else parse_length(text) for text in (size, repeat))
    found = proofed(file, on, size=wide, repeat=period, paper=paper_colour, ribbon=ribbon, pixels=pixels)
    found.save(*output)
    across, down = found.repeat
    results = {"files": list(output), "on": on, "size_mm": found.size, "repeat_mm": found.repeat}
    results["pixels"] = found.image.size  # width and height
    said = f"a repeat of {across:g} x {down:g} mm on a {on} of {found.size:g} mm"
    report(results, as_json, [*map(str, output), said])
