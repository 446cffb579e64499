"""A recipe: all that a command draws, apart from model and paper, as data that a file can carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self

from plotsketch.errors import UserError

from .plan import Hand, Plate, Spot

if TYPE_CHECKING:
    from .studio import Studio

# A command's name -> its recipe, imported when asked for.
RECIPES = {
    "grid": "plotsketch.art.grid:GridRecipe",
}


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Base of all recipes: dataclasses whose fields are JSON's types, tuples and a Hand.

    Making one raises UserError for what no model could draw; ``draw`` raises it for what this one cannot.
    """

    command: ClassVar[str]
    hand: Hand = field(default_factory=Hand)

    @property
    def references(self) -> tuple[str, ...]:
        """The drawings that it starts from, as they were named."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, int] | None:
        """Rows and columns of the plate, where they are known before anything is drawn."""
        return None

    def spots(self, studio: Studio) -> dict[tuple[int, int], Spot]:
        """What draws each cell, by row and column from 0, in reading order; cells that no spot draws are left out."""
        raise NotImplementedError

    def draw(self, studio: Studio) -> Plate:
        """The plate, in the model's data units. Its figures keep the spots that drew them."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Flat: the hand's fields stand beside the recipe's."""
        values = asdict(self)
        return {"command": self.command, **values.pop("hand"), **values}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The recipe that ``to_dict`` wrote; keys that it does not know (paper, model) are passed over."""
        hand = Hand(**{f.name: values[f.name] for f in fields(Hand) if f.name in values})
        own = {f.name: _tuples(values[f.name]) for f in fields(cls) if f.name in values}
        return cls(hand=hand, **own)


def recipe_class(command: str) -> type[Recipe]:
    """Raises UserError for a command that draws nothing, such as one of a later version."""
    if command not in RECIPES:
        raise UserError(f"a sheet made by '{command}' is not known to this version of plotsketch; take a newer one")
    module, name = RECIPES[command].split(":")
    found: type[Recipe] = getattr(import_module(module), name)
    return found


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
