"""Files on disk: written whole or not at all, and the data that ships with the package."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from plotsketch.errors import UserError

PACKAGE_FOLDER = Path(__file__).resolve().parent


def write_atomically(path: Path | str, data: bytes | Callable[[BinaryIO], None]) -> None:
    """Writes a file beside its target and renames it: a reader finds the old file or the new one, never half.

    ``data`` is the content, or a function that writes it to an open file. A link is followed and kept; a
    device or a pipe, which cannot be replaced, is written to directly. Raises UserError when the system
    refuses (no room, no permission); the old file is then still there and nothing is left beside it.
    """
    path = Path(path)
    try:
        target = Path(os.path.realpath(path))
        if _is_special(target):
            with target.open("wb") as stream:
                _fill(stream, data)
        else:
            _replace(target, data)
    except OSError as error:
        raise UserError(_refusal(path, error)) from error


def check_writable(path: Path | str) -> None:
    """Raises UserError if ``write_atomically(path, ...)`` would fail; to be asked before long work.

    Folders that are missing on the way are created, since the answer is only sure once they exist.
    """
    path = Path(path)
    target = Path(os.path.realpath(path))
    try:
        if target.is_dir():
            raise IsADirectoryError(None, "it is a folder; add a file name")
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(None, "the file is read-only")
        if not _is_special(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _create(_temporary(target)).unlink()
    except OSError as error:
        raise UserError(_refusal(path, error)) from error


def hold(file: int) -> bool:
    """Locks an open file for this process until it is closed; False where another process has it."""
    if sys.platform == "win32":  # has no flock: nobody is kept out
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def package_data(name: str) -> Path:
    """Folder of data shipped with plotsketch: ``"checkpoints"`` or ``"presets"``.

    A wheel holds it in the package's ``_data``; a checkout, and so an editable install, beside the package.
    Raises UserError when neither is there.
    """
    inside, beside = PACKAGE_FOLDER / "_data" / name, PACKAGE_FOLDER.parent / name
    if inside.is_dir():
        return inside
    # without the check an installed package would take any folder of that name in site-packages
    if beside.is_dir() and (PACKAGE_FOLDER.parent / "pyproject.toml").is_file():
        return beside
    raise UserError(f"the folder '{name}' is missing from this installation of plotsketch; install it again")


def _replace(target: Path, data: bytes | Callable[[BinaryIO], None]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _create(_temporary(target))
    try:
        with temporary.open("wb") as stream:
            _fill(stream, data)
            stream.flush()
            os.fsync(stream.fileno())  # else a power cut may keep the new name with no content
        if target.exists():
            os.chmod(temporary, target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C too leaves nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _fill(stream: BinaryIO, data: bytes | Callable[[BinaryIO], None]) -> None:
    if callable(data):
        data(stream)
    else:
        stream.write(data)


def _create(path: Path) -> Path:
    # 0o666 less the user's umask, as for any new file; tempfile would give 0o600
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return path


def _temporary(target: Path) -> Path:
    return target.with_name(f".plotsketch-{secrets.token_hex(6)}.tmp")


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def _refusal(path: Path, error: OSError) -> str:
    return f"cannot write {path}: {error.strerror or error}"
