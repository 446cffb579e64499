"""The page of a run's report: plain HTML with our own style and a few lines of script in it.

All that comes from the user, names above all, goes through `_text`, `_words` or `_address`. A policy in the page's
head lets no other script run, and nothing be fetched but the previews beside it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from plotsketch import __version__
from plotsketch.clock import clock, counted

from .report import STATES, Entry, Report

MOST_SHEETS = 1000  # in the contact sheet; the table has them all
MOST_FAILURES = 200  # with their command lines, above the table
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # what HTML cannot say, or nobody can see
# The figures that people know by another name: the column's head, and how a value reads.
KNOWN: dict[str, tuple[str, Callable[[float], str]]] = {
    "ink_metres": ("ink", lambda metres: f"{metres:.2f} m"),
    "plot_seconds": ("plot time", clock),
}
UNSAID = ("finished",)  # drawings that came to an end: the notes tell where some did not

Previews = Mapping[str, str]


def page(report: Report, previews: Previews) -> str:
    """The whole page; ``previews`` has the address of a preview by its job's digest."""
    style, script = (Path(__file__).with_name(name).read_text("utf-8") for name in ("report.css", "report.js"))
    title = _text(report.title)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(script)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}: {counted(len(report.entries), 'job')}</title>\n<style>\n{style}</style>\n</head>\n<body>",
            f"<header>\n<h1><bdi>{title}</bdi></h1>",
            f'<p class="quiet">{counted(len(report.entries), "job")}, plotsketch {__version__}</p>\n</header>',
            *_figures(report),
            *_failures([entry for entry in report.entries if entry.state == "failed"]),
            *_sheets(report, previews),
            *_table(report),
            f"<script>\n{script}</script>\n</body>\n</html>\n",
        ]
    )


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode()
    # 'self' is the place of a page that a server hands out; one that was opened as a file has none
    return f"default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def _figures(report: Report) -> Iterator[str]:
    """The sums at the head of the page, and a bar with each state's share."""
    counts = {state: count for state, count in report.counts.items() if count or state in ("done", "failed")}
    yield '<dl class="figures">'
    for state, count in counts.items():
        yield f'<div class="{state}"><dt>{STATES[state]}</dt><dd>{count:,}</dd></div>'
    for name in KNOWN:
        total = report.total(name)
        if total is not None:
            yield f'<div class="plain"><dt>{_head(name)}</dt><dd>{_shown(name, total)}</dd></div>'
    yield f'<div class="plain"><dt>this run took</dt><dd>{_duration(report.seconds)}</dd></div>\n</dl>'
    bar = "".join(f'<span class="{state}" style="--share: {count}"></span>' for state, count in counts.items() if count)
    yield f'<div class="bar" aria-hidden="true">{bar}</div>'


def _failures(failed: list[Entry]) -> Iterator[str]:
    if not failed:
        return
    yield f'<section>\n<h2>Failed <small>{counted(len(failed), "job")}</small></h2>\n<ul class="failures">'
    for entry in failed[:MOST_FAILURES]:
        yield f"<li><strong>{_words(entry.name)}</strong> <span class='quiet'>line {entry.line} of the manifest</span>"
        yield f"<p>{_words(entry.error)}</p><code>{_text(entry.command)}</code></li>"
    yield "</ul>"
    if len(failed) > MOST_FAILURES:
        yield f'<p class="quiet">The first {MOST_FAILURES}; the table below has all of them with their reasons.</p>'
    yield "</section>"


def _sheets(report: Report, previews: Previews) -> Iterator[str]:
    """The contact sheet. Its pictures are fetched as they come into view."""
    shown = report.entries[:MOST_SHEETS]
    if not shown:
        return
    yield '<section>\n<h2>Sheets</h2>\n<div class="sheets">'
    for entry in shown:
        picture = previews.get(entry.digest)
        state = STATES[entry.state] if entry.state in ("failed", "waiting") else "no preview"
        inner = (
            f'<img src="{_address(picture)}" alt="{_text(entry.name)}" loading="lazy">'
            if picture is not None and entry.state in ("done", "skipped")
            else f'<span class="none {entry.state}">{state}</span>'
        )
        linked = f'<a href="{_address(entry.files[0])}">{inner}</a>' if entry.files else inner
        time = entry.figures.get("plot_seconds")
        below = "" if time is None else f"<span>{_shown('plot_seconds', time)}</span>"
        yield f'<figure><div class="frame">{linked}</div><figcaption>{_words(entry.name)}{below}</figcaption></figure>'
    yield "</div>"
    if len(report.entries) > MOST_SHEETS:
        of = f"{MOST_SHEETS:,} of {len(report.entries):,}"
        yield f'<p class="quiet">The first {of}; the table below has all of them.</p>'
    yield "</section>"


def _table(report: Report) -> Iterator[str]:
    figures = [name for name in KNOWN if name in report.figures]
    figures += [name for name in report.figures if name not in (*KNOWN, *UNSAID)]
    heads = [("number", "#"), ("", "name"), ("", "state")]
    heads += [("number", _head(name)) for name in figures]
    heads += [("number", "took"), ("plain", "files"), ("plain", "command line")]
    yield "<section>\n<h2>Jobs</h2>"
    yield '<p class="tools" hidden><input id="wanted" type="search" placeholder="Show the rows with ..." '
    yield 'aria-label="Show the rows with these letters"></p>\n<div class="wide"><table>\n<thead><tr>'
    yield "".join(f'<th scope="col" class="{kind}">{text}</th>' for kind, text in heads) + "</tr></thead>\n<tbody>"
    for entry in report.entries:
        yield _row(entry, figures)
    yield "</tbody>\n</table></div>\n</section>"


def _row(entry: Entry, figures: Iterable[str]) -> str:
    cells = [
        f'<td class="number" data-value="{entry.number}">{entry.number}</td>',
        f'<td class="name">{_words(entry.name)}</td>',
        f'<td class="state {entry.state}">{STATES[entry.state]}</td>',
        *(_number(entry.figures.get(name), partial(_shown, name)) for name in figures),
        _number(entry.seconds, _duration),
        f'<td class="result">{_result(entry)}</td>',
        f"<td><details><summary>line {entry.line}</summary><code>{_text(entry.command)}</code></details></td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _result(entry: Entry) -> str:
    """The files, or why there are none, and what the command remarked."""
    files = ", ".join(f'<a href="{_address(file)}">{_words(file)}</a>' for file in entry.files)
    notes = "".join(f'<span class="quiet">{_words(note)}</span>' for note in entry.notes)
    return (_words(entry.error) if entry.error else files) + notes


def _number(value: float | None, shown: Callable[[float], str]) -> str:
    if value is None:
        return '<td class="number" data-value=""></td>'
    return f'<td class="number" data-value="{value:.6g}">{shown(value)}</td>'


def _head(name: str) -> str:
    return KNOWN[name][0] if name in KNOWN else _text(name.replace("_", " "))


def _shown(name: str, value: float) -> str:
    return KNOWN[name][1](value) if name in KNOWN else f"{value:,.6g}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def _text(text: str) -> str:
    """As HTML's text or an attribute's value; signs that cannot stand there are shown by their numbers."""
    return html.escape(UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text))


def _words(text: str) -> str:
    """The same, kept from turning round the words beside it where it is written from right to left."""
    return f"<bdi>{_text(text)}</bdi>"


def _address(path: str) -> str:
    """A file's address from the page. Nothing in a name can make it another kind of address."""
    return f"./{quote(path, safe='/', errors='replace')}"
