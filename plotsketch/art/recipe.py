"""A recipe: all that a command draws, apart from model and paper, as data that a file can carry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from importlib import import_module
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, Union, get_args, get_origin, get_type_hints

from plotsketch.errors import UserError

from .plan import Hand, Plate, Spot

if TYPE_CHECKING:
    from .studio import Studio

# A command's name -> its recipe, imported when asked for.
RECIPES = {
    "grid": "plotsketch.art.grid:GridRecipe",
    "sample": "plotsketch.art.sample:SampleRecipe",
    "interpolate": "plotsketch.art.interpolate:InterpolateRecipe",
    "walk": "plotsketch.art.walk:WalkRecipe",
    "reconstruct": "plotsketch.art.reconstruct:ReconstructRecipe",
    "vary": "plotsketch.art.vary:VaryRecipe",
    "analogy": "plotsketch.art.analogy:AnalogyRecipe",
    "complete": "plotsketch.art.complete:CompleteRecipe",
    "explore": "plotsketch.art.explore:ExploreRecipe",
    "landmarks": "plotsketch.art.landmarks:LandmarksRecipe",
    "prepared": "plotsketch.art.prepared:PreparedRecipe",
    "pattern": "plotsketch.art.pattern:PatternRecipe",
    "morph": "plotsketch.art.morph:MorphRecipe",
}


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """Base of all recipes: dataclasses whose fields are JSON's types, tuples and a Hand.

    Making one raises UserError for what no model could draw; ``draw`` raises it for what this one cannot.
    """

    command: ClassVar[str]
    hand: Hand = field(default_factory=Hand)

    @property
    @abstractmethod
    def references(self) -> tuple[str, ...]:
        """The drawings that it starts from, as they were named."""

    @property
    def shape(self) -> tuple[int, int] | None:
        """Rows and columns of the plate, where they are known before anything is drawn."""
        return None

    @property
    def arrangement(self) -> str:
        """How the plate is laid out unless the user says otherwise, as ``Plate.arrangement``."""
        return "grid"

    @abstractmethod
    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """What draws each cell, by row and column from 0, in reading order; cells that no spot draws are left out."""

    @abstractmethod
    def draw(self, studio: Studio) -> Plate:
        """The plate, in the model's data units. Its figures keep the spots that drew them."""

    def to_dict(self) -> dict[str, Any]:
        """Flat: the hand's fields stand beside the recipe's."""
        values = asdict(self)
        return {"command": self.command, **values.pop("hand"), **values}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The recipe that ``to_dict`` wrote; keys that it does not know (paper, model) are passed over.

        Raises UserError for a field that is missing or not of its type: ``values`` may come from anywhere.
        """
        return cls(hand=Hand(**_given(Hand, values)), **_given(cls, values))


def recipe_class(command: str) -> type[Recipe]:
    """Raises UserError for a command that draws nothing, such as one of a later version."""
    if command not in RECIPES:
        raise UserError(f"a sheet made by '{command}' is not known to this version of plotsketch; take a newer one")
    module, name = RECIPES[command].split(":")
    found: type[Recipe] = getattr(import_module(module), name)
    return found


def _given(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dataclass that ``values`` has."""
    types = get_type_hints(kind)
    found = {f.name: _tuples(values[f.name]) for f in fields(kind) if f.name in values and f.name != "hand"}
    for f in fields(kind):
        if f.name in found and not _is_a(found[f.name], types[f.name]):
            raise UserError(f"the recipe is damaged: its '{f.name}' makes no sense")
        if f.name not in found and f.default is f.default_factory is MISSING:
            raise UserError(f"the recipe is damaged: its '{f.name}' is missing")
    return found


def _is_a(value: Any, kind: Any) -> bool:
    """Whether a value fits a type made of JSON's types, tuples, unions and literals. A whole number may be a float."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return value in inner
    if origin in (Union, UnionType):
        return any(_is_a(value, one) for one in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        return len(kinds) == len(value) and all(_is_a(item, one) for item, one in zip(value, kinds, strict=True))
    if kind in (int, float):
        return isinstance(value, (int, kind)) and not isinstance(value, bool)
    return kind is Any or isinstance(value, origin or kind)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
