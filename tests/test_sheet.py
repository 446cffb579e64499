"""Lengths, paper and the document that a sheet is."""

from __future__ import annotations

import random

import numpy as np
import pytest
import vpype

from plotsketch.errors import UserError
from plotsketch.sheet.compose import compose
from plotsketch.sheet.document import Pen, to_document
from plotsketch.sheet.paper import PAPERS, Paper, parse_length, parse_paper
from plotsketch.sheet.style import Style
from plotsketch.strokes.figure import Figure, Part
from plotsketch.strokes.sketch import Sketch

A4 = Paper(210, 297)


@pytest.mark.parametrize(
    ("text", "millimetres"),
    [
        ("1cm", 10),
        ("10", 10),
        (" 2.5 MM ", 2.5),
        ("0.5in", 12.7),
        ('1"', 25.4),
        ("72pt", 25.4),
        ("96px", 25.4),
        (".5m", 500),
        ("0", 0),
    ],
)
def test_lengths_have_units(text: str, millimetres: float) -> None:
    assert parse_length(text) == pytest.approx(millimetres)


@pytest.mark.parametrize("text", ["", "cm", "1.2.3cm", "-1cm", "nan", "inf", "1e3mm", "1 furlong", "9" * 400])
def test_what_is_no_length_is_said(text: str) -> None:
    with pytest.raises(UserError):
        parse_length(text)


@pytest.mark.parametrize(
    ("text", "landscape", "size"),
    [
        ("a4", None, (210, 297)),
        ("A4", True, (297, 210)),
        ("letter", False, (215.9, 279.4)),
        ("300x200mm", None, (300, 200)),
        ("300x200mm", False, (200, 300)),
        ("300x200mm", True, (300, 200)),
        ("300mm x 20cm", None, (300, 200)),
        ("9x12in", None, (228.6, 304.8)),
        ("96pxx192px", None, (25.4, 50.8)),
        ("30cmx400mm", None, (300, 400)),
        ("100x100", True, (100, 100)),
        ("postcard", None, (105, 148)),
        ("us-postcard", True, (152.4, 101.6)),
        ("18x24in", None, (457.2, 609.6)),
        ("24x18in", None, (609.6, 457.2)),
        ("50x70cm", True, (700, 500)),
        ("arch-e1", None, (762, 1066.8)),
    ],
)
def test_paper_has_a_name_or_a_size(text: str, landscape: bool | None, size: tuple[float, float]) -> None:
    paper = parse_paper(text, landscape)
    assert (paper.width, paper.height) == pytest.approx(size)


def test_unknown_paper_names_the_near_ones() -> None:
    with pytest.raises(UserError, match=r"unknown paper 'leter'; did you mean letter"):
        parse_paper("leter")
    with pytest.raises(UserError, match=r"known papers: a0, a1, .*arch-e, .*70x100cm, or write a size"):
        parse_paper("???")


@pytest.mark.parametrize("text", ["0x10mm", "10x0", "10xmm", "-3x4mm", "3x4parsec", "9" * 400 + "x1", ""])
def test_paper_without_area_is_said(text: str) -> None:
    with pytest.raises(UserError):
        parse_paper(text)


@pytest.mark.parametrize("name", [name for name in PAPERS if name[0].isdigit()])
def test_a_paper_that_is_called_by_its_size_has_that_size(name: str) -> None:
    named, measured = parse_paper(name), parse_paper(name.replace("x", " x "))
    assert (named.width, named.height) == pytest.approx((measured.width, measured.height))


def test_all_named_papers_stand_upright() -> None:
    assert all(width < height for width, height in PAPERS.values())


def test_the_sheet_is_a_vpype_document() -> None:
    corner = Sketch((np.array([[0, 0], [25.4, 50.8]]), np.array([[10.0, 10.0]])))
    document = to_document([corner], A4, Pen("ink", 0.5, "#112233"))
    assert document.page_size == pytest.approx(vpype.convert_page_size("a4"))
    layer = document.layers[1]
    assert layer[0] == pytest.approx([0, 96 + 192j])
    assert layer.property("vp_pen_width") == pytest.approx(vpype.convert_length("0.5mm"))
    assert layer.property("vp_color") == vpype.Color("#112233")
    assert layer.property("vp_name") == "ink"


def test_a_dot_becomes_a_stroke_that_plotters_draw() -> None:
    document = to_document([Sketch((np.array([[10.0, 20.0]]),))], A4, Pen())
    (dot,) = document.layers[1]
    assert np.mean(dot) * 25.4 / 96 == pytest.approx(10 + 20j)
    assert 0 < abs(dot[1] - dot[0]) * 25.4 / 96 < 0.3


def test_laying_out_leaves_global_randomness_alone() -> None:
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()
    compose([Figure((Part(Sketch((np.eye(2),))),), 0, 0)], 1, 1, Style(title="Words", captions="references"))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
