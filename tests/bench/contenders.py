"""What is measured: our hub and the bare reference, each with a fresh Mosquitto of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import broker, enrol, supervise
from hub.folder import Folder
from hub.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
DISTRICT = "bench"
BOARDS = [f"bench-{number:03d}" for number in range(1, 51)]
# no board of a bench is held back for being too fast: it is the hub that is measured
SETTINGS = "\n[web]\nport = 0\n\n[intake]\nburst = 1000000\nper_second = 1000000\n"
STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 10.0
ON_DISK = "/var/tmp"  # unlike /tmp it is no memory disk: an fsync there is an fsync


@dataclass(frozen=True)
class Running:
    """`job`: what a generator needs to know of it."""

    folder: Folder
    job: dict[str, Any]

    def load(self, kind: str, seconds: float, **more: float) -> dict[str, Any]:
        """One run of the generator: its result. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.generator"],
            input=json.dumps({**self.job, "kind": kind, "seconds": seconds, **more}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
        )
        result: dict[str, Any] = json.loads(done.stdout)
        return result


def prepare(path: Path) -> tuple[Folder, dict[str, int]]:
    """A data folder with fifty simulated boards, and its broker's files."""
    folder = Folder(path)
    folder.create(DISTRICT, DISTRICT)
    with folder.toml.open("a") as file:
        file.write(SETTINGS)
    registry = Registry(folder.registry)
    enrol.put_site(registry, {"id": DISTRICT, "name": DISTRICT, "street": DISTRICT})
    boards = [{"id": board, "site": DISTRICT, "simulated": True} for board in BOARDS]
    enrol.put_boards(registry, boards)
    return folder, supervise.prepare(folder, 0, 0)


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="qianshao-bench-", dir=ON_DISK) as path:
        yield Path(path)


@contextmanager
def running(name: str) -> Iterator[Running]:
    """`ours` or `reference`, ready to be loaded. Raises OSError when it does not start."""
    with ExitStack() as stack:
        path = stack.enter_context(folder_on_disk())
        folder, ports = prepare(path)
        log = path / "log"
        configuration = folder.broker / broker.CONFIGURATION
        stack.enter_context(_process(broker.command(configuration), log))
        if name == "ours":
            command = ["hub", "hub", "--data", str(path), "--broker", "external"]
        else:
            password = folder.secret(f"mqtt {broker.HUB_USER}")
            database = str(path / "reference.db")
            port = str(ports["mqtt"])
            command = ["tests.bench.reference", port, broker.HUB_USER, password, database]
        hub = stack.enter_context(_process([sys.executable, "-m", *command], log))
        assert hub.stdout
        if not any(line.startswith("READY") for line in hub.stdout):
            raise OSError(f"{name} did not start: {log.read_text()[-2000:]}")
        boards = {board: folder.board_password(board, 1) for board in BOARDS}
        yield Running(folder, {"port": ports["board"], "district": DISTRICT, "boards": boards})


@contextmanager
def _process(command: list[str], log: Path) -> Iterator["subprocess.Popen[str]"]:
    with log.open("a") as said:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, cwd=ROOT
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
