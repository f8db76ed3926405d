"""The bare reference hub: paho on asyncio, QoS 0, one INSERT, group commit, receipt. Nothing else.

What any hub that stores before it answers must at least do; the product is measured against it.
usage: python -m tests.bench.reference PORT USER PASSWORD DATABASE [BATCH]
"""

import asyncio
import json
import queue
import socket
import sqlite3
import sys
import threading
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


class Reference:
    """`most`: how many reports share one commit; 1 = each has its own."""

    def __init__(self, path: str, most: int) -> None:
        self.most = most
        self.inbox: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self.loop = asyncio.get_running_loop()
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE report (name TEXT PRIMARY KEY, body BLOB)")
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="reference", protocol=mqtt.MQTTv311
        )
        self.client.on_socket_open = self.socket_opened
        self.client.on_socket_close = self.socket_closed
        self.client.on_socket_register_write = self.wants_write
        self.client.on_socket_unregister_write = self.wrote
        self.client.on_connect = self.connected
        self.client.on_message = self.heard
        threading.Thread(target=self.write, daemon=True).start()

    def socket_opened(self, client: mqtt.Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.loop.add_reader(sock, client.loop_read)

    def socket_closed(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self.loop.remove_reader(sock)

    def wants_write(self, client: mqtt.Client, _data: Any, sock: Any) -> None:
        self.loop.add_writer(sock, client.loop_write)

    def wrote(self, _client: mqtt.Client, _data: Any, sock: Any) -> None:
        self.loop.remove_writer(sock)

    def heard(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.inbox.put((message.topic, bytes(message.payload)))

    def connected(self, client: mqtt.Client, *_rest: Any) -> None:
        client.subscribe("qianshao/v1/+/board/+/up/report")
        print("READY", flush=True)

    def write(self) -> None:
        """The writing thread: what waits is one transaction, then its receipts."""
        while True:
            batch = [self.inbox.get()]
            while len(batch) < self.most and not self.inbox.empty():
                batch.append(self.inbox.get())
            receipts = []
            self.db.execute("BEGIN")
            for topic, payload in batch:
                report = json.loads(payload)
                name = f"{topic}:{report['boot']}:{report['number']}"
                self.db.execute("INSERT OR IGNORE INTO report VALUES (?, ?)", (name, payload))
                answer = {
                    "boot": report["boot"],
                    "number": report["number"],
                    "answer": "stored",
                }
                receipts.append((topic.replace("/up/report", "/down/receipt"), answer))
            self.db.execute("COMMIT")
            self.loop.call_soon_threadsafe(self.send, receipts)

    def send(self, receipts: list[tuple[str, dict[str, Any]]]) -> None:
        for topic, answer in receipts:
            self.client.publish(topic, json.dumps(answer).encode())


async def main(port: int, user: str, password: str, path: str, most: int) -> None:
    reference = Reference(path, most)
    reference.client.username_pw_set(user, password)
    reference.client.connect("127.0.0.1", port)
    while True:
        await asyncio.sleep(0.5)
        reference.client.loop_misc()


if __name__ == "__main__":
    port, user, password, path, *most = sys.argv[1:]
    asyncio.run(main(int(port), user, password, path, int(most[0]) if most else 500))
