"""Landmarks: the names that drawings have, shipped with a model or kept by the user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plotsketch.api.model import load, model_for
from plotsketch.art.cells import cell_sheet, spot_of_cell
from plotsketch.art.landmark_library import Landmark, check_free, read_library
from plotsketch.art.landmark_library import forget as forget
from plotsketch.art.landmark_library import keep as _keep
from plotsketch.art.plan import Hand, Spot
from plotsketch.art.studio import Studio
from plotsketch.errors import UserError
from plotsketch.strokes.reference import CellRef, parse_reference

if TYPE_CHECKING:
    from plotsketch.model.sketcher import Sketcher


@dataclass(frozen=True)
class Named:
    """A landmark in a list. ``own`` is None for one that ships with the model."""

    name: str
    own: Landmark | None = None


def keep(reference: str, name: str, *, model: Sketcher | str | None = None, force: bool = False) -> Landmark:
    """Keeps a drawing under a name in the user's own library; from then on the name is a reference in every command.

    Without ``model`` it is kept for the model that drew the sheet (see ``model_for``). A cell keeps its stream: it is
    drawn as it was on its sheet. Raises UserError for what ``Studio.spot`` cannot find, for a name that the model or
    the library has already (unless ``force``), and for a name that could not be a reference.
    """
    check_free(name, force=force)
    if model is None or isinstance(model, str):
        model = load(model or model_for([reference]))
    checkpoint = model.checkpoint
    if not force and name in checkpoint.landmarks:
        raise UserError(f"'{name}' is a landmark of model '{checkpoint.name}'; take another name, or --force")
    spot, hand, origin = _found(reference, Studio(model))
    assert spot.latent is not None  # a studio raises for models without latents
    landmark = Landmark(spot.latent, spot.stream, checkpoint.name, checkpoint.digest, hand, origin)
    _keep(name, landmark, force=force)
    return landmark


def _found(reference: str, studio: Studio) -> tuple[Spot, Hand, str]:
    """What draws it, the hand that drew it where it stands on a sheet, and where it comes from."""
    cell = parse_reference(reference)
    if not isinstance(cell, CellRef):
        return studio.spot(reference), Hand(), reference
    sheet, spot = cell_sheet(studio, cell), spot_of_cell(studio, cell)
    hand = sheet.recipe.hand
    hand = hand if spot.temperature is None else replace(hand, temperature=spot.temperature)
    return spot, hand, f"{reference} ({sheet.recipe.command})"


def landmarks(model: str | None = None) -> list[Named]:
    """The model's landmarks, in its order, and after them the user's own by name. Weights are not read."""
    from plotsketch.model import catalogue
    from plotsketch.model.header import read_header

    path = catalogue.find(model or model_for([]))
    own = read_library()
    shipped = [Named(name) for name in read_header(path)["landmarks"]]
    return shipped + [Named(name, own[name]) for name in sorted(own)]
