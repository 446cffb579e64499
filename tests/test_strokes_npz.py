"""sketch-rnn .npz: Magenta's files and ours, and pickles that would rather do something else."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strokes_cases import assert_same, finished_drawings, from_first_point, house, real, whole

from plotsketch.errors import UserError
from plotsketch.strokes import Drawing, read_drawings, write_npz

ROWS = np.array([(3, 4, 0), (1, -1, 1), (5, 5, 0), (-2, 0, 1)], dtype=np.int16)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def objects(*arrays: object) -> np.ndarray:
    result = np.empty(len(arrays), dtype=object)
    result[:] = arrays
    return result


def member(pickled: bytes, count: int = 1) -> bytes:
    """A .npy file that says it holds an object array, with any pickle as its content."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (count,)})
    return file.getvalue() + pickled


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return path


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(UserError) as caught:
        list(read_drawings(path, **options))  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message and str(path) in message
    return message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "set.npz"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("dtype", ["<i2", ">i4", "<f4", "<f8", "|i1"])
def test_every_pickle_protocol_and_number_type(path: Path, protocol: int, dtype: str) -> None:
    array = objects(ROWS.astype(dtype), np.asfortranarray(ROWS.astype(dtype)))
    for name in (b"numpy._core", b"numpy.core"):
        pickled = pickle.dumps(array, protocol=protocol)
        if protocol < 4:  # there names stand in plain text, and numpy 1's can be put in
            pickled = pickled.replace(b"numpy._core", name)
        for drawing in read_drawings(archive(path, train=member(pickled, 2))):
            assert np.array_equal(drawing.sketch.to_stroke3(), ROWS)


def test_python_2_pickle(path: Path) -> None:
    """What Python 2 wrote in 2017: bytes as str, which only latin1 brings back."""
    values = np.array([(200, -200, 1)], dtype="<i2").tobytes()
    pickled = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x01\x85cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
        b"\x89]cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x01K\x03\x86cnumpy\ndtype\nU\x02i2K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x06" + values + b"tbatb."
    )
    (drawing,) = read_drawings(archive(path, train=member(pickled)))
    assert drawing.sketch.lines[0].tolist() == [[0, 0], [200, -200]]


def test_plain_arrays_of_drawings_of_one_length(path: Path) -> None:
    np.savez(path, train=np.stack([ROWS, ROWS]))
    assert [len(drawing.sketch.lines) for drawing in read_drawings(path)] == [2, 2]


def test_splits(path: Path) -> None:
    np.savez(path, test=objects(ROWS), train=objects(ROWS, ROWS[:2]))
    assert [drawing.source for drawing in read_drawings(path)] == [
        "set.npz:train#0",
        "set.npz:train#1",
        "set.npz:test#0",
    ]
    assert len(list(read_drawings(path, split="test"))) == 1
    assert "no array 'valid'; it has test, train" in refusal(path, split="valid")
    assert "there are train, valid, test" in refusal(path, split="points")


def test_labels_become_words(path: Path) -> None:
    names = np.array(["cat", "pig"])
    np.savez(path, train=objects(ROWS, ROWS), train_labels=np.array([1, 0]), label_names=names)
    assert [drawing.word for drawing in read_drawings(path)] == ["pig", "cat"]
    np.savez(path, train=objects(ROWS, ROWS), train_labels=np.array([1, 7]), label_names=names)
    assert [drawing.word for drawing in read_drawings(path)] == ["", ""]


