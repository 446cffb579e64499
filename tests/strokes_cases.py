"""Sketches for the tests of `strokes/`: hypothesis strategies, a small hand-made drawing and how to compare."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from plotsketch.strokes import Drawing, Sketch

whole = st.integers(-3000, 3000)
real = st.floats(-1e6, 1e6, allow_nan=False)


def sketches(number: st.SearchStrategy[float], *, min_lines: int = 0) -> st.SearchStrategy[Sketch]:
    """Sketches of any lines and dots, except that the first line is not two equal points (see `Sketch`)."""
    point = st.tuples(number, number)
    lines = st.lists(st.lists(point, min_size=1, max_size=8), min_size=min_lines, max_size=5)
    plain = lines.filter(lambda lines: not lines or len(lines[0]) != 2 or lines[0][0] != lines[0][1])
    return st.builds(lambda lines, finished: Sketch(tuple(lines), finished), plain, st.booleans())


def finished_drawings(number: st.SearchStrategy[float]) -> st.SearchStrategy[Drawing]:
    """Drawings as a file holds them: words of any letters, at least one line."""
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
    sketch = sketches(number, min_lines=1).map(lambda sketch: Sketch(sketch.lines))
    return st.builds(Drawing, sketch, word=text, key=text, recognized=st.booleans())


def house(word: str = "house") -> Drawing:
    """A square, a roof and a dot for a window, in whole coordinates from (0, 0)."""
    lines = ([(0, 100), (100, 100), (100, 200), (0, 200), (0, 100)], [(0, 100), (50, 0), (100, 100)], [(50, 150)])
    return Drawing(Sketch(tuple(map(np.array, lines))), word=word, key="7")


def assert_same(left: Sketch, right: Sketch, *, within: float = 0.0) -> None:
    assert [len(line) for line in left.lines] == [len(line) for line in right.lines]
    for one, other in zip(left.lines, right.lines, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=within)


def from_first_point(sketch: Sketch) -> Sketch:
    """The sketch moved to start at (0, 0), which is where stroke rows put it."""
    return sketch.translated(*-sketch.lines[0][0]) if sketch.lines else sketch
