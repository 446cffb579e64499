"""QuickDraw ndjson: real lines, round trips, and every way in which such a file can be broken."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strokes_cases import assert_same, finished_drawings, house, real

from plotsketch.errors import UserError
from plotsketch.strokes import Drawing, read_drawings, write_ndjson

SIMPLIFIED = (
    '{"word":"cat","countrycode":"VE","timestamp":"2017-03-02 23:25:10.07453 UTC","recognized":false,'
    '"key_id":"5201136883597312","drawing":[[[130,113,99],[72,40,27]],[[76],[136]]]}\n'
)
RAW = '{"word":"cat","drawing":[[[1.5,2.25,3.0],[4.0,5.0,6.125],[0,16,33]]]}\n'

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, content: str | bytes) -> list[Drawing]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_drawings(path))


def refusal(path: Path, content: str | bytes) -> str:
    with pytest.raises(UserError) as caught:
        read(path, content)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message
    return message


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return tmp_path / "cat.ndjson"


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    return tmp_path / "cat.ndjson.gz"


def test_simplified(plain: Path) -> None:
    (drawing,) = read(plain, SIMPLIFIED)
    assert [line.tolist() for line in drawing.sketch.lines] == [[[130, 72], [113, 40], [99, 27]], [[76, 136]]]
    assert (drawing.word, drawing.key, drawing.recognized) == ("cat", "5201136883597312", False)
    assert drawing.source == "cat.ndjson#0"


def test_raw_drops_the_times(packed: Path) -> None:
    first, second = read(packed, gzip.compress((RAW + RAW).encode()))
    assert first.sketch.lines[0].tolist() == [[1.5, 4], [2.25, 5], [3, 6.125]]
    assert first.recognized and first.key == ""
    assert second.source == "cat.ndjson.gz#1"


def test_blank_lines_and_strokes_without_points_are_passed_over(plain: Path) -> None:
    first, second = read(plain, '\n{"drawing":[[[],[]],[[1],[2]]]}\n  \n{"drawing":[]}')
    assert [line.tolist() for line in first.sketch.lines] == [[[1, 2]]]
    assert second.sketch.is_empty and second.source == "cat.ndjson#1"


def test_nothing_beyond_the_wanted_drawing_is_read(plain: Path) -> None:
    plain.write_text(SIMPLIFIED + "broken\n")
    assert next(read_drawings(plain)).word == "cat"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"word":"cat","drawing":[[[1,2],', "not valid JSON"),
        ("\x00\x01\x02", "not valid JSON"),
        ("[1,2]", "not a JSON object"),
        ('{"word":"cat"}', "not a QuickDraw drawing"),
        ('{"drawing":[[[1,2],[1]]]}', "not a QuickDraw drawing"),
        ('{"drawing":[[[1,2]]]}', "not a QuickDraw drawing"),
        ('{"drawing":[[["a"],[1]]]}', "not a QuickDraw drawing"),
        ('{"drawing":[["ab","cd"]]}', "not a QuickDraw drawing"),
        ('{"drawing":[[[[1]],[[1,2]]]]}', "not a QuickDraw drawing"),
        ('{"drawing":{"a":1}}', "not a QuickDraw drawing"),
        ('{"drawing":[[[%s],[1]]]}' % ("9" * 400), "not a QuickDraw drawing"),
        ('{"drawing":[[[%s],[1]]]}' % ("9" * 5000), "not valid JSON"),
        ('{"drawing":[[[NaN],[1]]]}', "not a finite number"),
        ('{"drawing":[[[null],[1]]]}', "not a finite number"),
        ('{"drawing":[[[1],[-Infinity]]]}', "not a finite number"),
        ('{"drawing":[[[1e999],[1]]]}', "not a finite number"),
        ('{"drawing":[[[1e300],[1]]]}', "larger than"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_broken_third_line_is_named(plain: Path, line: str, fault: str) -> None:
    message = refusal(plain, SIMPLIFIED * 2 + line + "\n" + SIMPLIFIED)
    assert f"{plain}, line 3: " in message and fault in message


def test_bytes_that_are_no_text(plain: Path) -> None:
    assert "line 1: not valid JSON" in refusal(plain, b'{"word":"\xff\xfe"}\n')


def test_garbage(plain: Path, packed: Path) -> None:
    noise = random.Random(1).randbytes(4000)
    assert "line 1: not valid JSON" in refusal(plain, noise)
    assert "not a sound gzip file" in refusal(packed, noise)


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_empty(plain: Path, packed: Path, content: str) -> None:
    assert "holds no drawings" in refusal(plain, content)
    assert "holds no drawings" in refusal(packed, gzip.compress(content.encode()))
    assert "holds no drawings" in refusal(packed, b"")


def test_truncated(plain: Path) -> None:
    assert "line 3: not valid JSON" in refusal(plain, (SIMPLIFIED * 3)[:-30])


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_truncated_gz(packed: Path, share: float) -> None:
    numbers = random.Random(2)
    lines = [json.dumps({"drawing": [[[numbers.random()] * 9, [1] * 9]]}) for _ in range(500)]
    data = gzip.compress("\n".join(lines).encode())
    assert "cut short or damaged after line" in refusal(packed, data[: int(len(data) * share)])


def test_damaged_gz(packed: Path) -> None:
    data = bytearray(gzip.compress(b"".join(json.dumps({"drawing": [[[i], [i]]]}).encode() for i in range(900))))
    data[len(data) // 2] ^= 0xFF
    refusal(packed, bytes(data))


def test_endless_line(packed: Path) -> None:
    assert "line 1: longer than" in refusal(packed, gzip.compress(b" " * (17 << 20)))


def test_missing_file_folder_and_other_kinds(tmp_path: Path) -> None:
    (tmp_path / "folder.ndjson").mkdir()
    for name, fault in [("no.ndjson", "no such file"), ("folder.ndjson", "is a folder"), ("a.png", "reads .ndjson")]:
        with pytest.raises(UserError, match=fault):
            read_drawings(tmp_path / name)
    with pytest.raises(UserError, match=r"only \.npz"):
        read_drawings(tmp_path / "no.ndjson", split="test")


@given(drawings=st.lists(finished_drawings(real), min_size=1, max_size=4), suffix=st.sampled_from(["", ".gz"]))
@same_folder
def test_round_trip(tmp_path: Path, drawings: list[Drawing], suffix: str) -> None:
    path = tmp_path / f"mine.ndjson{suffix}"
    write_ndjson(path, drawings)
    again = list(read_drawings(path))
    assert len(again) == len(drawings)
    for one, other in zip(again, drawings, strict=True):
        assert_same(one.sketch, other.sketch)
        assert (one.word, one.key, one.recognized) == (other.word, other.key, other.recognized)


def test_written_files_are_the_same_every_time_and_plain_to_read(tmp_path: Path) -> None:
    for name in ("one.ndjson.gz", "two.ndjson.gz"):
        write_ndjson(tmp_path / name, [house()])
    data = (tmp_path / "one.ndjson.gz").read_bytes()
    assert data == (tmp_path / "two.ndjson.gz").read_bytes()
    assert json.loads(gzip.decompress(data))["drawing"][1] == [[0, 50, 100], [100, 0, 100]]


def test_the_shared_data_reads_whole(shared: Path) -> None:
    path = shared / "data" / "quickdraw" / "cat.ndjson.gz"
    drawings = list(read_drawings(path))
    with gzip.open(path) as file:
        records = [json.loads(line) for line in file]
    assert len(drawings) == len(records) >= 3000
    for drawing, record in zip(drawings, records, strict=True):
        assert [line.T.tolist() for line in drawing.sketch.lines] == record["drawing"]
        assert drawing.recognized == record.get("recognized", True)
        assert (drawing.word, drawing.key) == ("cat", record["key_id"])
