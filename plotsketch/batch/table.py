"""The jobs of one [[job]] table: its parameters multiplied, its templates filled."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from plotsketch.errors import UserError
from plotsketch.strokes.reference import near_names

from .commands import Rehearsed
from .expand import combinations, values_of
from .job import Job, Step, Word
from .template import Template, template

if TYPE_CHECKING:
    from .plan import Planner, Table

DEFAULT_OUTPUT = "{name}-{n:04}.svg"
STEPS = ("estimate", "convert", "optimize", "tile", "preview", "proof")
_PLAIN_NAME = re.compile(r"\w[\w.+=,@-]*")  # needs no second look
_OPTION = re.compile(r"--([a-z][a-z-]*)")


class BadTable(UserError):
    """A table with a mistake that has been told of."""


def jobs_of(planner: Planner, table: Table, command: str) -> list[Job]:
    """Raises UserError for what is wrong with the table as a whole; other mistakes go to the planner's faults, with
    their lines, and leave it without jobs."""
    try:
        maker = _Maker(planner, table, command)
        return list(maker.jobs())
    except BadTable:
        return []


class _Maker:
    def __init__(self, planner: Planner, table: Table, command: str) -> None:
        self.planner, self.table, self.command, self.data = planner, table, command, table.data
        self.name = str(self.data.get("name", command))
        self.known = planner.commands.options(command)
        self.combinations = self._combinations()
        self.options = planner.run_options(command) | self._own_options()
        self._number()
        self.arguments = self._templates("file" if planner.commands.reads_a_file(command) else "drawings", [])
        self.outputs = self._templates("output", planner.run.get("output", DEFAULT_OUTPUT))
        self.steps = self._steps()
        self.texts = {
            name: [self._made(item, "options", name) for item in (value if isinstance(value, list) else [value])]
            for name, value in self.options.items() if _is_template(value)
        }  # fmt: skip
        self._check_parameters()
        self.plain = self._words({name: v for name, v in self.options.items() if name not in self.texts})
        self.parsed: set[str] = set()

    def jobs(self) -> Iterator[Job]:
        scalars = {name: value for name, value in self.options.items() if not isinstance(value, list)}
        for n, combination in enumerate(self.combinations, start=1):
            values = {"name": self.name, "command": self.command, **scalars, **combination, "n": n}
            with self._told():
                yield self._job(values, combination)

    # What the table says.

    def _combinations(self) -> list[dict[str, Any]]:
        if "each" not in self.data and "zip" not in self.data:
            return [{}]
        ways: dict[str, dict[str, list[Any]]] = {"each": {}, "zip": {}}
        for way, found in ways.items():
            for name, value in self.data.get(way, {}).items():
                with self._told(way, name):
                    if name in ways["each"]:
                        raise UserError(f"{name} stands in each and in zip; leave one out")
                    found[name] = values_of(name, value)
        with self._told("zip" if ways["zip"] else "each"):
            return combinations(ways["each"], ways["zip"])
        raise AssertionError

    def _own_options(self) -> dict[str, Any]:
        options = dict(self.data.get("options", {}))
        if "preset" in self.data:
            options["preset"] = self.data["preset"]
        for way in ("each", "zip"):
            for name in options.keys() & self.data.get(way, {}).keys():
                with self._told(way, name):
                    raise UserError(f"{name} stands in options and in {way}; leave one out")
        return options

    def _number(self) -> None:
        """Gives an edition's sheets their numbers, and seeds to sheets that nothing else tells apart."""
        edition = self.data.get("edition", False)
        if edition is False:
            return
        with self._told("edition"):
            if "edition" not in self.known:
                raise UserError(f"{self.command} numbers no sheets; leave edition out")
            if "edition" in self.options or "edition" in self.combinations[0]:
                raise UserError("edition stands in the options too; leave one out")
            if edition is not True and len(self.combinations) == 1 and edition > 1:
                first = self.options.pop("seed", 1)
                seeds = values_of("seed", {"from": first, "to": first + edition - 1})
                self.combinations = [{**self.combinations[0], "seed": seed} for seed in seeds]
            total = len(self.combinations)
            if edition is not True and edition != total:
                raise UserError(f"edition = {edition}, and the parameters make {total:,}; write edition = true")
            self.combinations = [{**c, "edition": f"{n}/{total}"} for n, c in enumerate(self.combinations, start=1)]

    def _templates(self, key: str, default: Any) -> list[Template]:
        value = self.data.get(key, default)
        if key in ("drawings", "file") and (other := {"drawings": "file", "file": "drawings"}[key]) in self.data:
            with self._told(other):
                raise UserError(f"{self.command} takes {key}, not {other}")
        return [self._made(item, key) for item in (value if isinstance(value, list) else [value])]

    def _made(self, text: Any, *path: str) -> Template:
        with self._told(*path):
            if not isinstance(text, str):
                raise UserError(f"{text!r} is no text")
            return template(text)
        raise AssertionError

    def _check_parameters(self) -> None:
        """Raises for a parameter that nothing takes: a slip of the keys."""
        if "each" not in self.data and "zip" not in self.data:
            return
        templates = [*self.arguments, *self.outputs, *(t for texts in self.texts.values() for t in texts)]
        templates += [t for step in self.steps for t in step.templates]
        used = {field for text in templates for field in text.fields}
        for way in ("each", "zip"):
            for name in self.data.get(way, {}):
                if name not in self.known and name not in used:
                    with self._told(way, name):
                        near = near_names(name, self.known, limit=1)
                        hint = f"did you mean '{near[0]}'?" if near else f"or put {{{name}}} into a template"
                        raise UserError(f"{self.command} has no option '{name}'; {hint}")

    # A job.

    def _job(self, values: Mapping[str, Any], combination: Mapping[str, Any]) -> Job:
        varied = {name: value for name, value in combination.items() if name in self.known}
        for name, templates in self.texts.items():
            filled = [text.fill(values) for text in templates]
            varied[name] = filled if isinstance(self.options[name], list) else filled[0]
        options = {**self.plain, **self._words(varied)}
        outputs = tuple(self._file_name(text, values) for text in self.outputs)
        job = Job(
            name=posixpath.splitext(outputs[0])[0],
            number=len(self.planner.jobs) + values["n"],
            line=self.table.line(),
            command=self.command,
            arguments=tuple(text.fill(values) for text in self.arguments),
            options=options,
            outputs=outputs,
            steps=tuple(step.made(self, values, outputs) for step in self.steps),
            values=combination,
        )
        return self._with_inputs(job)

    def _words(self, options: Mapping[str, Any]) -> dict[str, Word]:
        found = {}
        for name, value in options.items():
            with self._told(*self._where(name)):
                if (word := self.planner.value(self.command, name, value)) is not None:
                    found[word[0]] = word[1]
        return found

    def _where(self, name: str) -> tuple[str, ...]:
        """The path to an option, wherever it stands."""
        if name == "preset" and "preset" in self.data:
            return ("preset",)
        return next((way for way in ("each", "zip") if name in self.data.get(way, {})), "options"), name

    def _file_name(self, text: Template, values: Mapping[str, Any]) -> str:
        with self._told("output"):
            name = text.fill(values, as_name=True)
            if _PLAIN_NAME.fullmatch(name):  # as nearly all are, of thousands
                return name
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\\" in name or not path.name or name.endswith("/"):
                raise UserError(f"'{name}' is no file in the run's folder; take one such as {{name}}-{{seed:04}}.svg")
            return str(path)
        raise AssertionError

    def _with_inputs(self, job: Job) -> Job:
        """The job with the model that draws it and with what it hangs on."""
        inputs = self.planner.inputs
        draws = self.planner.commands.draws(self.command)
        found: dict[str, str] = {}
        path = model = ""
        rehearsed = self._rehearsed(job)
        if draws:
            with self._told("drawings"):
                model = str(
                    job.options.get("model") or rehearsed.model or inputs.of_model(job.arguments, rehearsed.usual)
                )
            with self._told(*self._where("model")):
                path, found["model"] = inputs.model(model)[:2]
        with self._told("drawings" if draws else "file"):
            for word in job.arguments:
                found |= inputs.drawing(word, model) if draws else {word: inputs.file(word)}
        found |= self._files_named(job)
        found["settings"] = rehearsed.settings
        cells = _product(job.options.get("rows"), job.options.get("cols")) or rehearsed.cells
        return replace(job, model=path, cells=cells, inputs=found)

    def _rehearsed(self, job: Job) -> Rehearsed:
        try:
            return self.planner.rehearsed(job)
        except UserError as error:
            near = next((name for name in _OPTION.findall(str(error)) if name in job.options), None)
            about_a_file = any(name in str(error) for name in job.outputs)
            path = self._where(near) if near else ("output",) if about_a_file else ()
            self.planner.faults.add(self._line(*path), str(error))
            raise BadTable from error

    def _files_named(self, job: Job) -> dict[str, str]:
        """Digests of files that options name: a machine, a preset, a palette of the user's own."""
        words = [word for value in job.options.values() if not isinstance(value, bool) for word in _items(value)]
        named = [word for word in words if "." in word and os.path.isfile(word)]
        return {word: self.planner.inputs.file(word) for word in named}

    # Steps.

    def _steps(self) -> list[_StepPlan]:
        said = self.data.get("steps", [])
        found = []
        for item in [said] if isinstance(said, str) else said:
            with self._told("steps"):
                if isinstance(item, str) and self.known.get(item) == "flag":
                    self.options[item] = True
                else:
                    found.append(_StepPlan(self, item))
        return found

    # Mistakes.

    def _told(self, *path: str) -> _Told:
        return _Told(self, path)

    def _line(self, *path: str) -> int:
        """Of a key in the table, or in [run] where that has said it."""
        if path and not _has(self.data, path) and _has(self.planner.run, path):
            return self.table.lines.at("run", *path)
        return self.table.line(*path)


