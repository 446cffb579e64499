"""``plotsketch jobs``: the plots that were begun, and how far they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from plotsketch.cli.options import json_option, report, warn
from plotsketch.cli.plot_table import aligned, figures, seconds_done, table, where
from plotsketch.clock import clock, counted
from plotsketch.errors import UserError

if TYPE_CHECKING:
    from plotsketch.plotter.journal import Job

HEADINGS = ("plot", "state", "done", "strokes", "machine", "sheet")
RIGHT = (2,)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def jobs(context: click.Context, as_json: bool) -> None:
    """List, show and forget plots.

    Each plot has a folder with its plan and its journal; `plotsketch plot --resume NAME` goes on with one.

    \b
    Examples:
      plotsketch jobs
      plotsketch jobs show sheet-20260102-030405
      plotsketch jobs remove --done
    """
    if context.invoked_subcommand is None:
        context.invoke(list_jobs, as_json=as_json)
    elif as_json:
        raise click.UsageError(f"Write --json behind the command: plotsketch jobs {context.invoked_subcommand} --json.")


@jobs.command("list")
@json_option
def list_jobs(as_json: bool = False) -> None:
    """List all plots, the latest first, with what is done of each."""
    found = list(_all())
    lines = aligned([HEADINGS, *map(_row, found)], RIGHT) if found else ["No plot has been begun yet."]
    report({"jobs": [_data(job) for job in found]}, as_json, lines)


@jobs.command()
@click.argument("job")
@json_option
def show(job: str, as_json: bool) -> None:
    """Show a plot: its layers, its times, and how far it came."""
    from plotsketch.plotter.journal import Job

    found = Job.load(job)
    begun = f"begun {found.facts.get('began', '')}, from {found.facts.get('sheet', '')}, kept in {found.folder}"
    lines = [*table(found.plan), *_stand(found), begun]
    report({**_data(found), "plan": figures(found.plan), "folder": found.folder}, as_json, lines)


@jobs.command()
@click.argument("jobs", nargs=-1, metavar="JOB...")
@click.option("--done", is_flag=True, help="All plots that are done.")
@json_option
def remove(jobs: tuple[str, ...], done: bool, as_json: bool) -> None:
    """Forget plots; one that is forgotten cannot be gone on with."""
    from plotsketch.plotter.journal import check_job, forget

    if not jobs and not done:
        raise UserError("which plots are to be forgotten? Name them, or say --done")
    chosen = list(dict.fromkeys(jobs))
    for name in chosen:  # all, before the first is gone
        check_job(name)
    if done:
        chosen += [job.name for job in _all() if job.progress.is_done and job.name not in jobs]
    for name in chosen:
        forget(name)
    report({"removed": chosen}, as_json, chosen)


def _all() -> Iterator[Job]:
    from plotsketch.plotter.journal import Job, job_names

    for name in job_names():
        try:
            yield Job.load(name)
        except UserError as error:
            warn(str(error))


def _row(job: Job) -> tuple[str, ...]:
    count, progress = len(job.plan.strokes), job.progress
    strokes = f"{count if progress.is_done else progress.sent:,}/{count:,}"
    if job.copies > 1:
        strokes += f", {job.copies} copies" if progress.is_done else f" of copy {progress.copy + 1}/{job.copies}"
    share, sheet = f"{100 * _share(job):.0f} %", str(job.facts.get("sheet", ""))
    return (job.name, _state(job), share, strokes, job.plan.machine.name, sheet)


def _stand(job: Job) -> Iterator[str]:
    """How far a plot has come, and what to do about it."""
    if job.progress.is_done:
        yield f"done: {counted(len(job.plan.strokes), 'stroke')}" + (f", {job.copies} copies" if job.copies > 1 else "")
        return
    done, total = seconds_done(job.plan, job.progress, job.copies)
    more = "" if job.is_running() else f"; `plotsketch plot --resume {job.name}` goes on"
    yield f"{_state(job)} after {where(job)}, {clock(total - done)} left{more}"


def _state(job: Job) -> str:
    if job.progress.is_done:
        return "done"
    if job.is_running():
        return "plotting"
    return "stopped" if job.progress.is_parked else "broken off"


def _share(job: Job) -> float:
    """How much of a plot is done, by its planned seconds, all copies together."""
    done, total = seconds_done(job.plan, job.progress, job.copies)
    return done / total


def _data(job: Job) -> dict[str, Any]:
    return {
        "job": job.name, "state": _state(job), "share": round(_share(job), 4), "copy": job.progress.copy,
        "copies": job.copies, "sent": job.progress.sent, "inked": job.progress.inked,
        "strokes": len(job.plan.strokes), "machine": job.plan.machine.name,
        "sheet": job.facts.get("sheet", ""), "began": job.facts.get("began", ""),
    }  # fmt: skip