class Call:
    """Pickles as a call of any function: what a malicious file does."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.function, self.arguments


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("place", ["whole", "element", "beside", "shape"])
def test_nothing_in_a_file_is_run(path: Path, tmp_path: Path, protocol: int, place: str) -> None:
    trap = tmp_path / "trap"
    call = Call(os.mkdir, str(trap))
    content: object = {
        "whole": call,
        "element": objects(ROWS, call),
        "beside": (objects(ROWS), call),
        "shape": Call(np.ndarray, (Call(os.mkdir, str(trap)),)),
    }[place]
    message = refusal(archive(path, train=member(pickle.dumps(content, protocol=protocol))))
    assert "mkdir, which has no place in a file of drawings" in message
    assert not trap.exists()


@pytest.mark.parametrize(
    "function",
    [eval, exec, getattr, print, __import__, np.load, np.frombuffer, np.save, pickle.loads, bytearray, map],
)
def test_only_array_reconstruction_is_admitted(path: Path, function: Callable[..., Any]) -> None:
    pickled = pickle.dumps(Call(function, "x"), protocol=2)
    assert "no place in a file of drawings" in refusal(archive(path, train=member(pickled)))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (objects("text"), "a str where an array"),
        (objects(np.array(["a", "b"])), "where numbers should be"),
        (objects(objects(ROWS)), "where numbers should be"),
        ([ROWS], "damaged or cut short"),
        (objects(ROWS[:, :2]), "not stroke-3 rows"),
        (objects(ROWS[0]), "not stroke-3 rows"),
        (objects(np.array([(0, np.nan, 1)])), "not a finite number"),
        (objects(np.array([(0, -np.inf, 1)], dtype=np.float32)), "not a finite number"),
        (objects(np.array([(1e12, 0, 1)])), "larger than"),
        (objects(np.array([(-(2**63), 0, 1)])), "larger than"),
    ],
)
def test_what_is_no_drawing_is_refused(path: Path, content: object, fault: str) -> None:
    assert fault in refusal(archive(path, train=member(pickle.dumps(content))))


@pytest.mark.parametrize(
    "pickled",
    [
        b"",
        b".",
        b"\x80\x02K\x01.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\x02cnumpy\ndtype\nU\x02i2\x85R.",
        b"\x80\x02cnumpy\nndarray\n.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R(K\x01K\x01\x85cnumpy\ndtype\nU\x02O8\x85R\x89]tb.",
        b"\x80\x02U\x01aQ.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02]r\xff\xff\xff\x7f.",  # a memo's place for which 64 GB would be taken
        b"\x80\x02]p2147483647\n.",
        b"\x80\x05\x96\x00\x00\x00\x00\x10\x00\x00\x00.",  # a bytearray of 64 GB
    ],
)
def test_crafted_pickles_are_one_clear_error(path: Path, pickled: bytes) -> None:
    refusal(archive(path, train=member(pickled)))


@given(cut=st.floats(0, 0.999), flip=st.integers(0, 2**16))
@same_folder
def test_damaged_object_arrays_never_escape(path: Path, cut: float, flip: int) -> None:
    """Whatever happens to a member's bytes, it reads or is refused; nothing else is raised."""
    data = bytearray(member(pickle.dumps(objects(ROWS, ROWS.astype(np.float32)), protocol=3), 2))
    data = data[: int(len(data) * cut)] if flip % 2 else data
    if data:
        data[flip % len(data)] ^= 1 << flip % 7
    archive(path, train=bytes(data))
    try:
        list(read_drawings(path))
    except UserError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.95])
def test_truncated_files(path: Path, share: float) -> None:
    np.savez_compressed(path, train=objects(*[ROWS] * 50))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert "not a sound .npz file" in refusal(path)


def test_damaged_member(path: Path) -> None:
    np.savez(path, train=objects(*[ROWS] * 50))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert "not a sound .npz file" in refusal(path)


def test_garbage_folders_and_other_archives(path: Path, tmp_path: Path) -> None:
    path.write_bytes(os.urandom(5000))
    assert "not a sound .npz file" in refusal(path)
    np.savez(path, points=ROWS)
    assert "no array train, valid or test; it has points" in refusal(path)
    np.savez(path, train=np.array(5))
    assert "not stroke-3 rows" in refusal(path)
    np.savez(path, train=objects())
    assert "holds no drawings" in refusal(path)
    archive(path, train=b"no npy at all")
    refusal(path)
    (tmp_path / "folder.npz").mkdir()
    for name in ("folder.npz", "missing.npz"):
        refusal(tmp_path / name)


