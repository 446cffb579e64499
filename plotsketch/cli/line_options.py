"""The options that treat a sheet's lines besides joining and ordering them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.lines.tidy import Tidy

LENGTHS = ("simplify", "smooth", "hatch_gap", "closed", "dedupe", "drop_tiny", "split")

_OPTIONS = (
    click.option("--simplify", metavar="LENGTH", help="Leave out points, moving lines by no more: 0.02mm."),
    click.option("--smooth", metavar="LENGTH", help="Draw curves, no farther from the lines: 0.3mm."),
    click.option("--hatch", multiple=True, metavar="LAYER",
                 help="Fill closed lines of a layer (number, name or all); those in others are holes."),
    click.option("--hatch-gap", metavar="LENGTH", help="Between a filling's lines.  [default: the layer's pen width]"),
    click.option("--hatch-angle", type=float, metavar="DEGREES", help="Of these lines.  [default: 45]"),
    click.option("--hatch-cross", is_flag=True, help="Fill twice, the second time across."),
    click.option("--occlude", is_flag=True, help="Closed lines hide what was drawn before them, in all layers."),
    click.option("--mask", multiple=True, metavar="LAYER",
                 help="A layer whose closed lines hide so, and which is not drawn itself."),
    click.option("--closed", metavar="GAP",
                 help="Lines whose ends are no further apart count as closed.  [default: 0.05mm]"),
    click.option("--dedupe", metavar="LENGTH", help="Draw once what is drawn twice, as near as this: 0.05mm."),
    click.option("--drop-tiny", metavar="LENGTH", help="Leave out lines that are shorter, once joined: 0.5mm."),
    click.option("--drop-dots", is_flag=True, help="Leave out dots."),
    click.option("--split", metavar="LENGTH", help="Cut longer lines, for brushes that run dry, with lifts: 30cm."),
    click.option("--reloop", is_flag=True, help="Begin closed lines anywhere, by --seed."),
)  # fmt: skip


def line_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, which arrive in the command as one `tidy`, a `lines.tidy.Tidy`; raises UserError before it runs."""
    names: list[str] = []

    @functools.wraps(command)
    def tidied(**words: Any) -> Any:
        return command(tidy=tidy_of({name: words.pop(name) for name in names}), **words)

    wrapped: Callable[..., Any] = tidied
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    names += [parameter.name for parameter in vars(wrapped)["__click_params__"][-len(_OPTIONS) :]]
    return wrapped


def tidy_of(words: Mapping[str, Any]) -> Tidy:
    """What the options ask for. Raises UserError."""
    from plotsketch.lines.tidy import Tidy
    from plotsketch.sheet.paper import parse_length

    for name in ("hatch_gap", "hatch_angle", "hatch_cross"):
        if words[name] not in (None, False) and not words["hatch"]:
            raise UserError(f"--{name.replace('_', '-')} is for --hatch; say which layer, as in --hatch all")
    if words["closed"] is not None and not (words["hatch"] or words["occlude"] or words["mask"]):
        raise UserError("--closed says which lines --hatch, --occlude and --mask take for closed; give one of them too")
    wishes: dict[str, Any] = {name: value for name, value in words.items() if value is not None}
    return Tidy(**wishes | {name: parse_length(wishes[name]) for name in LENGTHS if name in wishes})
