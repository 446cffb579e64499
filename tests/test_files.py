"""Files are written whole or not at all, and shipped data is found wherever plotsketch is installed."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from plotsketch import files
from plotsketch.errors import UserError
from plotsketch.files import check_writable, package_data, write_atomically


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "new" / "deep" / "sheet.svg"
    write_atomically(target, b"ink")
    assert target.read_bytes() == b"ink"
    assert [path.name for path in target.parent.iterdir()] == ["sheet.svg"]


def test_a_writer_function_gets_an_open_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", lambda stream: stream.write(b"by hand") and None)
    assert (tmp_path / "a").read_bytes() == b"by hand"


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_the_old_file_survives_a_failure_half_way(tmp_path: Path, failure: BaseException) -> None:
    target = tmp_path / "model.safetensors"
    target.write_bytes(b"old")

    def fill_the_disk(stream: BinaryIO) -> None:
        stream.write(b"half of the ne")
        raise failure

    with pytest.raises((UserError, KeyboardInterrupt)) as caught:
        write_atomically(target, fill_the_disk)
    if isinstance(failure, OSError):
        assert str(caught.value) == f"cannot write {target}: No space left on device"
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
class TestPosix:
    def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(self, tmp_path: Path) -> None:
        plain, ours = tmp_path / "plain", tmp_path / "ours"
        plain.write_bytes(b"")
        write_atomically(ours, b"")
        assert ours.stat().st_mode == plain.stat().st_mode
        ours.chmod(0o640)
        write_atomically(ours, b"again")
        assert ours.stat().st_mode & 0o777 == 0o640

    def test_a_link_is_followed_and_kept(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"old")
        (tmp_path / "link").symlink_to("real")
        write_atomically(tmp_path / "link", b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real").read_bytes() == b"new"

    def test_a_device_is_written_to_and_stays_a_device(self) -> None:
        check_writable("/dev/null")
        write_atomically("/dev/null", b"gone")
        assert Path("/dev/null").is_char_device()

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk_is_one_clear_line(self) -> None:
        with pytest.raises(UserError, match="cannot write /dev/full: No space left on device"):
            write_atomically("/dev/full", b"x")

    @pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_without_permission_is_refused(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(UserError, match="Permission denied"):
            check_writable(tmp_path / "sheet.svg")


def test_checking_leaves_the_target_as_it_is(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"old")
    check_writable(old)
    check_writable(tmp_path / "folder" / "new")
    assert old.read_bytes() == b"old"
    assert list((tmp_path / "folder").iterdir()) == []


def test_checking_refuses_what_writing_would(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="cannot write .*folder"):
        check_writable(tmp_path)
    for below_a_file in (tmp_path / "file" / "a.svg", tmp_path / "file" / "b" / "a.svg"):
        with pytest.raises(UserError, match="cannot write"):
            check_writable(below_a_file)
        with pytest.raises(UserError, match="cannot write"):
            write_atomically(below_a_file, b"")


@pytest.mark.parametrize("name", ["checkpoints", "presets"])
def test_shipped_data_is_found(name: str) -> None:
    assert package_data(name).is_dir()


def test_an_installed_package_looks_inside_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site-packages" / "plotsketch"
    (installed / "_data" / "presets").mkdir(parents=True)
    (installed.parent / "checkpoints").mkdir()  # somebody else's
    monkeypatch.setattr(files, "PACKAGE_FOLDER", installed)
    assert package_data("presets") == installed / "_data" / "presets"
    with pytest.raises(UserError, match="'checkpoints' is missing"):
        package_data("checkpoints")