@given(drawings=st.lists(finished_drawings(whole), min_size=1, max_size=4))
@same_folder
def test_round_trip_in_whole_numbers(path: Path, drawings: list[Drawing]) -> None:
    write_npz(path, {"train": drawings[:2], "test": drawings[2:]})
    again = list(read_drawings(path))
    for one, other in zip(again, drawings, strict=True):
        assert_same(one.sketch, from_first_point(other.sketch))
        assert one.word == other.word


@given(drawing=finished_drawings(real))
@same_folder
def test_round_trip_in_float32(path: Path, drawing: Drawing) -> None:
    write_npz(path, {"valid": [drawing]})
    (again,) = read_drawings(path, split="valid")
    assert_same(again.sketch, from_first_point(drawing.sketch), within=30.0)  # 24 bits of offsets to 2e6, summed
    rows = drawing.sketch.to_stroke3().astype(np.float32)
    assert np.array_equal(again.sketch.to_stroke3().shape, rows.shape)


@pytest.mark.parametrize(("factor", "dtype"), [(1, np.int16), (0.5, np.int16), (0.33, np.float32), (400, np.float32)])
def test_written_files_are_what_magenta_loads(path: Path, factor: float, dtype: type) -> None:
    drawing = house()
    write_npz(path, {"train": [Drawing(drawing.sketch.scaled(factor))] * 3})
    loaded = np.load(path, allow_pickle=True, encoding="latin1")
    assert set(loaded.files) == {"train", "valid", "test"}
    assert loaded["train"].dtype == object and loaded["train"].shape == (3,)
    assert loaded["valid"].shape == loaded["test"].shape == (0,)
    assert loaded["train"][0].dtype == dtype
    assert np.allclose(loaded["train"][0], drawing.sketch.scaled(factor).to_stroke3())
    with zipfile.ZipFile(path) as file:
        content = file.read("train.npy")
    assert b"numpy.core.multiarray" in content and b"numpy._core" not in content


def test_written_files_are_the_same_every_time(path: Path, tmp_path: Path) -> None:
    write_npz(path, {"train": [house("cat"), house("pig")]})
    write_npz(tmp_path / "again.npz", {"train": [house("cat"), house("pig")]})
    assert path.read_bytes() == (tmp_path / "again.npz").read_bytes()


def test_what_cannot_be_written_is_said(path: Path) -> None:
    with pytest.raises(UserError, match="empty drawing"):
        write_npz(path, {"train": [Drawing(house().sketch.__class__(()))]})
    with pytest.raises(UserError, match="not training"):
        write_npz(path, {"training": [house()]})
    assert not path.exists()


@pytest.mark.parametrize(("name", "counts"), [("aaron_sheep", (7400, 300, 300)), ("omniglot", (30000, 1000, 1000))])
def test_magentas_own_files(shared: Path, name: str, counts: tuple[int, ...]) -> None:
    path = shared / "data" / "npz" / f"{name}.npz"
    loaded = np.load(path, allow_pickle=True, encoding="latin1")
    for split, count in zip(("train", "valid", "test"), counts, strict=True):
        drawings = list(read_drawings(path, split=split))
        assert len(drawings) == count
        for drawing, rows in zip(drawings[:300], loaded[split], strict=False):
            assert np.array_equal(drawing.sketch.to_stroke3()[:, :2], rows[:, :2])
            assert np.array_equal(drawing.sketch.to_stroke3()[:-1, 2], rows[:-1, 2])


def test_icons_begin_with_a_move(shared: Path) -> None:
    path = shared / "data" / "icons" / "feather.npz"
    drawn = list(read_drawings(path))
    moved = list(read_drawings(path, first_row="move"))
    assert len(drawn) == len(moved) > 200
    assert all(drawing.word == "feather" for drawing in moved)
    for one, other in zip(moved, drawn, strict=True):
        assert one.sketch.point_count == other.sketch.point_count - 1
