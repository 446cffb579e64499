"""How a file of ours was made, what makes it again, and what is not as it was then."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from plotsketch import __version__
from plotsketch.api.command_line import CommandLine, printable
from plotsketch.api.made_by import command_lines, machines_of
from plotsketch.art.landmark_library import read_library
from plotsketch.art.provenance import GZIPPED, MOST_CELLS, file_digest, read_provenance, read_sheet
from plotsketch.art.recipe import Recipe, recipe_class
from plotsketch.errors import UserError
from plotsketch.lines.machine import machine_names
from plotsketch.model import catalogue
from plotsketch.model.header import digest as checkpoint_digest
from plotsketch.output.formats import GCODE_SUFFIXES, HPGL_SUFFIXES
from plotsketch.output.recipes_in import plotter_recipe, print_recipe
from plotsketch.strokes.reference import CellRef, FileRef, parse_reference
from plotsketch.strokes.source import check_file, unreadable

State = Literal["same", "changed", "gone"]
DAMAGES = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
# What a file may also be, but not again by drawing: the key in its recipe, and what that says.
SHOWN = {
    "tile": "it is a page that `plotsketch tile` cut from the sheet; the whole sheet would be drawn",
    "preview": "it is a picture of the plot by `plotsketch preview`; the sheet itself would be drawn",
    "proof": "it is a picture by `plotsketch proof`; the pattern itself would be drawn",
}
TABLES = ("print", "plotter", "optimized", "style", "design", "cut", "screen", "flipbook")  # in a recipe
TOLD = 3  # of many sources that are not as they were, so many are named


@dataclass(frozen=True)
class Source:
    """A file, or a landmark of the user's own, that a file was drawn from: whether it is what it was."""

    name: str
    digest: str
    state: State


@dataclass(frozen=True, eq=False)
class Provenance:
    """What a file says of itself. ``values`` is all of it; ``recipe`` what is drawn, read and checked.

    ``model`` and ``digest`` name the checkpoint, ``version`` the plotsketch that wrote the file.
    """

    path: Path
    values: Mapping[str, Any]
    recipe: Recipe
    model: str
    digest: str
    version: str

    @cached_property
    def model_file(self) -> Path | None:
        """The very checkpoint, where it is installed or lies beside the file."""
        return catalogue.find_digest(self.model, self.digest, [self.path.parent, Path()])

    @cached_property
    def other_digest(self) -> str | None:
        """The digest of the checkpoint that has the name now, if there is one."""
        try:
            return checkpoint_digest(catalogue.find(self.model)) if os.path.basename(self.model) == self.model else None
        except UserError:
            return None

    @cached_property
    def model_words(self) -> str:
        """What ``--model`` takes for the very checkpoint, or else for the one of that name."""
        if self.model_file is None or self.other_digest == self.digest:
            return os.path.basename(self.model)
        return str(self.model_file)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """All that it was drawn from, by the names that the recipe has for it."""
        places = dict(_places(self.recipe.references))
        said = self.values.get("sources", {})
        return tuple(Source(name, digest, _state(name, digest, places.get(name))) for name, digest in said.items())

    @property
    def pipelines(self) -> tuple[str, ...]:
        """vpype pipelines that the sheet went through: somebody else's words, which may run programs."""
        return tuple(map(str, self.values.get("vpype", ())))

    def lines(self, *outputs: Path | str, folder: Path = Path()) -> list[CommandLine]:
        """The command lines that write ``outputs`` from the recipe, one after another; files in between go to
        ``folder``. Without outputs the file itself is meant. Raises UserError where there are none."""
        try:
            return command_lines(self.values, self.recipe, self.model_words, outputs or (self.path,), folder)
        except UserError as error:
            raise UserError(f"{self.path}: {error}") from error
        except DAMAGES as error:
            raise UserError(f"{self.path}: the recipe in it is damaged; draw the sheet again") from error

    def differences(self, *, model: bool = True, sources: bool = True, machine: bool = True) -> list[str]:
        """Why the file could not be made again as it was, a sentence each; none that are known: empty.

        ``model``, ``sources`` and ``machine`` say whether these count: a user may name others.
        """
        ways = {self._of_model: model, self._of_sources: sources, self._of_machine: machine}
        asked = (words for way, counts in ways.items() if counts for words in way())
        return [*self._of_version(), *asked, *self._of_kind()]

    def _of_version(self) -> Iterator[str]:
        if self.version != __version__:
            yield f"plotsketch {printable(self.version)} wrote it, and this is {__version__}"

    def _of_model(self) -> Iterator[str]:
        if self.model_file is None:
            name = printable(self.model)
            there = f"the '{name}' here is {self.other_digest}" if self.other_digest else f"no '{name}' is installed"
            yield f"model '{name}' of digest {printable(self.digest)} drew it, and {there}"

    def _of_sources(self) -> Iterator[str]:
        for state, one, many in (("changed", "has changed", "have changed"), ("gone", "is gone", "are gone")):
            names = [printable(source.name) for source in self.sources if source.state == state]
            more = f" and {len(names) - TOLD} more" if len(names) > TOLD else ""
            if names:
                yield f"{', '.join(names[:TOLD])}{more} {one if len(names) == 1 else many}"

    def _of_machine(self) -> Iterator[str]:
        if unknown := sorted({*machines_of(self.values)} - {*machine_names()}):
            yield f"its machine '{printable(unknown[0])}' is a file of somebody's own; name that with --machine"

    def _of_kind(self) -> Iterator[str]:
        yield from (words for key, words in SHOWN.items() if key in self.values)
        efforts = (read.get("effort", {}) for read in self.values.get("passed", ()))
        if any("seconds" in effort for effort in efforts):
            yield "its lines were ordered for a time (--effort), which comes out otherwise each time"


