"""Sheets as drawing programs write them: Illustrator, Inkscape, Affinity, Figma and CorelDRAW, each by its habits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import vpype

from plotsketch.output.sheet_in import read_sheet

PX = 96 / 25.4
NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'

# File > Save As > SVG with "Preserve Illustrator Editing Capabilities", as it is by default; 72 points an inch
ILLUSTRATOR = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 24.0.1, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
  <!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">
  <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
  <!ENTITY ns_graphs "http://ns.adobe.com/Graphs/1.0/">
  <!ENTITY ns_vars "http://ns.adobe.com/Variables/1.0/">
  <!ENTITY ns_imrep "http://ns.adobe.com/ImageReplacement/1.0/">
  <!ENTITY ns_sfw "http://ns.adobe.com/SaveForWeb/1.0/">
  <!ENTITY ns_custom "http://ns.adobe.com/GenericCustomNamespace/1.0/">
  <!ENTITY ns_adobe_xpath "http://ns.adobe.com/XPath/1.0/">
]>
<svg version="1.1" xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" xmlns:graph="&ns_graphs;" {NS}
 x="0px" y="0px" width="144pt" height="72pt" viewBox="0 0 144 72"
 style="enable-background:new 0 0 144 72;" xml:space="preserve">
<style type="text/css">
  .st0{{fill:none;stroke:#ED1C24;stroke-width:2;stroke-miterlimit:10;}}
</style>
<metadata><sfw  xmlns="&ns_sfw;"><slices></slices></sfw></metadata>
<switch>
  <foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1">
    <i:aipgfRef  xlink:href="#adobe_illustrator_pgf"></i:aipgfRef>
  </foreignObject>
  <g i:extraneous="self">
    <g id="Red_x0020_pen"><line class="st0" x1="36" y1="36" x2="72" y2="36"/></g>
    <g id="Layer_2"><path class="st0" d="M0,0c0,0,36,36,72,72"/></g>
  </g>
</switch>
<i:aipgf  id="adobe_illustrator_pgf" i:pgfEncoding="zstd/base64" i:pgfVersion="24"><![CDATA[
  KLUv/QBYdFgABzXFMyTQ5gmJjvQAADACAAAAAAIAAA
]]></i:aipgf>
</svg>
"""
# older ones name styles by entities
ILLUSTRATOR_9 = f"""<?xml version="1.0" encoding="iso-8859-1"?>
<!-- Generator: Adobe Illustrator 9.0, SVG Export Plug-In  -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 20000303 Stylable//EN"
  "http://www.w3.org/TR/2000/03/WD-SVG-20000303/DTD/svg-20000303-stylable.dtd" [
  <!ENTITY st0 "fill:none;stroke:#00FF00;">
  <!ENTITY st1 "fill:none;stroke-width:0.25;">
]>
<svg {NS} width="96" height="96" viewBox="0 0 96 96"><g id="Layer_1" style="&st1;">
<path style="&st0;" d="M0,0h96"/></g></svg>
"""
# a clip art symbol placed twice, one clone of a clone, and the program's own elements
INKSCAPE = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<svg width="100mm" height="50mm" viewBox="0 0 100 50" version="1.1" id="svg5" inkscape:version="1.2.2"
   xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
   xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" {NS}>
  <sodipodi:namedview id="namedview7" inkscape:document-units="mm" showgrid="false"/>
  <defs id="defs2"><symbol id="Arrow" viewBox="-5 -5 10 10" preserveAspectRatio="xMidYMid meet">
    <title>Arrow</title><path d="M -5,0 H 5" style="fill:none;stroke:#000"/></symbol></defs>
  <g inkscape:label="2 arrows" inkscape:groupmode="layer" id="layer2" transform="translate(10,0)">
    <use xlink:href="#Arrow" id="use1" x="0" y="10" width="20" height="20" style="stroke:#00f"/>
    <use xlink:href="#use1" id="use2" transform="translate(30,5)"/>
  </g>
