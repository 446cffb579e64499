"""What jobs hang on beside their words: models, drawings in files, cells of sheets, kept landmarks, presets."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from pathlib import Path

from plotsketch.api.model import DEFAULT_MODEL, model_for
from plotsketch.art.inputs import expand
from plotsketch.art.landmark_library import Landmark, read_library
from plotsketch.art.provenance import file_digest
from plotsketch.errors import UserError
from plotsketch.model import catalogue
from plotsketch.model.header import digest, read_header
from plotsketch.strokes.reference import CellRef, ClassRef, FileRef, NameRef, near_names, parse_reference

_WEIGHT = re.compile(r"(.+)\*\d+(\.\d+)?")  # of a pattern's motifs: cat-head*3


class Inputs:
    """Looks each thing up once, however many jobs ask for it. Paths are those from the working directory."""

    def __init__(self) -> None:
        self.model = functools.cache(self._model)
        self.drawing = functools.cache(self._drawing)
        self.file = functools.cache(_file)
        self._references = functools.cache(_references)
        self._near = functools.cache(_own_model)

    def of_model(self, words: Sequence[str], usual: str) -> str:
        """The model that draws where none is named, ``usual`` where none of the drawings was drawn before.

        Raises UserError as ``api.model.model_for``.
        """
        for word in words:
            for reference in self._references(word):
                if model := self._near(reference):
                    return model
        return usual or DEFAULT_MODEL

    def _model(self, name: str) -> tuple[str, str, frozenset[str], frozenset[str]]:
        """Path and digest of a model, its landmarks and its classes. Raises UserError where there is none."""
        path = catalogue.find(name)
        about = read_header(path)
        return str(path), digest(path), frozenset(about["landmarks"]), frozenset(about["classes"])

    def _drawing(self, word: str, model: str) -> dict[str, str]:
        """Digests of all that a drawing on the command line hangs on but the model.

        Raises UserError for a file that is not there and for a name or a class that nobody knows.
        """
        found: dict[str, str] = {}
        for reference in self._references(word):
            match parse_reference(reference):
                case FileRef(path) | CellRef(path):
                    found[str(path)] = self.file(str(path))
                case NameRef(name):
                    found |= self._name(name, model)
                case ClassRef(name):
                    _known(name, self.model(model)[3], f"model '{model}' knows no class '{name}'", "class:")
        return found

    @functools.cached_property
    def _library(self) -> dict[str, Landmark]:
        return read_library()

    def _name(self, name: str, model: str) -> dict[str, str]:
        landmarks = self.model(model)[2]
        if name in self._library:
            return {name: self._library[name].identity}
        _known(name, landmarks | self._library.keys(), f"neither you nor model '{model}' know '{name}'")
        return {}


def _known(name: str, choices: frozenset[str], unknown: str, prefix: str = "") -> None:
    if name not in choices:
        near = [prefix + other for other in near_names(name, choices)]
        raise UserError(unknown + (f"; did you mean {' or '.join(near)}?" if near else ""))


def _references(word: str) -> tuple[str, ...]:
    """The single drawings that a word stands for; what is no file of that name may have a weight."""
    weight = None if os.path.exists(word) else _WEIGHT.fullmatch(word)
    return expand([weight[1] if weight else word])


def _own_model(reference: str) -> str:
    """The model that drew a reference which was drawn before; "" for others."""
    drawn_before = isinstance(parse_reference(reference), CellRef | NameRef)
    model = str(model_for([reference])) if drawn_before else DEFAULT_MODEL
    return "" if model == DEFAULT_MODEL else model


def _file(path: str) -> str:
    return file_digest(Path(path))
