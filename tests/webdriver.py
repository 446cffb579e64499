"""A real browser for tests: Chromium, driven through ChromeDriver as the W3C's WebDriver says.

The commands: https://www.w3.org/TR/webdriver2/#endpoints
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--window-size=1200,1600",
)  # fmt: skip
PATIENCE = 60.0  # seconds


class Browser:
    """One window of a browser."""

    def __init__(self, port: int, options: dict[str, Any]) -> None:
        self._root = f"http://127.0.0.1:{port}/session"
        wishes = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._ask("POST", "", {"capabilities": {"alwaysMatch": wishes}})
        self._root += f"/{made['sessionId']}"

    def open(self, page: Path) -> None:
        self._ask("POST", "/url", {"url": page.as_uri()})

    def run(self, script: str, *values: object) -> Any:
        """What a script returns; a page's own policy does not stop it."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(values)})

    def click(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._ask("POST", f"/element/{self._element(selector)}/value", {"text": text})

    def complaints(self) -> list[str]:
        """What stands on the browser's console: errors in scripts, and what the page's policy forbade."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def screenshot(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self._ask("GET", "/screenshot"))

    def close(self) -> None:
        self._ask("DELETE", "")

    def _element(self, selector: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(next(iter(found.values())))

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._root + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser whose profile is in ``folder``; skips the test where there is none."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no browser: install the packages chromium and chromium-driver")
    with (folder / "driver.log").open("wb") as log:
        process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=log)
    try:
        port = _port(process)
        window = Browser(port, {"binary": program, "args": [*QUIET, f"--user-data-dir={folder / 'profile'}"]})
        try:
            yield window
        finally:
            window.close()
    finally:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[bytes]) -> int:
    """The port that the driver took, which it says on stdout."""
    assert process.stdout is not None
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and (line := process.stdout.readline()):
        if b"started successfully on port" in line:
            return int(line.rstrip(b".\n").rpartition(b" ")[2])
    raise AssertionError("ChromeDriver did not start")
