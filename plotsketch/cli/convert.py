"""``plotsketch convert``: the same sheet in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plotsketch.cli.file_options import check_typed, file_options, machine_of
from plotsketch.cli.options import json_option, output_option, report, warn
from plotsketch.cli.sheet_options import printing_of


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("File to write: .svg, .hpgl, .gcode, .png and others; may be repeated.", multiple=True)
@file_options
@json_option
def convert(file: Path, output: tuple[Path, ...], as_json: bool, **words: Any) -> None:
    """Write FILE, a sheet as SVG, HPGL or G-code, in another format.

    Lines stay as and in the order they are; `plotsketch optimize` puts them in a better one. Layers keep names and
    colours as far as the format has them.

    \b
    Examples:
      plotsketch convert sheet.svg -o sheet.hpgl --machine hp7475a
      plotsketch convert sheet.svg -o sheet.gcode --machine grbl --oversize scale
      plotsketch convert sheet.svg -o sheet.plt --machine hp7475a --speed 100
      plotsketch convert old.plt -o old.svg -o old.png --from hp7550a
    """
    from plotsketch.api.convert import convert as converted

    printing = printing_of(words)
    machine = machine_of(words["machine"], words["speed"])
    check_typed(file, output, times=False)
    wishes = {name: words[name] for name in ("source", "paper", "oversize", "dpi", "curves", "layer_codes")}
    found = converted(file, *output, machine=machine, printing=printing, **wishes)
    for line in found.notes:
        warn(line)
    report({"files": list(found.files)}, as_json, map(str, found.files))
