"""``plotsketch again``: a file made once more, from what it says of itself."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, output_option, report
from plotsketch.cli.rerun import anyway_option, check, run, trust_option

if TYPE_CHECKING:
    from plotsketch.api.provenance import Provenance


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output_option("File to write, in any format that FILE's command writes; may be repeated.", multiple=True)
@click.option("--machine", metavar="NAME", help="The plotter for .hpgl and .gcode.  [default: the one FILE was for]")
@click.option("--dpi", type=float, help="Dots an inch of a picture.  [default: FILE's, or 150]")
@trust_option
@anyway_option
@json_option
def again(
    file: Path,
    output: tuple[Path, ...],
    machine: str | None,
    dpi: float | None,
    trust: bool,
    anyway: bool,
    as_json: bool,
) -> None:
    """Make FILE, which plotsketch wrote, once more.

    Where version, model and sources are what they were, the new file is the old one, byte for byte; it is compared. If
    not, you are told what differs, and --anyway draws with what there is. Settings of yours have no part in it.

    \b
    Examples:
      plotsketch again sheet.svg -o new.svg
      plotsketch again sheet.svg -o sheet.pdf -o sheet.gcode --machine grbl
    """
    from plotsketch.api.convert import check_not_over
    from plotsketch.api.provenance import info

    found = info(file)
    check_not_over(file, output)
    check(found, ["machine"] if machine else [], anyway=anyway, trust=trust)
    typed = [*(["--machine", machine] if machine else []), *([f"--dpi={dpi}"] if dpi is not None else [])]
    with tempfile.TemporaryDirectory() as folder:
        lines = found.lines(*output, folder=Path(folder))
        answer = run(lines, [*([()] * (len(lines) - 1)), typed])
    results = {**answer, **compared(found, [Path(name) for name in answer["files"]])}
    report(results, as_json, [*map(str, answer["files"]), told(found, results)])


def compared(found: Provenance, files: list[Path]) -> dict[str, Any]:
    """Whether one of the new files is the old one, byte for byte (None: none is of its format), and how their recipes
    differ: for each field of both the old value and the new; whether those that say the same write it the same."""
    from plotsketch.api.provenance import changed, said_in, same_bytes
    from plotsketch.errors import UserError
    from plotsketch.output.formats import FILE_FACTS

    alike = [file for file in files if file.suffix.lower() == found.path.suffix.lower().replace(".svgz", ".svg")]
    same = any(same_bytes(found.path, file) for file in alike) if alike else None
    try:
        values: Mapping[str, Any] = said_in(files[0])
    except UserError:  # HPGL without comments
        return {"same": same, "changed": None, "spelled": None}
    old, new = ({n: v for n, v in held.items() if n not in FILE_FACTS} for held in (found.values, values))
    fields = {} if same else changed(old, new)
    return {"same": same, "changed": fields, "spelled": _text(old) == _text(new) if not fields else None}


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)


def told(found: Provenance, results: Mapping[str, Any]) -> str:
    """The comparison in words."""
    if results["same"]:
        return f"the same as {found.path}, byte for byte"
    fields = results["changed"]
    if fields:
        some = ", ".join(list(fields)[:6]) + (" ..." if len(fields) > 6 else "")
        return f"not as {found.path}: its recipe differs in {some}"
    if results["same"] is None:
        return f"by the recipe of {found.path}"
    if results["spelled"] is False:
        return f"drawn as {found.path}, whose recipe writes numbers otherwise (10 for 10.0), as from Python"
    return f"not as {found.path}, though by its recipe: another machine, or other libraries, draw it otherwise"
