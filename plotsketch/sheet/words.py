"""Title, signature and edition: where they stand on the paper, and the area that they leave to the drawings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plotsketch.errors import UserError
from plotsketch.sheet.letters import SCRIPT, least_height, reach, width, written
from plotsketch.sheet.style import Style
from plotsketch.strokes.sketch import Sketch

# Heights of capitals, as shares of the paper's shorter side, and the mm between which they stay.
TITLE = (0.024, 2.5, 14.0)
FOOT = (0.0125, 1.6, 7.0)
SMALLEST = 0.6  # of its usual height: a longer text is too long
HANDWRITING = 1.5  # its capitals' height in those of the edition: small letters in script are very small
SHOWN = 60  # letters of a text in a message
AIR = 1.4  # capitals' heights between words and drawings


@dataclass(frozen=True)
class Box:
    """A part of the paper in mm, y growing down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def inside_margins(style: Style) -> Box:
    """Raises UserError when the margins leave nothing."""
    paper, margin = style.paper, style.margin
    box = Box(margin, margin, paper.width - margin, paper.height - margin)
    if min(box.width, box.height) <= 0:
        raise UserError(
            f"the paper ({paper}) is smaller than its margins (twice {margin:g} mm); "
            "take a larger paper or a smaller --margin"
        )
    return box


def drawings_area(style: Style) -> Box:
    """What title, signature and edition leave of the paper inside its margins. Raises UserError for too long ones."""
    box, pen = inside_margins(style), style.pen.width
    title, foot = _title_height(style, box), _foot_height(style, box)
    top, bottom = box.top, box.bottom
    if style.title:
        top += pen + title * (sum(reach(style.title)) + AIR)
    if style.signature or style.edition:
        bottom -= pen + foot * (sum(_foot_reach(style)) + AIR)
    area = replace(box, top=top, bottom=bottom)
    if area.height <= 0:
        raise UserError(f"title and signature leave no room for drawings on {style.paper}; take a larger paper")
    return area


def inscriptions(style: Style) -> tuple[list[Sketch], list[Sketch]]:
    """What is written above the drawings, and below them: the title in the middle, the edition at the left and the
    signature at the right."""
    box, pen = inside_margins(style), style.pen.width
    title, foot = _title_height(style, box), _foot_height(style, box)
    line = box.bottom - pen / 2 - foot * _foot_reach(style)[1]
    above, below = [], []
    if style.title:
        left = box.middle[0] - title * width(style.title) / 2
        above.append(written(style.title, title).translated(left, box.top + pen / 2 + title * reach(style.title)[0]))
    if style.edition:
        below.append(written(style.edition, foot).translated(box.left + pen / 2, line))
    if style.signature:
        left = box.right - pen / 2 - foot * HANDWRITING * width(style.signature, SCRIPT)
        below.append(written(style.signature, foot * HANDWRITING, SCRIPT).translated(left, line))
    return above, below


def _title_height(style: Style, box: Box) -> float:
    return _height("title", style.title, width(style.title), TITLE, style, box)


def _foot_height(style: Style, box: Box) -> float:
    words = [text for text in (style.edition, style.signature) if text]
    length = width(style.edition) + HANDWRITING * width(style.signature, SCRIPT) + 3 * (len(words) - 1)
    name = "signature with the edition" if len(words) == 2 else "signature" if style.signature else "edition"
    return _height(name, " ".join(words), length if words else 0.0, FOOT, style, box)


def _foot_reach(style: Style) -> tuple[float, float]:
    """Above and below the line, for capitals of 1 mm."""
    edition, signature = reach(style.edition), reach(style.signature, SCRIPT)
    return max(edition[0], HANDWRITING * signature[0]), max(edition[1], HANDWRITING * signature[1])


def _height(name: str, text: str, length: float, usual: tuple[float, float, float], style: Style, box: Box) -> float:
    """Capitals' height for a text that is ``length`` mm long with capitals of 1 mm."""
    share, low, high = usual
    height = max(min(max(share * min(style.paper.width, style.paper.height), low), high), least_height(style.pen.width))
    if length <= 0:
        return height
    room = box.width - style.pen.width
    least = max(SMALLEST * height, least_height(style.pen.width))
    if least * length > room:
        raise UserError(
            f"the {name} '{_shown(text)}' is too long: {least * length:.0f} mm in letters that can be read, and "
            f"between the margins there are {room:.0f}; shorten it or take a larger paper"
        )
    return min(height, room / length)


def _shown(text: str) -> str:
    """For a message of one line."""
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
