"""How much heap a whole board app takes on 32-bit words, compiled on the board from source."""

import subprocess

import pytest

from tests.firmware.processes import PASSWORD, ROOT, Broker, interpreter
from tests.firmware.tiny_hub import TinyHub

pytestmark = pytest.mark.chain
HEAP_KB = 88


def test_a_press_to_stored_in_a_small_heap(tmp_path, capsys):
    command = interpreter("micropython32")
    (tmp_path / "broker").mkdir()
    (tmp_path / "flash").mkdir()
    broker = Broker(tmp_path / "broker")
    hub = TinyHub(broker.port, PASSWORD)
    arguments = ["tests/firmware/heap_driver.py", str(tmp_path / "flash"), str(broker.port)]
    heap = "heapsize=%dk" % HEAP_KB
    try:
        done = subprocess.run(
            [*command, "-X", heap, *arguments, PASSWORD],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )
    finally:
        hub.stop()
        broker.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    used = int(done.stdout.split()[-1])
    with capsys.disabled():
        print("\n32-bit board app: a heap of %d KB, %d bytes in use at stored" % (HEAP_KB, used))