class _Told:
    """A UserError inside goes to the faults with the line of a key, and ends the table."""

    __slots__ = ("maker", "path")

    def __init__(self, maker: _Maker, path: tuple[str, ...]) -> None:
        self.maker, self.path = maker, path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, UserError) and not isinstance(error, BadTable):
            self.maker.planner.faults.add(self.maker._line(*self.path), str(error))
            raise BadTable from error


class _StepPlan:
    """A step as the manifest has it: a command's name, or a table with its options beside it."""

    def __init__(self, maker: _Maker, said: Any) -> None:
        table = {"command": said} if isinstance(said, str) else said
        commands = maker.planner.commands
        command = table.get("command") if isinstance(table, dict) else None
        if not isinstance(command, str) or not commands.reads_a_file(command):
            flags = [name for name, kind in maker.known.items() if kind == "flag"]
            near = near_names(str(command), [*STEPS, *flags], limit=1)
            hint = (
                f"did you mean '{near[0]}'?" if near else f"there are {', '.join(STEPS)}, and flags of {maker.command}"
            )
            raise UserError(f"'{command or said}' is no step: {hint}")
        self.command = command
        self.options = {name: value for name, value in table.items() if name not in ("command", "output", "file")}
        outputs = table.get("output", [])
        self.outputs = [template(str(text)) for text in (outputs if isinstance(outputs, list) else [outputs])]
        self.file = template(str(table["file"])) if "file" in table else None

    @property
    def templates(self) -> list[Template]:
        return [*self.outputs, *([self.file] if self.file else [])]

    def made(self, maker: _Maker, values: Mapping[str, Any], files: tuple[str, ...]) -> Step:
        outputs = tuple(maker._file_name(text, values) for text in self.outputs)
        with maker._told("steps"):
            words = [maker.planner.value(self.command, name, value) for name, value in self.options.items()]
            file = files[0] if self.file is None else self.file.fill(values, as_name=True)
            step = Step(self.command, dict(word for word in words if word is not None), outputs, file)
            if file in outputs:
                raise UserError(f"{self.command} would write over '{file}', which it reads; give it another output")
            if repr(self) not in maker.parsed:
                maker.planner.commands.parse(step.words(Path()))
                maker.parsed.add(repr(self))
            return step
        raise AssertionError


def _is_template(value: Any) -> bool:
    return any(isinstance(item, str) and ("{" in item or "}" in item) for item in _items(value))


def _items(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _has(table: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    return path[0] in table and (len(path) == 1 or path[1] in table[path[0]])


def _product(rows: Any, cols: Any) -> int:
    return int(rows) * int(cols) if rows and cols else 0
