"""The report of a run: what it says, that names cannot break it, and that it works in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from webdriver import browser

from plotsketch.batch.preview import LONGER_SIDE, PREVIEWS, save_preview
from plotsketch.batch.report import Entry, Report, write_report

NASTY = "</script><script>window.hacked = 1</script>\"'><img src=x onerror='window.hacked = 1'>&amp;\u202e"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100mm" height="50mm" viewBox="0 0 100 50">'
    '<path d="M10 10 L90 40" stroke="red" fill="none"/></svg>'
)


def entry(number: int, state: str = "done", **said: object) -> Entry:
    name = f"sheet-{number:02}"
    facts = {"figures": {"ink_metres": number / 4, "plot_seconds": 100.0 * (number % 3), "cells": 4}, "seconds": 0.5}
    made = Entry(
        number=number, name=name, line=9, command=f"plotsketch grid --seed={number} --output={name}.svg -- a b",
        state=state, files=(f"{name}.svg",), digest=f"{number:016x}",
    )  # fmt: skip
    return replace(made, **({**facts, **said} if state != "waiting" else {"files": ()} | said))


def four() -> list[Entry]:
    failed = {"error": "no landmark 'ct-head'; did you mean cat-head?", "files": (), "figures": {}}
    return [entry(1), entry(2, "skipped"), entry(3, "failed", **failed), entry(4, "waiting")]


class Page(HTMLParser):
    """A page as a reader of HTML has it: the text, the rows of the table, and all elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_both_files_say_what_became_of_every_job(tmp_path: Path) -> None:
    data, shown = write_report(Report("postcards", four(), 12.3456), tmp_path)
    said = json.loads(data.read_text())
    assert said["jobs"] == {"done": 1, "skipped": 1, "failed": 1, "waiting": 1}
    assert said["totals"] == {"cells": 8.0, "ink_metres": 0.75, "plot_seconds": 300.0}
    assert said["seconds"] == 12.346
    assert [job["state"] for job in said["entries"]] == ["done", "skipped", "failed", "waiting"]
    assert said["entries"][2]["error"] == "no landmark 'ct-head'; did you mean cat-head?"
    page = Page(shown.read_text("utf-8"))
    assert [row[2] for row in page.rows[1:]] == ["done", "already there", "failed", "not begun"]
    assert "0.75 m" in page.text and "5:00" in page.text
    assert page.text.count("did you mean cat-head?") == 2, "above the table and in it"
    assert page.text.count("plotsketch grid --seed=1 --output=sheet-01.svg -- a b") == 1


