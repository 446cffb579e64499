"""From a recipe back to the words that it was made by: a command, its arguments, its options by their names."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from plotsketch.sheet.document import Pen
from plotsketch.sheet.inks import INKS
from plotsketch.sheet.paper import PAPERS, Paper

if TYPE_CHECKING:
    from plotsketch.art.recipe import Recipe
    from plotsketch.sheet.style import Style
    from plotsketch.strokes.clean import Levers

Option = bool | str | tuple[str, ...]
Options = dict[str, Option]

# A command -> the field that its arguments are, and its options by their fields, where names differ.
ARGUMENTS = {
    "grid": "corners", "interpolate": "drawings", "walk": "start", "vary": "drawings", "pattern": "drawings",
    "reconstruct": "drawings", "analogy": "drawings", "complete": "drawing", "explore": "drawings", "morph": "drawings",
}  # fmt: skip
OPTIONS: dict[str, dict[str, str]] = {
    "grid": {"rows": "rows", "cols": "cols"},
    "sample": {"count": "count", "classes": "class", "spread": "spread", "rows": "rows", "cols": "cols"},
    "interpolate": {"steps": "steps", "way": "way", "loop": "loop", "cols": "cols"},
    "walk": {"steps": "steps", "step": "step", "loop": "loop", "cols": "cols"},
    "vary": {"rows": "rows", "cols": "cols", "spread": "spread", "unlike": "unlike", "show_input": "show-input"},
    "reconstruct": {"temperatures": "temperatures"},
    "analogy": {"strengths": "strengths"},
    "complete": {"rows": "rows", "cols": "cols", "share": "share", "like": "like"},
    "explore": {"landmarks": "landmarks", "classes": "classes", "projection": "project", "snap": "snap",
                "drawn": "draw", "cover": "cover"},
    "pattern": {"way": "by", "spread": "spread", "unlike": "unlike"},
    "morph": {"frames": "frames", "steps": "steps", "easing": "easing", "loop": "loop", "walk": "walk", "step": "step",
              "draw_lines": "draw", "smooth": "smooth"},
    "landmarks": {},
}  # fmt: skip
# What commands work out from the paper and one another: it is always said.
SETTLED = ("rows", "cols", "count", "steps", "frames")
# Fields that mean nothing where another one is so, and which the command would refuse then.
IDLE: dict[tuple[str, str], Callable[[Any], bool]] = {
    ("pattern", "spread"): lambda recipe: recipe.way != "vary",
    ("pattern", "unlike"): lambda recipe: recipe.way == "same",
    ("morph", "step"): lambda recipe: not recipe.walk,
}


@dataclass(frozen=True)
class CommandLine:
    """``plotsketch COMMAND ARGUMENTS OPTIONS``; options by their long names without dashes: True for one without a
    value, several for one that may be repeated."""

    command: str
    arguments: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """All but ``plotsketch``."""
        options = [word for name, value in self.options.items() for word in _words(name, value)]
        if any(argument.startswith("-") for argument in self.arguments):
            return [self.command, *options, "--", *self.arguments]
        return [self.command, *self.arguments, *options]

    def __str__(self) -> str:
        """For people and shells. What cannot be printed stands as Python writes it: files come from anywhere."""
        return printable(shlex.join(["plotsketch", *self.words]))


def printable(text: str) -> str:
    """The text on one line, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _words(name: str, value: Option) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}"] if value else []
    texts = value if isinstance(value, tuple) else (value,)
    return [word for text in texts for word in ([f"--{name}={text}"] if text.startswith("-") else [f"--{name}", text])]


def of_recipe(recipe: Recipe) -> tuple[tuple[str, ...], Options]:
    """The arguments and the options that say what is drawn, and by what hand."""
    command = recipe.command
    given = getattr(recipe, ARGUMENTS[command]) if command in ARGUMENTS else ()
    arguments = () if given is None else (given,) if isinstance(given, str) else tuple(given)
    found: Options = {}
    for name, option in OPTIONS[command].items():
        value = getattr(recipe, name)
        if name not in SETTLED and value == type(recipe).__dataclass_fields__[name].default:
            continue
        idle = IDLE.get((command, name))
        if value is not None and not (idle and idle(recipe)):
            found[option] = _said(value)
    return arguments, {**found, **_more(recipe), **(_of_hand(recipe) if command != "landmarks" else {})}


