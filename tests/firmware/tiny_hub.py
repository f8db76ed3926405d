"""The least that answers a board as a hub does: receipts and states, nothing is kept."""

import json
import threading
import time

import paho.mqtt.client as mqtt


class TinyHub:
    """Stores every report once in memory. `answering = False`: it hears, and says nothing."""

    def __init__(self, port, password):
        self.answering = True
        self.reports = []
        self.names = []
        self.lock = threading.Lock()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "tiny-hub")
        self.client.username_pw_set("school-3", password)
        self.client.on_connect = lambda client, *_: client.subscribe(
            "qianshao/v1/demo/board/+/up/#"
        )
        self.client.on_message = self._heard
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _heard(self, client, _, message):
        topic, _, kind = message.topic.rpartition("/up/")
        value = json.loads(message.payload)
        if not self.answering:
            return
        with self.lock:
            if kind == "report":
                name = "%s:%d" % (value["boot"], value["number"])
                if name not in self.names:
                    self.names.append(name)
                    self.reports.append(value)
                self._say(topic, "receipt", boot=value["boot"], number=value["number"],
                          answer="stored", incident="demo-1", state="stored")  # fmt: skip
            elif kind == "heartbeat":
                fates = [
                    {"press": name, "state": "stored" if name in self.names else "unknown"}
                    for name in value.get("open", [])
                ]
                self._say(topic, "state", wall_ms=int(time.time() * 1000), settings=0,
                          presses=fates, alerts=[])  # fmt: skip

    def _say(self, topic, message, **value):
        value.update(ledger="1ed9e4000000000a", row=len(self.names), listening=True)
        self.client.publish(topic + "/down/" + message, json.dumps(value))
