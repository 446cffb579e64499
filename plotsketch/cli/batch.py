"""``plotsketch batch``: many sheets from one manifest."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import counted, is_quiet, json_option, report, warn
from plotsketch.cli.progress import progress
from plotsketch.clock import clock

if TYPE_CHECKING:
    from plotsketch.batch.manifest import Manifest
    from plotsketch.batch.run import Doer, Result, Todo
    from plotsketch.batch.work import Outcome

SHOWN = 8  # jobs of a plan, for people


@click.command()
@click.argument("manifest", type=click.Path(path_type=Path), metavar="RUN.TOML")
@click.option("--dry-run", is_flag=True, help="Say what would be done and how long it takes.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at a time.  [default: one a core]")
@click.option("--only", default="*", metavar="GLOB", help="Jobs of such names: 'cats-*'.")
@click.option("--force", is_flag=True, help="Do again what is there already.")
@click.option("--cluster", metavar="ADDRESS", help="Let a Dask cluster do it: tcp://192.168.0.7:8786.")
@json_option
@click.pass_context
def batch(
    ctx: click.Context,
    manifest: Path,
    dry_run: bool,
    jobs: int | None,
    only: str,
    force: bool,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Make all sheets that a manifest asks for, RUN.TOML.

    It is looked at whole before anything is drawn. What is there already is not made again, unless something changed
    that it hangs on; so a run that was stopped goes on where it was. A job that fails does not stop the others: it is
    told of at the end, and the exit code is 1. Files come into a folder beside the manifest, with a report.html.

    \b
    Examples:
      plotsketch batch run.toml --dry-run
      plotsketch batch run.toml --jobs 4
      plotsketch batch run.toml --only "cats-*" --force
    """
    from plotsketch.batch.manifest import read_manifest
    from plotsketch.batch.run import processes_for, run, todo
    from plotsketch.cli.batch_commands import CommandLine

    if cluster is not None:
        from plotsketch.batch.cluster import check_address

        check_address(cluster)
    commands = CommandLine()
    found = read_manifest(manifest, commands)
    work = todo(found, only, force)
    processes = processes_for(len(work.jobs), jobs)
    if dry_run:
        _tell_plan(found, work, processes, as_json)
        return
    with progress("Sheets", max(len(work.jobs), 1)) as advance:
        told = functools.partial(_tell_one, folder=found.folder, as_json=as_json, advance=advance)
        result = run(found, commands, _doer(processes, cluster), only=only, force=force, told=told)
    _tell(found, result, as_json)
    if result.failed:
        ctx.exit(1)


def _doer(processes: int, cluster: str | None) -> Doer:
    if cluster is None:
        from plotsketch.batch.processes import do_here

        return functools.partial(do_here, processes=processes)
    from plotsketch.batch.cluster import do_on_cluster

    return functools.partial(do_on_cluster, address=cluster)


def _tell_plan(manifest: Manifest, work: Todo, processes: int, as_json: bool) -> None:
    seconds = work.seconds_on(processes)
    rows = [
        {"name": job.name, "line": job.line, "files": job.files, "command": _line(job.words(manifest.folder))}
        for job in work.jobs
    ]
    results = {"folder": manifest.folder, "to_do": rows, "there": len(work.there), "processes": processes,
               "seconds": round(seconds, 1)}  # fmt: skip
    report(results, as_json, _plan_lines(manifest, work, processes, seconds))


def _plan_lines(manifest: Manifest, work: Todo, processes: int, seconds: float) -> Iterator[str]:
    for job in work.jobs[:SHOWN]:
        yield f"{job.name}: {_line(job.words(Path(manifest.folder.name)))}"
        yield from (f"  then {_line(step.words(Path(manifest.folder.name)))}" for step in job.steps)
    if len(work.jobs) > SHOWN:
        yield f"... and {len(work.jobs) - SHOWN:,} more, to {work.jobs[-1].name}"
    files = sum(len(job.files) for job in work.jobs)
    yield (
        f"{counted(len(work.jobs), 'job')}, {counted(files, 'file')} in {manifest.folder}; {len(work.there):,} there "
        f"already; about {clock(seconds)} with {processes} at a time"
    )


def _line(words: Iterable[str]) -> str:
    return shlex.join(["plotsketch", *words])


def _tell_one(outcome: Outcome, folder: Path, as_json: bool, advance: Any) -> None:
    advance(1)
    if not as_json and not outcome.error:
        for file in outcome.files:
            click.echo(folder / file)


def _tell(manifest: Manifest, result: Result, as_json: bool) -> None:
    lines = {job.name: job.line for job in manifest.jobs}
    for outcome in result.failed:
        click.echo(f"{manifest.path.name}:{lines[outcome.name]}: {outcome.name}: {outcome.error}", err=True)
    for line in result.notes:
        warn(line)
    done, skipped, failed = len(result.done), len(result.skipped), len(result.failed)
    failures = [{"name": o.name, "line": lines[o.name], "error": o.error} for o in result.failed]
    results = {"folder": manifest.folder, "report": result.report, "done": done, "skipped": skipped,
               "failed": failures, "seconds": round(result.seconds, 3),
               "files": [manifest.folder / file for outcome in result.done for file in outcome.files]}  # fmt: skip
    said = f"{done:,} done, {skipped:,} there already, {failed:,} failed, {clock(result.seconds)}"
    if is_quiet() and not as_json:
        return  # the files were named as they came
    report(results, as_json, [f"{said}: {result.report or 'no report'}"])
