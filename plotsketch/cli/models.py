"""``plotsketch models``: what models there are, what one is, and public weights made into one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, note, output_option, report
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.model.catalogue import Entry

CELL_TITLES = {"lstm": "LSTM", "layer_norm": "layer-norm LSTM", "hyper": "HyperLSTM"}
NO_LATENT = "none: a decoder alone draws at random; it cannot encode, interpolate or draw a named drawing"
WIDTH = 96
SHOWN = 12  # entries of a long table in `models info`; --json has all


@click.group()
def models() -> None:
    """List, inspect and import trained models.

    A model is one .safetensors file. Commands that draw take its name or its path.
    """


@models.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """List the models that ship with plotsketch and your own.

    \b
    Example:
      plotsketch models list
    """
    from plotsketch.model import catalogue

    rows = [_row(entry) for entry in catalogue.list_all()]
    report({"models": rows}, as_json, _table(rows))
    if not rows and not as_json:
        note(f"No models yet; your own are kept in {catalogue.user_folder()}")


@models.command()
@click.argument("model")
@json_option
def info(model: str, as_json: bool) -> None:
    """Show what MODEL (a name or a path) is, what it was trained on and how well it does.

    \b
    Examples:
      plotsketch models info catpig
      plotsketch models info ./mine.safetensors --json
    """
    from plotsketch.model import catalogue

    facts = _facts(catalogue.find(model))
    report(facts, as_json, _info_lines(facts))


@models.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@output_option("Checkpoint file to write (.safetensors).", required=False)
@click.option("--name", help="Keep it among your own models under this name (default: the name in FILE).")
@click.option("--scale-factor", type=float, help="Data units per model unit; a TensorFlow checkpoint does not hold it.")
@click.option(
    "--pixel-factor", type=float, help="What a JSON file's scale factor is divided by; 2 for the public models."
)
@click.option("--force", is_flag=True, help="Replace a model of your own that has the same name.")
@json_option
def import_model(
    file: Path,
    output: Path | None,
    name: str | None,
    scale_factor: float | None,
    pixel_factor: float | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn public sketch-rnn weights into a model of plotsketch.

    FILE is a sketch-rnn-js model (JSON, "gen" or "vae") or a TensorFlow checkpoint of Magenta's sketch_rnn: its
    folder or its .index file. Weights are kept at full precision.

    \b
    Examples:
      plotsketch models import dog.gen.json
      plotsketch models import aaron_sheep/lstm --scale-factor 18.52 --name sheep
    """
    from plotsketch.model import catalogue, checkpoint, importers

    _check_target(output, name, force)
    model = importers.import_model(file, scale_factor=scale_factor, pixel_factor=pixel_factor, name=name)
    target = output or catalogue.path_for(model.name)
    if output is None:
        _check_free(model.name, force)
    digest = checkpoint.save(model, target, half=False)
    latent = model.config.latent_size if model.config.conditional else None
    results = {"path": target, "name": model.name, "digest": digest, "latent_size": latent}
    report(results, as_json, [str(target)])
    if latent is None:
        note(f"'{model.name}' has no latent space: it draws at random and cannot encode or interpolate.")


def _check_target(output: Path | None, name: str | None, force: bool) -> None:
    """Says what is wrong with where the model is to go before it is read."""
    from plotsketch.files import check_writable
    from plotsketch.model import catalogue

    if output is not None:
        if output.suffix != catalogue.SUFFIX:
            raise click.BadParameter(f"{output} does not end in {catalogue.SUFFIX}", param_hint="--output")
        check_writable(output)
    elif name is not None:
        catalogue.path_for(name)
        _check_free(name, force)


def _check_free(name: str, force: bool) -> None:
    from plotsketch.model import catalogue

    for entry in catalogue.list_all():
        if entry.name == name and (entry.shipped or not force):
            mend = "choose another with --name" + ("" if entry.shipped else ", or replace it with --force")
            whose = "a model that ships with plotsketch" if entry.shipped else "a model of yours"
            raise UserError(f"'{name}' is {whose} ({entry.path}); {mend}")