</svg>
"""
AFFINITY = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="100%" height="100%" viewBox="0 0 960 480" version="1.1" {NS} xml:space="preserve"
 xmlns:serif="http://www.serif.com/" style="fill-rule:evenodd;clip-rule:evenodd;stroke-linejoin:round;">
<g id="Blue-pen" serif:id="Blue pen" transform="matrix(1,0,0,1,96,96)">
<path d="M0,0L96,0" style="fill:none;stroke:rgb(0,0,255);stroke-width:4.17px;"/></g>
<g transform="matrix(2,0,0,2,0,0)"><g id="_2-dots" serif:id="2 dots"><circle cx="24" cy="24" r="12" style="fill:none;\
stroke:black;"/></g></g>
</svg>
"""
FIGMA = f"""<svg width="96" height="48" viewBox="0 0 96 48" fill="none" {NS}>
<g clip-path="url(#clip0_1_2)">
<mask id="mask0" style="mask-type:alpha" maskUnits="userSpaceOnUse" x="0" y="0" width="96" height="48">
<rect width="96" height="48" fill="#D9D9D9"/></mask>
<g mask="url(#mask0)"><path d="M0 24H96" stroke="#F24E1E" stroke-width="2"/></g>
</g>
<defs><clipPath id="clip0_1_2"><rect width="96" height="48" fill="white"/></clipPath></defs>
</svg>
"""
CORELDRAW = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- Creator: CorelDRAW 2020 (64-Bit) -->
<svg {NS} xml:space="preserve" width="100mm" height="50mm" version="1.1"
style="shape-rendering:geometricPrecision; fill-rule:evenodd; clip-rule:evenodd" viewBox="0 0 10000 5000"
 xmlns:xodm="http://www.corel.com/coreldraw/odm/2003">
 <defs><style type="text/css"><![CDATA[
    .str0 {{stroke:#2B2A29;stroke-width:20;stroke-miterlimit:22.9256}}
    .fil0 {{fill:none}}
 ]]></style></defs>
 <g id="Layer_x0020_1"><metadata id="CorelCorpID_0Corel-Layer"/>
  <polyline class="fil0 str0" points="1000,1000 2000,1000 "/></g>
</svg>
"""
INCH = 25.4
# what the sheet says: layers by their numbers, each with its label and its lines in mm; curves by their ends
PROGRAMS = {
    "Illustrator": (
        ILLUSTRATOR,
        {1: ("Red pen", [[INCH / 2, INCH / 2], [INCH, INCH / 2]]), 2: ("Layer_2", [[0, 0], [INCH, INCH]])},
    ),
    "Illustrator 9": (ILLUSTRATOR_9, {1: ("Layer_1", [[0, 0], [INCH, 0]])}),
    "Inkscape": (INKSCAPE, {2: ("2 arrows", [[10, 20], [30, 20]], [[40, 25], [60, 25]])}),
    "Affinity": (
        AFFINITY,
        {1: ("Blue pen", [[INCH, INCH], [2 * INCH, INCH]]), 2: (None, [[72 / PX, 48 / PX]] * 2)},
    ),
    "Figma": (FIGMA, {1: (None, [[0, INCH / 4], [INCH, INCH / 4]])}),
    "CorelDRAW": (CORELDRAW, {1: ("Layer 1", [[10, 10], [20, 10]])}),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_files_of_other_programs_are_read_for_what_they_show(plotsketch, tmp_path: Path, program: str) -> None:
    content, expected = PROGRAMS[program]
    path = tmp_path / "sheet.svg"
    path.write_text(content)
    document = read_sheet(path)
    assert sorted(document.layers) == sorted(expected)
    for number, (label, *lines) in expected.items():
        layer = document.layers[number]
        assert layer.property(vpype.METADATA_FIELD_NAME) == label
        ends = [vpype.as_vector(line)[[0, -1]] / PX for line in layer]
        np.testing.assert_allclose(ends, lines, atol=1e-3)
    done = plotsketch("optimize", path, "-o", tmp_path / "out.svg", "--effort", "fast")
    assert done.exit_code == 0, done.output
    assert "foreign object" not in done.stderr  # Illustrator's copy of the drawing for itself
