"""One mqtt.Link as a process: says on stdout what happens to it, a JSON object a line.

usage: python3 tests/firmware/link_driver.py PORT PASSWORD KEEPALIVE_S
"""

import sys

sys.path.insert(0, (sys.argv[0].rpartition("/")[0] or ".") + "/../..")

import asyncio
import json

from firmware.compat import open_tcp, random_unit
from firmware.mqtt import Link


def say(**value):
    sys.stdout.write(json.dumps(value) + "\n")
    if hasattr(sys.stdout, "flush"):
        sys.stdout.flush()


async def watch(link):
    """The reason of each failure, and an echo twice a second while the link is up."""
    reason = ""
    while True:
        await asyncio.sleep(0.5)
        if link.up:
            link.publish("down/echo", b"x" * 300)
        if link.reason != reason:
            reason = link.reason
            say(reason=reason)


def main():
    port, password, keepalive_s = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    login = ("school-3", password)
    will = ("up/gone", b"{}")
    link = Link(open_tcp, "127.0.0.1", port, login, will, "down/#", random_unit, keepalive_s)
    link.heard = lambda topic, payload: say(heard=topic, size=len(payload))
    link.changed = lambda up: say(up=up)
    link.refused = lambda: say(refused=True)

    async def both():
        watching = asyncio.create_task(watch(link))
        await link.run()
        await watching

    asyncio.run(both())


main()