def _more(recipe: Any) -> Options:
    """What is said in another way than by a field's name."""
    match recipe.command:
        case "grid" if recipe.given:
            return {"given": "x".join(map(str, recipe.given))}
        case "complete" if not recipe.lift:
            return {"continue": True}
        case "explore" if len(recipe.drawings) > 200:  # more than it takes unless told
            return {"most": str(len(recipe.drawings))}
    return {}


def _of_hand(recipe: Recipe) -> Options:
    hand, usual = recipe.hand, type(recipe.hand)()
    found: Options = {"seed": str(hand.seed)}
    if recipe.command != "reconstruct" and hand.temperature != usual.temperature:
        found["temperature"] = _said(hand.temperature)
    if hand.best_of != usual.best_of:
        found["best-of"] = str(hand.best_of)
    return found


def of_style(style: Style) -> Options:
    """The options that make a sheet look so."""
    usual = type(style)()
    found: Options = {}
    if style.paper != usual.paper:
        found |= of_paper(style.paper)
    if style.margin != usual.margin:
        found["margin"] = length(style.margin)
    if style.gutter is not None:
        found["gutter"] = length(style.gutter)
    texts = {"layout": style.arrangement, "captions": style.captions, "title": style.title,
             "signature": style.signature, "edition": style.edition}  # fmt: skip
    found |= {name: text for name, text in texts.items() if text}
    if style.frame:
        found["frame"] = True
    found |= of_pens(style.pens, style.pen_width)
    if style.pen_by != usual.pen_by:
        found["pen-by"] = style.pen_by
    return found | of_levers(style.levers)


def of_paper(paper: Paper) -> Options:
    """Of a paper with a name, that and how it lies; else its size."""
    for name, (width, height) in PAPERS.items():
        if paper == Paper(width, height):
            return {"paper": name}
        if paper == Paper(height, width):
            return {"paper": name, "landscape": True}
    return {"paper": size(paper.width, paper.height)}


def of_pens(pens: Iterable[Pen], usual_width: float) -> Options:
    found: Options = {} if usual_width == Pen.width else {"pen-width": length(usual_width)}
    named = tuple(pen_text(pen, usual_width) for pen in pens)
    return {"pen": named, **found} if named else found


def pen_text(pen: Pen, usual_width: float) -> str:
    """A pen as ``sheet.inks.parse_pen`` reads it."""
    plain = pen.name in (pen.colour, *(name for name, colour in INKS.items() if colour == pen.colour))
    ink = pen.name if plain else f"{pen.name}={pen.colour}"
    return ink if pen.width == usual_width else f"{ink} {length(pen.width)}"


def of_levers(levers: Levers | None) -> Options:
    if levers is None:
        return {}
    lengths = {"smooth": levers.smooth, "close": levers.close, "drop-short": levers.drop_short}
    found: Options = {name: length(mm) for name, mm in lengths.items() if mm}
    if levers.smooth and levers.corner != type(levers)().corner:
        found["corner"] = _said(levers.corner)
    return found | ({"drop-dots": True} if levers.drop_dots else {})


def length(mm: float) -> str:
    """Millimetres, so that the very number is read again."""
    return f"{number(mm)}mm"


def size(width: float, height: float) -> str:
    return f"{number(width)}x{number(height)}mm"


def number(value: float) -> str:
    """The shortest text that is this number, without an exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0") if "." in text else text


def _said(value: Any) -> Option:
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        texts = tuple(str(_said(item)) for item in value)
        return texts if all(isinstance(item, str) for item in value) else ",".join(texts)
    return number(value) if isinstance(value, float) else str(value)