def info(file: Path | str) -> Provenance:
    """What a file of ours says of how it was made: SVG, PNG, TIFF, PDF, HPGL, G-code, GIF.

    Nothing that it says is run. Raises UserError for a file that is missing or damaged, for files of other programs,
    and for a recipe that this version cannot read.
    """
    path = Path(file)
    values = said_in(path)
    try:
        recipe = recipe_class(_word(values, "command")).from_dict(values)
        _check(values, recipe)
        words = (_word(values, name) for name in ("model", "digest", "version"))
        return Provenance(path, values, recipe, *words)
    except UserError as error:
        raise UserError(f"{path}: {printable(str(error))}") from error
    except DAMAGES as error:
        raise UserError(f"{path}: the recipe in it is damaged; draw the sheet again") from error


def said_in(path: Path) -> dict[str, Any]:
    """All that a file says of itself, unchecked but for being ours. Raises UserError for files of others."""
    check_file(path)
    if not path.is_file():
        raise UserError(f"{path} is no file that could carry a recipe")
    if found := plotter_recipe(path) or print_recipe(path):
        return found
    if path.suffix.lower() in (*HPGL_SUFFIXES, *GCODE_SUFFIXES):
        raise UserError(f"{path} carries no recipe: another program wrote it, or it is for a machine without comments")
    if _is_of_another_kind(path):
        raise UserError(f"{path} carries no recipe of plotsketch; another program made it, or wrote it anew")
    try:
        return read_provenance(path)
    except UserError as error:
        if "carries no recipe" not in str(error):
            raise
        raise UserError(f"{path} carries no recipe of plotsketch; another program made it, or wrote it anew") from error


def same_bytes(one: Path, other: Path) -> bool:
    """Whether two files hold the same, compressed by gzip or not. Raises UserError for one that cannot be read."""
    return _content(one) == _content(other)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as raw:
            file = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == GZIPPED else raw
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise unreadable(path, error) from error


def changed(before: Mapping[str, Any], after: Mapping[str, Any], within: str = "") -> dict[str, tuple[Any, Any]]:
    """The fields of two recipes that differ, those of a table in both as ``style.margin``, each with both values; None
    for what is not there."""
    found: dict[str, tuple[Any, Any]] = {}
    for name in {**before, **after}:
        one, other = before.get(name), after.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found |= changed(one, other, f"{within}{name}.")
        elif one != other:
            found[f"{within}{name}"] = (one, other)
    return found


def _is_of_another_kind(path: Path) -> bool:
    """Whether it is certainly neither SVG nor PNG, which alone are left to be asked."""
    with path.open("rb") as file:
        head = file.read(4)
    return head.startswith((b"%PDF", b"II*\0", b"MM\0*", b"GIF8", b"\xff\xd8\xff", b"PK", b"RIFF"))


def _check(values: Mapping[str, Any], recipe: Recipe) -> None:
    """Raises UserError for what this recipe could not have written, as far as it is used unread."""
    shapes: dict[str, tuple[type, type]] = {
        "sources": (dict, str), "vpype": (list, str), "layer_codes": (list, str), "passed": (list, dict),
        **dict.fromkeys(TABLES, (dict, object)),
    }  # fmt: skip
    for name, (kind, inner) in shapes.items():
        held = values.get(name, kind())
        items = held.values() if isinstance(held, dict) else held
        if not isinstance(held, kind) or not all(isinstance(item, inner) for item in items):
            raise UserError(f"the recipe is damaged: its '{name}' makes no sense")
    for read in values.get("passed", ()):
        if not all(isinstance(read.get(name, {}), dict) for name in ("effort", *TABLES)):
            raise UserError("the recipe is damaged: its 'passed' makes no sense")
    if recipe.shape is not None and recipe.shape[0] * recipe.shape[1] > MOST_CELLS:
        raise UserError(f"{recipe.shape[0]} x {recipe.shape[1]} cells are more than {MOST_CELLS:,}")


def _word(values: Mapping[str, Any], name: str) -> str:
    if not isinstance(values.get(name), str):
        raise UserError(f"the recipe is damaged: its '{name}' is missing; draw the sheet again")
    return str(values[name])


def _places(references: Iterable[str]) -> Iterator[tuple[str, FileRef | CellRef]]:
    for reference in references:
        parsed = parse_reference(reference)
        if isinstance(parsed, FileRef | CellRef):
            yield str(parsed.path), parsed


def _state(name: str, digest: str, place: FileRef | CellRef | None) -> State:
    """Only files are opened: a recipe from anywhere may name a device."""
    if place is None:
        own = read_library().get(name)
        return "gone" if own is None else "same" if own.identity == digest else "changed"
    if not place.path.is_file():
        return "gone"
    try:
        now = read_sheet(place.path).identity if isinstance(place, CellRef) else file_digest(place.path)
    except UserError:
        return "changed"
    return "same" if now == digest else "changed"
