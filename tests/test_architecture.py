"""The house keeps its shape: which package may import which, and how long a file may grow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "plotsketch"
LONGEST_FILE = 400

# Package -> (packages of ours, packages of others) that it may import, on top of the standard library and of
# the top-level modules, which hold what everybody needs (errors, files). Data flows down this table.
ARROWS: dict[str, tuple[set[str], set[str]]] = {
    "strokes": (set(), {"numpy", "svgelements"}),
    "latent": (set(), {"numpy"}),
    "model": ({"strokes"}, {"numpy", "torch", "safetensors"}),
    "training": ({"strokes", "model", "latent"}, {"numpy", "torch", "safetensors", "PIL"}),
    "art": ({"strokes", "model", "latent"}, {"numpy", "umap"}),
    "sheet": ({"strokes"}, {"numpy", "vpype", "scipy", "shapely"}),
    "lines": ({"strokes"}, {"numpy", "numba", "scipy", "vpype", "vpype_cli", "click", "shapely"}),
    "output": ({"strokes", "sheet", "lines"}, {"numpy", "vpype", "PIL", "pikepdf"}),
    "plotter": ({"lines", "output"}, {"numpy", "vpype", "serial"}),
    "api": ({"strokes", "latent", "model", "art", "sheet", "lines", "output", "plotter"}, {"numpy", "vpype"}),
    "batch": ({"strokes", "model", "art", "sheet", "lines", "output", "api"}, {"numpy", "vpype", "PIL", "distributed"}),
}

FILES = sorted(ROOT.rglob("*.py"))


def imports(path: Path, statements: Iterable[ast.AST] | None = None) -> set[str]:
    """Every module that a file imports, or that `statements` of it do, by its full dotted name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())) if statements is None else statements:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(path, node)
            # `from plotsketch import strokes` is an import of plotsketch.strokes.
            inner = {f"plotsketch.{alias.name}" for alias in node.names}
            found.update(inner if module == "plotsketch" else {module})
    return found


def absolute(path: Path, node: ast.ImportFrom) -> str:
    """The module of `from .packing import offsets` in full."""
    home = ("plotsketch", *path.relative_to(ROOT).parts)[: -node.level] if node.level else ()
    return ".".join((*home, *([node.module] if node.module else [])))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def packages() -> list[str]:
    return sorted({path.relative_to(ROOT).parts[0] for path in FILES if path.parent != ROOT})


def test_every_package_has_its_line_in_the_table() -> None:
    assert set(packages()) <= {*ARROWS, "cli"}


@pytest.mark.parametrize("package", [package for package in packages() if package in ARROWS])
def test_a_package_imports_only_what_it_may(package: str) -> None:
    ours, others = ARROWS[package]
    common = {path.stem for path in ROOT.glob("*.py")} | {"__version__"}
    for path in sorted((ROOT / package).rglob("*.py")):
        for module in imports(path):
            first, _, rest = module.partition(".")
            if first == "plotsketch":
                target = rest.split(".")[0]
                assert target in ours | common | {package}, f"{name_of(path)} imports {module}"
            else:
                assert first in others | sys.stdlib_module_names, f"{name_of(path)} imports {module}"


def test_only_the_command_line_prints() -> None:
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            calls_print = isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
            assert not calls_print, f"{name_of(path)}:{getattr(node, 'lineno', 0)} prints"


def test_command_modules_import_little_at_their_top() -> None:
    """The cost of `plotsketch COMMAND --help` is what a command's module imports before it runs."""
    for path in sorted((ROOT / "cli").glob("*.py")):
        at_top = ast.parse(path.read_text()).body
        outside = {name.split(".")[0] for name in imports(path, at_top)} - sys.stdlib_module_names
        assert outside <= {"click", "plotsketch"}, f"{name_of(path)} imports {outside} at its top"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_outgrows_its_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
