"""Which declarations of an SVG are harmless: short names for plain text, as Adobe Illustrator writes them.

Illustrator's files begin with some ten internal entities, each the address of a namespace, and use them in the
``xmlns`` attributes of the outermost element. Such a text cannot grow by itself; how often it is used is counted before
any of it is put in place. All that reads other files, or grows by referring to itself, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from plotsketch.errors import UserError

MOST_ENTITIES = 32
LONGEST_ENTITY = 1000  # characters
MOST_GROWTH = 1_000_000  # characters that all entities put in place may add up to
DEEPEST = 100  # elements inside each other
ENTITY_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
ADVICE = (
    "; save it as plain SVG: in Illustrator by File > Export > Export As > SVG, in Inkscape by Save As > Plain SVG, in "
    "CorelDRAW and Affinity by exporting SVG anew"
)


def check_declarations(data: bytes, name: str) -> None:
    """Refuses what could read other files or grow without end, and too deep a tree, before a tree is built.

    Raises UserError, naming ``name``, for entities that are external, parameters, many, long, made of others or used
    very often, for attributes with values by default, and for what is not well-formed.
    """
    watch = _Watch(data, name)
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = watch.entity
    parser.AttlistDeclHandler = watch.attribute
    parser.EndDoctypeDeclHandler = watch.declared
    parser.StartElementHandler = watch.start
    parser.EndElementHandler = watch.end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an unknown encoding
        raise UserError(f"{name} is not a well-formed SVG: {error}") from error


class _Watch:
    """What a parser tells of a file on the way."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.depth = 0
        self.entities: dict[str, str] = {}

    def entity(self, entity: str, is_parameter: int, value: str | None, *_source: object) -> None:
        if is_parameter or value is None:
            raise self._refusal("declares XML entities that stand for other files or declarations")
        if not ENTITY_NAME.fullmatch(entity) or "&" in value or "<" in value:
            raise self._refusal("declares XML entities that are more than plain text")
        if len(value) > LONGEST_ENTITY or len(self.entities) >= MOST_ENTITIES:
            raise self._refusal(
                f"declares XML entities beyond {MOST_ENTITIES} short ones of {LONGEST_ENTITY:,} characters"
            )
        self.entities.setdefault(entity, value)  # of two by one name the first holds

    def attribute(self, _element: str, _attribute: str, _kind: str, default: str | None, _required: int) -> None:
        if default is not None:
            raise self._refusal("declares XML entities or attributes of its own, with values by default")

    def declared(self) -> None:
        """No element is read yet: what the entities will grow to is known from how often they are written."""
        growth = sum(len(value) * _count(self.data, entity) for entity, value in self.entities.items())
        if growth > MOST_GROWTH:
            raise self._refusal(f"declares XML entities that grow to more than {MOST_GROWTH:,} characters")

    def start(self, _tag: str, _attributes: object) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UserError(f"{self.name} nests elements more than {DEEPEST} deep; ungroup it in the drawing program")

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def _refusal(self, what: str) -> UserError:
        return UserError(f"{self.name} {what}{ADVICE}")


def _count(data: bytes, entity: str) -> int:
    """How often a file refers to an entity, at the most: in one byte a character, or two of either order."""
    spelled: Iterable[bytes] = (f"&{entity};".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
    return max(data.count(word) for word in spelled)