def test_the_order_in_which_jobs_were_done_is_not_seen(tmp_path: Path) -> None:
    for name, entries in (("one", four()), ("other", four()[::-1])):
        write_report(Report("postcards", entries, 1.0), tmp_path / name)
    for file in ("report.html", "report.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


file_names = st.text(min_size=1, max_size=30) | st.sampled_from(
    [NASTY, "javascript:alert(1)", "//elsewhere/x", "a#?%20"]
)
words = file_names | st.sampled_from(["", "\x00\ud800"])


@given(name=words, file=file_names, command=words, error=words, title=words)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_changes_the_page(tmp_path: Path, name: str, file: str, command: str, error: str, title: str) -> None:
    plain = Page(write_report(Report("x", four()[1:3], 1.0), tmp_path)[1].read_text("utf-8"))
    said = {"name": name, "command": command}
    entries = [replace(four()[1], files=(file,), **said), replace(four()[2], error=error or "x", **said)]
    data, shown = write_report(Report(title, entries, 1.0), tmp_path)
    page = Page(shown.read_text("utf-8"))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    for link in page.all("a"):
        there = urlsplit(str(link["href"]))
        assert (there.scheme, there.netloc, there.query, there.fragment) == ("", "", "", "")
        assert unquote(there.path).removeprefix("./") == file
    assert json.loads(data.read_text())["entries"][0]["name"] == name


def test_ten_thousand_jobs_make_a_page_that_opens(tmp_path: Path) -> None:
    data, shown = write_report(Report("many", [entry(number) for number in range(1, 10_001)], 1.0), tmp_path)
    text = shown.read_text("utf-8")
    assert text.count("<tr>") == 10_001
    assert text.count("<figure>") == 1000
    assert "The first 1,000 of 10,000; the table below has all of them." in text
    assert shown.stat().st_size < 10_000_000
    assert len(json.loads(data.read_text())["entries"]) == 10_000


def test_previews_are_made_of_whatever_a_job_wrote_and_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG)
    Image.new("RGBA", (2000, 1000)).save(tmp_path / "b.png")
    (tmp_path / "c.svg").write_text("<svg broken")
    (tmp_path / "d.txt").write_text("no sheet")
    for name in ("a.svg", "b.png", "c.svg", "d.txt"):
        save_preview(tmp_path, name[0], [tmp_path / name])
    save_preview(tmp_path, "e", [tmp_path / "b.png", tmp_path / "c.svg", tmp_path / "none.svg"])
    made = {path.stem: path for path in (tmp_path / PREVIEWS).iterdir()}
    assert sorted(made) == ["a", "b", "e"]
    pictures = {name: Image.open(path).convert("RGB") for name, path in made.items()}
    assert all(picture.size == (LONGER_SIDE, LONGER_SIDE // 2) for picture in pictures.values())
    assert pictures["a"].getpixel((160, 80)) == (255, 0, 0), "the line, in its colour"
    assert pictures["b"].getpixel((160, 80)) == (255, 255, 255), "nothing on white paper"
    write_report(Report("x", [entry(1, digest="a")], 1.0), tmp_path)
    assert [path.stem for path in (tmp_path / PREVIEWS).iterdir()] == ["a"]


def test_a_run_leaves_its_report(tmp_path: Path, plotsketch: Callable[..., Result]) -> None:
    (tmp_path / "run.toml").write_text(
        '[[job]]\nname = "cats"\ncommand = "grid"\ndrawings = ["cat-head", "pig-full"]\nsteps = ["estimate"]\n'
        "options = { rows = 1, cols = 2, best-of = 1 }\neach = { seed = [1, 2] }\n"
    )
    first = plotsketch("batch", tmp_path / "run.toml", "--jobs", "1")
    assert first.exit_code == 0, first.output
    said = json.loads((tmp_path / "run" / "report.json").read_text())
    assert said["jobs"] == {"done": 2, "skipped": 0, "failed": 0, "waiting": 0}
    assert said["totals"]["ink_metres"] > 0 and said["totals"]["plot_seconds"] > 0
    page = Page((tmp_path / "run" / "report.html").read_text("utf-8"))
    for place in [*(image["src"] for image in page.all("img")), *(link["href"] for link in page.all("a"))]:
        assert (tmp_path / "run" / str(place)).is_file()
    assert len(page.all("img")) == 2
    plotsketch("batch", tmp_path / "run.toml")
    again = json.loads((tmp_path / "run" / "report.json").read_text())
    assert again["jobs"] == {"done": 0, "skipped": 2, "failed": 0, "waiting": 0}
    assert [job["figures"] for job in again["entries"]] == [job["figures"] for job in said["entries"]]


def test_the_page_works_in_a_real_browser(tmp_path: Path) -> None:
    run = tmp_path / NASTY.replace("/", "%").replace("\u202e", "#")
    run.mkdir()
    entries = [*four(), entry(10, name=NASTY, command=NASTY), entry(11, "failed", error=NASTY, name=NASTY)]
    for made in entries:
        (run / f"sheet-{made.number:02}.svg").write_text(SVG)
        save_preview(run, made.digest, [run / f"sheet-{made.number:02}.svg"])
    _, page = write_report(Report(NASTY, entries, 1.0), run)
    with browser(tmp_path) as window:
        window.open(page)
        numbers = (
            "return [...document.querySelectorAll('tbody tr')].filter(r => !r.hidden).map(r => +r.cells[0].innerText)"
        )
        assert window.run(numbers) == [1, 2, 3, 4, 10, 11]
        window.click("th:nth-child(4) button")  # ink: unknown ones come last
        assert window.run(numbers) == [1, 2, 10, 11, 3, 4]
        window.click("th:nth-child(4) button")
        assert window.run(numbers)[:2] == [11, 10]
        window.click("th:nth-child(1) button")
        window.type("#wanted", "CT-HEAD")
        assert window.run(numbers) == [3]
        wide = "return [...document.images].map(i => i.naturalWidth)"
        assert window.run(wide) == [LONGER_SIDE] * 3
        assert window.run("return document.images[0].closest('a').pathname").endswith("sheet-01.svg")
        assert window.run("return document.documentElement.scrollWidth <= innerWidth")
        assert window.run("return typeof window.hacked") == "undefined"
        assert window.run("return document.title").startswith("</script>")
        assert window.complaints() == []
        picture = tmp_path / "page.png"
        picture.write_bytes(window.screenshot())
        assert len(set(Image.open(picture).convert("RGB").resize((60, 80)).get_flattened_data())) > 20, "not empty"


def test_a_disk_that_is_full_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plotsketch.errors import UserError

    _, shown = write_report(Report("old", four(), 1.0), tmp_path)
    before = shown.read_bytes()
    monkeypatch.setattr("os.fsync", _full)
    with pytest.raises(UserError, match="cannot write .*No space left"):
        write_report(Report("new", four(), 1.0), tmp_path)
    assert shown.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.html", "report.json"]


def _full(_file: int) -> None:
    raise OSError(28, "No space left on device")
