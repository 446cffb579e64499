"""A sheet's file in another format, its lines as they are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from plotsketch.errors import UserError
from plotsketch.lines.layer_codes import check_wishes, coded
from plotsketch.lines.machine import Machine, load_machine
from plotsketch.output.formats import (
    FILE_FACTS,
    PLOTTER_FILES,
    TABLES,
    MediumWishes,
    check_fits,
    check_outputs,
    medium_of,
    write_sheet,
)
from plotsketch.output.layers import LEFT_OUT, page_size
from plotsketch.output.sheet_in import read_sheet

if TYPE_CHECKING:
    import vpype


@dataclass(frozen=True)
class Converted:
    """The files written, and what a user should hear, a line each: of what is not drawn, cut off or made smaller."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def convert(
    sheet: Path | str,
    *outputs: Path | str,
    layer_codes: Sequence[str] = (),
    source: str | Machine | None = None,
    **wishes: Unpack[MediumWishes],
) -> Converted:
    """Writes the sheet in ``sheet`` anew, in the formats that ``outputs`` end in.

    Layers, names, colours and the order of lines stay, and so does the recipe of a sheet of ours.

    Args:
        sheet: an SVG, HPGL or G-code file from anywhere.
        outputs: files to write; never the one that is read.
        layer_codes: what labels are to tell an AxiDraw, such as ``2=S30,H40`` (`lines.layer_codes.coded`).
        source: the machine that an HPGL or G-code file is meant for; None: ``machine``, or what is usual.
        wishes: those of ``output.formats.Medium``: the ``machine`` whose HPGL or G-code is written, its ``paper``,
            what becomes of ``oversize``, ``curves`` in SVG, ``dpi`` of pictures, ``printing``.

    Raises UserError, before anything is written, for what cannot be read or written and for what does not fit.
    """
    medium = medium_of(**wishes)
    paths = [Path(output) for output in outputs]
    check_not_over(sheet, paths)
    check_outputs(paths, None, medium)
    check_wishes(layer_codes)
    document = coded(read_from(Path(sheet), source, medium.machine), layer_codes)
    check_outputs(paths, page_size(document), medium)
    changes = check_fits(paths, document, medium)
    facts = {"layer_codes": list(layer_codes)} if layer_codes else {}
    recipe = passed(sheet, "convert", source, **facts)
    files = tuple(file for path in paths for file in write_sheet(path, document, recipe, medium))
    return Converted(files, (*(document.property(LEFT_OUT) or ()), *changes))


def read_from(path: Path, source: str | Machine | None, otherwise: Machine | None) -> vpype.Document:
    """The document in a file that is meant for ``source``; without one for ``otherwise``, if that machine reads such.

    Raises UserError for a ``source`` that reads no files of that format, and as ``read_sheet`` does.
    """
    machine, kind = as_machine(source), PLOTTER_FILES.get(path.suffix.lower())
    if machine is not None and kind is None:
        raise UserError(f"--from {machine.name} is for HPGL and G-code; {path} is neither, leave --from out")
    if machine is not None and kind is not None and not getattr(machine, TABLES[kind]):
        raise UserError(f"--from {machine.name}: {machine.title} reads no {kind}, which {path} is; name one that does")
    return read_sheet(path, machine or otherwise)


def as_machine(machine: str | Machine | None) -> Machine | None:
    """The machine of a name or path. Raises UserError for an unknown one."""
    return load_machine(machine) if isinstance(machine, str) else machine


def recipe_in(sheet: object) -> dict[str, Any]:
    """The recipe in a file of ours, less what holds for that file alone; nothing for other sheets."""
    return {name: value for name, value in _recipe_in(sheet).items() if name not in FILE_FACTS}


def passed(sheet: object, by: str, source: str | Machine | None, **facts: object) -> dict[str, Any]:
    """The recipe for what a command ``by`` that name makes of a sheet's file, so that both can be done again.

    The lines of a file are those of the sheet to some decimals, so that it counts which files a drawing went through:
    ``passed`` lists them, each with the command that read it, its suffix, what holds for it alone, and ``facts`` on
    what was done. Empty for what is no file of ours.
    """
    found = _recipe_in(sheet)
    if not found or not isinstance(sheet, Path | str):
        return {}
    own = {name: found.pop(name) for name in FILE_FACTS if name in found}
    machine = as_machine(source)
    more = {} if machine is None else {"source": machine.name}
    read = {"by": by, "read": Path(sheet).suffix.lower(), **own, **more, **facts}
    if by == "optimize" and "optimized" in found:
        read["optimized"] = found["optimized"]
    before = found.get("passed")
    return {**found, "passed": [*(before if isinstance(before, list) else []), read]}


def _recipe_in(sheet: object) -> dict[str, Any]:
    from plotsketch.art.provenance import read_provenance
    from plotsketch.output.recipes_in import plotter_recipe

    if not isinstance(sheet, Path | str):
        return {}
    try:
        return plotter_recipe(Path(sheet)) or read_provenance(Path(sheet))
    except UserError:  # another program's, which is as welcome
        return {}


def check_not_over(sheet: Path | str, outputs: Iterable[Path]) -> None:
    """Raises UserError where an output would be written over the file that is read."""
    for path in outputs:
        if os.path.realpath(path) == os.path.realpath(sheet):
            raise UserError(f"{path} would be written over itself; choose another name for the output")
