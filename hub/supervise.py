"""`hub` alone: Mosquitto and the hub as siblings. A broker that were the hub's own child would
outlive a killed hub and keep its port."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence

from hub import broker
from hub.children import Child, Children
from hub.folder import Folder
from hub.registry import Registry
from hub.words import Sentence, words

LOOK_S = 0.1


def prepare(folder: Folder, port: int, mqtt_port: int) -> dict[str, int]:
    """Choose the ports of page, boards and subscribers, and lay the broker's files.

    Raises Sentence when a port is taken, OSError when the folder takes no writing.
    """
    settings = folder.settings()
    ports = folder.ports(
        {
            "web": port or settings.web.port,
            "mqtt": mqtt_port or settings.broker.mqtt_port,
            "board": settings.broker.board_port,
        }
    )
    registry = Registry(folder.registry)
    broker.write_files(folder, settings, registry, broker.Ports(ports["board"], ports["mqtt"]))
    return ports


async def supervise(folder: Folder, mosquitto: Sequence[str]) -> None:
    """Until SIGINT or SIGTERM. Raises Sentence when one of the two cannot begin."""
    stop, ready = asyncio.Event(), asyncio.Event()
    on_stop(stop.set)

    def pass_on(line: bytes) -> None:
        print(line.decode("utf-8", "replace"), end="", flush=True)
        if line.startswith(b"READY"):
            ready.set()

    children = Children(_started_again)
    serve = [sys.executable, "-m", "hub", "hub", "--data", str(folder.path), "--broker=external"]
    hub = Child("hub", serve, folder.path / "hub.log", pass_on)
    try:
        for child in (Child("mosquitto", mosquitto, folder.broker / "log"), hub):
            children.start(child)
        while not (ready.is_set() or stop.is_set()):
            for child in children.all:
                if child.ended() is not None:
                    raise Sentence(
                        f"{child.name} 没能启动：{child.said()}",
                        f"{child.name} could not start: {child.said()}",
                    )
            await asyncio.sleep(LOOK_S)
        watching = asyncio.create_task(children.watch())
        await stop.wait()
        watching.cancel()
    finally:
        await children.stop(hub)


def on_stop(stop: Callable[[], None]) -> None:
    """SIGTERM, and SIGINT also where a shell made us inherit it as ignored."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop)


def _started_again(name: str, code: int) -> None:
    told = words(f"{name} 意外结束（{code}），已重新启动", f"{name} died ({code}), started again")
    print(told, file=sys.stderr)
