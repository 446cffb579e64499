"""From data to a checkpoint that ships, without hands: import, train, evaluate, landmarks, model card, pictures.

    python checkpoints/make.py NAME [--data FOLDER] [--runs FOLDER] [--processes 2]

``checkpoints/recipes/NAME.toml`` says it all: the classes of the training set, the phases of training (each goes on
from the one before) and what the card is to say. A run that was stopped goes on where it was. Drawings are taken from
--data, which holds Quick, Draw! classes as ``cat.ndjson.gz`` or ``cat.ndjson``; those that it lacks are fetched into
--runs. ``checkpoints/ship.py`` does the last part, and can be called alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="a recipe's name")
    parser.add_argument("--data", type=Path, default=Path("quickdraw"), help="folder of Quick, Draw! classes")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for training sets and runs")
    parser.add_argument("--processes", type=int, default=1, help="processes that train together, a thread each")
    asked = parser.parse_args()
    recipe = recipe_of(asked.name)
    data = training_set(recipe, asked.data, asked.runs)
    run = trained(recipe, data, asked.runs, asked.processes)
    from ship import main as ship

    ship(str(HERE / "recipes" / f"{asked.name}.toml"), str(run), str(data))


def recipe_of(name: str) -> dict[str, Any]:
    path = HERE / "recipes" / f"{name}.toml"
    if not path.is_file():
        sys.exit(f"no recipe '{name}'; there are {', '.join(sorted(p.stem for p in path.parent.glob('*.toml')))}")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def training_set(recipe: Mapping[str, Any], source: Path, runs: Path) -> Path:
    """The recipe's training set, made unless it is there."""
    target = runs / f"{recipe['name']}.npz"
    if not target.exists():
        wanted = recipe["set"]
        files = [drawings(word, source, runs / "fetched") for word in wanted.get("classes", ())]
        files += [path for pattern in wanted.get("files", ()) for path in others(pattern, source)]
        files = files or sorted(source.glob("*.ndjson*"))
        plotsketch("data", "import", *files, *import_options(recipe), "-o", target)
    return target


def others(pattern: str, source: Path) -> list[Path]:
    """Files of other collections, in --data or beside it."""
    found = sorted(source.glob(pattern)) or sorted(source.resolve().parent.glob(pattern))
    if not found:
        sys.exit(f"no {pattern} in {source} or beside it; put the files there, or name another folder by --data")
    return found


def drawings(word: str, source: Path, fetched: Path) -> Path:
    """The file of a class, fetched where neither folder has it."""
    names = [folder / f"{word}{suffix}" for folder in (source, fetched) for suffix in (".ndjson.gz", ".ndjson")]
    for path in names:
        if path.is_file():
            return path
    plotsketch("data", "fetch", word, "--to", fetched)
    return names[-1]


def trained(recipe: Mapping[str, Any], data: Path, runs: Path, processes: int) -> Path:
    """The checkpoint of the recipe's last phase, all phases trained as far as they are not."""
    before: Path | None = None
    for folder, options in phases(recipe, runs):
        done = folder / f"{folder.name}.safetensors"
        if not (folder / "finished").exists():
            begun = (folder / "state.safetensors").exists()
            words = ["--resume"] if begun else [*options, *(["--init", str(before)] if before else [])]
            plotsketch("train", data, "--folder", folder, *words, processes=processes)
            (folder / "finished").touch()
        before = done
    assert before is not None, "a recipe has at least one [[train]]"
    return before


def phases(recipe: Mapping[str, Any], runs: Path) -> list[tuple[Path, list[str]]]:
    """A folder and the options of `plotsketch train` for each ``[[train]]``; the last is called as the model is."""
    tables, name = recipe["train"], recipe["name"]
    folders = [runs / (name if k == len(tables) - 1 else f"{name}-{k + 1}") for k in range(len(tables))]
    return [
        (folder, [word for key, value in table.items() for word in (f"--{key.replace('_', '-')}", str(value))])
        for folder, table in zip(folders, tables, strict=True)
    ]


def import_options(recipe: Mapping[str, Any]) -> list[str]:
    options = {key: value for key, value in recipe["set"].items() if key not in ("classes", "files")}
    given = [(key, one) for key, value in options.items() for one in (value if isinstance(value, list) else [value])]
    return [word for key, value in given for word in (f"--{key.replace('_', '-')}", str(value))]


def commands(recipe: Mapping[str, Any]) -> list[str]:
    """The command lines that the recipe stands for, as a person would type them."""
    classes = recipe["set"].get("classes", ())
    files = " ".join([
        *(f"'quickdraw/{word}.ndjson.gz'" if " " in word else f"quickdraw/{word}.ndjson.gz" for word in classes),
        *recipe["set"].get("files", ()),
    ])
    data = f"runs/{recipe['name']}.npz"
    lines = [
        " ".join(["plotsketch data import", files or "quickdraw/*.ndjson.gz", *import_options(recipe), "-o", data])
    ]
    before = ""
    for folder, options in phases(recipe, Path("runs")):
        init = ["--init", f"{before}"] if before else []
        lines.append(" ".join(["plotsketch train", data, "--folder", str(folder), *options, *init]))
        before = str(folder / f"{folder.name}.safetensors")
    return lines


def plotsketch(*words: object, processes: int = 1) -> None:
    """Runs a command of ours; ends this program where that fails."""
    launcher = ["-m", "plotsketch"]
    environment = os.environ
    if processes > 1:
        launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes), *launcher]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, *launcher, *map(str, words)]
    print("$ plotsketch", *words, flush=True)
    if code := subprocess.run(command, env=environment, check=False).returncode:
        sys.exit(code)


if __name__ == "__main__":
    main()
