"""Downloading QuickDraw classes: a file at a time, with resume, size check and an atomic finish.

While a file is on its way its bytes lie beside it in ``<name>.part``; a later run goes on from there by an
HTTP range request. The dataset has not changed since 2017, so a size that agrees with the server's is taken
as proof that the part belongs to the same file.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from plotsketch.errors import UserError
from plotsketch.training.quickdraw_classes import CLASSES

BASE_URL = "https://storage.googleapis.com/quickdraw_dataset/full"
_BLOCK = 1 << 16
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})

Progress = Callable[[int, int], None]  # bytes so far, bytes in all


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for: seconds of silence, failures in a row, seconds between two tries."""

    timeout: float = 30.0
    failures: int = 4
    pause: float = 1.0  # doubled after each failure in a row


PATIENT = Patience()


class _Interrupted(Exception):
    """The transfer broke off; what has arrived is kept and another try may go on from it."""


def known_class(name: str) -> str:
    """The dataset's spelling of a class name (case, '_' and '-' do not matter); UserError with near names."""
    plain = {_plain(known): known for known in CLASSES}
    if _plain(name) in plain:
        return plain[_plain(name)]
    from plotsketch.strokes.reference import near_names

    near = [plain[match] for match in near_names(_plain(name), list(plain))]
    hint = f"near ones: {', '.join(near)}" if near else "see 'plotsketch data fetch --list'"
    raise UserError(f"QuickDraw has no class '{name}'; {hint}")


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def class_url(name: str, *, raw: bool = False, base_url: str = BASE_URL) -> str:
    """The address of a class's ndjson file, simplified or raw."""
    if not base_url.startswith(("http://", "https://")):
        raise UserError(f"--base-url {base_url}: give an http:// or https:// address")
    return f"{base_url.rstrip('/')}/{'raw' if raw else 'simplified'}/{urllib.parse.quote(name)}.ndjson"


def class_path(folder: Path, name: str, *, raw: bool = False) -> Path:
    """Where a class's file belongs: 'cat.ndjson', or 'cat.raw.ndjson'."""
    return folder / f"{name}{'.raw' if raw else ''}.ndjson"


def download(
    url: str, target: Path, progress: Progress = lambda done, total: None, patience: Patience = PATIENT
) -> bool:
    """Bring ``url`` to ``target``; False when the file is there already.

    Goes on from ``<target>.part`` if there is one. Failures in a row without a new byte are limited by
    ``patience``; then, and on any answer that another try would not change, UserError is raised. The part
    is kept, and ``target`` exists only when it is complete.
    """
    if target.exists():
        return False
    part = target.with_name(target.name + ".part")
    _make_folder(target.parent)
    failures = 0
    while True:
        before = _size(part)
        try:
            _transfer(url, part, progress, patience.timeout)
            break
        except _Interrupted as reason:
            failures = 1 if _size(part) > before else failures + 1
            if failures >= patience.failures:
                raise UserError(
                    f"{url}: {reason}; {_size(part)} bytes are kept, run the same command again to go on"
                ) from reason
            time.sleep(patience.pause * 2 ** (failures - 1))
    _finish(part, target)
    return True


def _transfer(url: str, part: Path, progress: Progress, timeout: float) -> None:
    """One request for what is missing of ``part``; returns when the part has the announced size."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "plotsketch"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            start, total = _announced(url, response, have)
            done = _receive(response, part, start, total, progress)
    except urllib.error.HTTPError as error:
        with error:
            done, total = _refused(url, error, part, have)
    except urllib.error.URLError as error:
        raise _Interrupted(f"no connection ({error.reason})") from error
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise _Interrupted(f"the connection broke off ({type(error).__name__})") from error
    _check_size(url, part, done, total)


def _announced(url: str, response: http.client.HTTPResponse, have: int) -> tuple[int, int]:
    """(first byte, size of the whole file) of an answer; a server without ranges starts again at 0."""
    if response.status == 206:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", "").strip())
        if not match or int(match[1]) != have:
            raise UserError(f"{url}: the server sent another range than asked for; delete the .part file")
        return have, int(match[2])
    length = response.headers.get("Content-Length", "")
    if not length.isdigit():
        raise UserError(f"{url}: the server does not say how long the file is, so it cannot be checked")
    return 0, int(length)


def _receive(response: http.client.HTTPResponse, part: Path, start: int, total: int, progress: Progress) -> int:
    """Add the answer's body to the part; the number of bytes that it holds then."""
    done = start
    with _opened(part, start) as file:
        progress(done, total)
        while block := response.read(_BLOCK):
            try:
                if file.write(block) != len(block):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError as error:
                raise UserError(f"{part}: {error.strerror or error}; what has arrived is kept") from error
            done += len(block)
            progress(done, total)
    return _size(part)  # not `done`: another run may be writing the same part


def _refused(url: str, error: urllib.error.HTTPError, part: Path, have: int) -> tuple[int, int]:
    """What an error status means; a range behind the end (416) may mean that the part is whole: its size."""
    if error.code == 416 and have:
        match = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range", "").strip())
        if match and int(match[1]) == have:
            return have, have
        part.unlink(missing_ok=True)
        raise _Interrupted("the part that lay there was longer than the file, starting again") from error
    if error.code in _RETRIED:
        raise _Interrupted(f"the server is in trouble (HTTP {error.code})") from error
    if error.code in (403, 404, 410):  # Google's bucket says 403 for some files that do not exist
        raise UserError(f"{url}: no such file there (HTTP {error.code}); check the class and --base-url") from error
    raise UserError(f"{url}: the server refused (HTTP {error.code} {error.reason})") from error


def _check_size(url: str, part: Path, done: int, total: int) -> None:
    if done < total:
        raise _Interrupted(f"the connection broke off at {done} of {total} bytes")
    if done > total:
        part.unlink(missing_ok=True)
        raise UserError(f"{url}: {done} bytes came but {total} were announced; nothing is kept, try again")


def _opened(part: Path, start: int) -> IO[bytes]:
    try:
        return part.open("ab" if start else "wb", buffering=0)
    except OSError as error:
        raise UserError(f"{part}: cannot write ({error.strerror}); choose another folder with --to") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot make this folder ({error.strerror}); choose another with --to") from error


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _finish(part: Path, target: Path) -> None:
    try:
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        raise UserError(f"{target}: cannot write ({error.strerror})") from error
