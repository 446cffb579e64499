"""The ten-line examples of docs/python.md run as they stand, in an empty folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "python.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_examples_run_and_leave_what_they_say(tmp_path: Path) -> None:
    assert len(EXAMPLES) >= 6
    assert all(len(example.splitlines()) <= 12 for example in EXAMPLES)
    # one process for all of them: each begins with its own imports, and loading torch is most of the time
    done = subprocess.run([sys.executable, "-c", "\n".join(EXAMPLES)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    saved = set(re.findall(r"save\((?:f?\"([\w.-]+)\"(?:, \"([\w.-]+)\")?)\)", "\n".join(EXAMPLES)))
    expected = {name for names in saved for name in names if name} | {f"card-{number:02}.svg" for number in (1, 2, 3)}
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert "m of ink, 15 drawings" in done.stdout
