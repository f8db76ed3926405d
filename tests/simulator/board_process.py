"""One board's process on CPython, without a hub: what a finger on its keys is tried on."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOARD = "school-1"


@contextmanager
def board_process(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once it reads its input; killed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"board": BOARD, "district": "demo", "site": "东湖第一小学", "links": []}
    (folder / "board.json").write_text(json.dumps(config))
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "boards/unix/main.py"), str(folder)],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        deadline = time.monotonic() + 10
        while not (folder / "input").exists():
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()
