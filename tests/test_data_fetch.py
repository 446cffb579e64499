"""`plotsketch data fetch` against a server on this machine that behaves well and badly."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import Result

from plotsketch.errors import UserError
from plotsketch.training.fetch import Patience, class_path, class_url, download, known_class

CONTENT = bytes(range(256)) * 2000  # half a megabyte: several reads
HASTY = Patience(timeout=5, failures=3, pause=0)
Run = Callable[..., Result]


@dataclass
class Behaviour:
    """What the server does; `cuts` holds, request by request, after how many bytes it hangs up."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    announced: int | None = None
    requests: list[str | None] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        does = self.behaviour
        does.requests.append(self.headers.get("Range"))
        content = does.files.get(self.path)
        if does.statuses or content is None:
            self.send_error(does.statuses.pop(0) if does.statuses else 404)
            return
        start = self._start() if does.ranges else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._send(content, start)

    def _start(self) -> int:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(match[1]) if match else 0

    def _send(self, content: bytes, start: int) -> None:
        does, body = self.behaviour, content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        length = len(body) if does.announced is None else does.announced
        if length >= 0:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body[: does.cuts.pop(0)] if does.cuts else body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    behaviour = Behaviour({"/simplified/cat.ndjson": CONTENT})
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        behaviour.url = f"http://127.0.0.1:{running.server_address[1]}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield behaviour
        running.shutdown()
        thread.join()


def fetch_cat(server: Behaviour, folder: Path) -> Path:
    target = class_path(folder, "cat")
    download(class_url("cat", base_url=server.url), target, patience=HASTY)
    return target


def test_a_file_arrives_whole_with_progress(server: Behaviour, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    target = tmp_path / "new" / "cat.ndjson"
    assert download(class_url("cat", base_url=server.url), target, lambda *news: heard.append(news), HASTY)
    assert target.read_bytes() == CONTENT
    assert heard[0] == (0, len(CONTENT)) and heard[-1] == (len(CONTENT), len(CONTENT)) and len(heard) > 3
    assert heard == sorted(heard)
    assert [path.name for path in target.parent.iterdir()] == ["cat.ndjson"]


def test_a_file_that_is_there_is_not_asked_for(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "cat.ndjson").write_bytes(b"mine")
    assert fetch_cat(server, tmp_path).read_bytes() == b"mine"
    assert server.requests == []


def test_a_cut_connection_goes_on_where_it_stopped(server: Behaviour, tmp_path: Path) -> None:
    server.cuts = [100_000, 7]
    assert fetch_cat(server, tmp_path).read_bytes() == CONTENT
    assert server.requests == [None, "bytes=100000-", "bytes=100007-"]


def test_a_later_run_goes_on_from_the_part(server: Behaviour, tmp_path: Path) -> None:
    server.cuts = [200_000, 0, 0, 0]
    with pytest.raises(UserError, match=r"broke off.*200000 bytes are kept.*again"):
        fetch_cat(server, tmp_path)
    assert (tmp_path / "cat.ndjson.part").read_bytes() == CONTENT[:200_000]
    assert not (tmp_path / "cat.ndjson").exists()
    server.cuts, server.requests[:] = [], []
    assert fetch_cat(server, tmp_path).read_bytes() == CONTENT
    assert server.requests == ["bytes=200000-"]
    assert not (tmp_path / "cat.ndjson.part").exists()


def test_a_server_without_ranges_starts_again(server: Behaviour, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [150_000]
    assert fetch_cat(server, tmp_path).read_bytes() == CONTENT
    assert server.requests == [None, "bytes=150000-"]


def test_a_whole_part_is_only_renamed(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "cat.ndjson.part").write_bytes(CONTENT)
    assert fetch_cat(server, tmp_path).read_bytes() == CONTENT
    assert server.requests == [f"bytes={len(CONTENT)}-"]


def test_a_part_longer_than_the_file_is_thrown_away(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "cat.ndjson.part").write_bytes(CONTENT + b"more")
    assert fetch_cat(server, tmp_path).read_bytes() == CONTENT


def test_an_overloaded_server_is_asked_again(server: Behaviour, tmp_path: Path) -> None:
    server.statuses = [503, 429]
    assert fetch_cat(server, tmp_path).read_bytes() == CONTENT


def test_a_missing_file_is_not_asked_for_twice(server: Behaviour, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"dog\.ndjson: no such file there \(HTTP 404\)"):
        download(class_url("dog", base_url=server.url), tmp_path / "dog.ndjson", patience=HASTY)
    assert server.requests == [None]
    assert list(tmp_path.iterdir()) == []


def test_fewer_bytes_than_announced_never_make_a_file(server: Behaviour, tmp_path: Path) -> None:
    server.ranges, server.announced = False, len(CONTENT) + 10
    with pytest.raises(UserError, match=r"broke off"):
        fetch_cat(server, tmp_path)
    assert not (tmp_path / "cat.ndjson").exists()


def test_an_answer_of_unknown_length_is_refused(server: Behaviour, tmp_path: Path) -> None:
    server.announced = -1
    with pytest.raises(UserError, match="does not say how long"):
        fetch_cat(server, tmp_path)


def test_no_server_at_all(server: Behaviour, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no connection"):
        download("http://127.0.0.1:1/cat.ndjson", tmp_path / "cat.ndjson", patience=HASTY)


def test_a_folder_that_cannot_be_made(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot make this folder"):
        download(class_url("cat", base_url=server.url), tmp_path / "file" / "cat.ndjson", patience=HASTY)


def test_class_names_are_forgiving_and_typos_get_near_names() -> None:
    assert known_class("The_Eiffel-tower") == "The Eiffel Tower"
    assert known_class("T shirt") == "t-shirt"
    with pytest.raises(UserError, match=r"no class 'flamngo'; near ones: flamingo"):
        known_class("flamngo")
    with pytest.raises(UserError, match="--list"):
        known_class("qqqq")


def test_only_http_addresses(plotsketch: Run, tmp_path: Path) -> None:
    result = plotsketch("data", "fetch", "cat", "--to", tmp_path, "--base-url", f"file://{tmp_path}")
    assert result.exit_code == 1 and "http://" in result.stderr


def test_the_command_prints_the_paths(server: Behaviour, plotsketch: Run, tmp_path: Path) -> None:
    server.files["/raw/hot%20dog.ndjson"] = b"raw\n"
    result = plotsketch("data", "fetch", "hot dog", "Hot_Dog", "--raw", "--to", tmp_path, "--base-url", server.url)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [str(tmp_path / "hot dog.raw.ndjson")]
    assert (tmp_path / "hot dog.raw.ndjson").read_bytes() == b"raw\n"
    again = plotsketch("data", "fetch", "hot dog", "--raw", "--to", tmp_path, "--base-url", server.url)
    assert "there already" in again.stderr and len(server.requests) == 1


def test_a_typo_stops_the_command_before_anything_is_fetched(
    server: Behaviour, plotsketch: Run, tmp_path: Path
) -> None:
    result = plotsketch("data", "fetch", "cat", "flamngo", "--to", tmp_path, "--base-url", server.url)
    assert result.exit_code == 1 and "flamingo" in result.stderr
    assert server.requests == []


def test_the_list_has_all_classes(plotsketch: Run) -> None:
    lines = plotsketch("data", "fetch", "--list").stdout.splitlines()
    assert len(lines) == len(set(lines)) == 345 and "hot air balloon" in lines
    assert plotsketch("data", "fetch").exit_code == 2