def _row(entry: Entry) -> dict[str, Any]:
    """What `models list` says of one model; a file that cannot be read is listed with what is wrong with it."""
    row: dict[str, Any] = {"name": entry.name, "path": entry.path, "shipped": entry.shipped}
    try:
        facts = _facts(entry.path)
    except UserError as error:
        return row | {"error": str(error)}
    kept = ("digest", "parameters", "latent_size", "config", "bytes")
    return row | {key: facts[key] for key in kept} | {"classes": len(facts["classes"])}


def _facts(path: Path) -> dict[str, Any]:
    from plotsketch.model.header import digest, read_head

    head = read_head(path)
    about = head.about
    return {
        "name": about["name"],
        "path": path,
        "digest": digest(path),
        "bytes": head.length,
        "format": about["format"],
        "description": about["description"],
        "licence": about["licence"],
        "config": head.config.to_dict(),
        "parameters": head.parameters,
        "latent_size": head.config.latent_size if head.config.conditional else None,
        "scale_factor": about["scale_factor"],
        "classes": about["classes"],
        "landmarks": about["landmarks"],
        "training": about["training"],
        "evaluation": about["evaluation"],
    }


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The rows as aligned columns under a heading."""
    if not rows:
        return
    cells = [("NAME", "FROM", "NETWORK", "LATENT", "CLASSES", "SIZE", "DIGEST"), *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells if len(row) > 3) for column in range(7)]
    widths[0] = max(len(row[0]) for row in cells)
    for row in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip()


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    origin = "shipped" if row["shipped"] else "yours"
    if "error" in row:
        return (row["name"], origin, row["error"])
    return (
        row["name"],
        origin,
        _decoder(row["config"]),
        str(row["latent_size"] or "none"),
        str(row["classes"] or "-"),
        _size(row["bytes"]),
        row["digest"],
    )


def _decoder(config: dict[str, Any]) -> str:
    return f"{CELL_TITLES[config['decoder_cell']]} {config['decoder_size']}"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _info_lines(facts: dict[str, Any]) -> Iterator[str]:
    config, latent = facts["config"], facts["latent_size"]
    encoder = f"{CELL_TITLES[config['encoder_cell']]} {config['encoder_size']}, both ways; " if latent else ""
    rows = {
        "Model": f"{facts['name']}  {facts['digest']}",
        "File": f"{facts['path']} ({_size(facts['bytes'])}, format {facts['format']})",
        "About": facts["description"],
        "Licence": facts["licence"] or "not stated",
        "Network": f"{encoder}decoder {_decoder(config)}, {config['mixtures']} mixtures",
        "Parameters": f"{facts['parameters']:,}",
        "Latent space": f"{latent} dimensions" if latent else NO_LATENT,
        "Scale factor": f"{facts['scale_factor']:g} data units per model unit",
        "Longest drawing": f"{config['max_points']} points",
        "Classes": _names(facts["classes"]),
        "Landmarks": _names(facts["landmarks"]),
    }
    for title, text in rows.items():
        if text:
            yield from _entry(title, text)
    for section in ("training", "evaluation"):
        if facts[section]:
            yield section.capitalize()
            yield from _tree(facts[section], "  ")


def _entry(title: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"{title:<17}", subsequent_indent=" " * 17)


def _names(names: list[str]) -> str:
    if len(names) <= 4 * SHOWN:
        return ", ".join(names)
    return ", ".join(names[: 4 * SHOWN]) + f" and {len(names) - 4 * SHOWN} more (--json lists all)"


def _tree(values: dict[str, Any], indent: str) -> Iterator[str]:
    """Nested figures, one a line, deeper ones further in; long tables are cut."""
    width = max(len(key) for key in values)
    for key, value in list(values.items())[:SHOWN]:
        if isinstance(value, dict) and value:
            yield f"{indent}{key}"
            yield from _tree(value, indent + "  ")
        else:
            yield f"{indent}{key:<{width}}  {_value(value)}"
    if len(values) > SHOWN:
        yield f"{indent}and {len(values) - SHOWN} more (--json lists all)"


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
