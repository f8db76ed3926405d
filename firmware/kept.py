"""The few values that outlive a start beside the outbox: settings, ledger birth, last test.

Best effort: without the file the board works with its defaults and the hub sends them again.
"""

import json
import os

from firmware.compat import commit
from protocol.compat import dumps


class Kept:
    def __init__(self, path):
        self.path = path
        self.values = {}
        try:
            with open(path, "rb") as file:
                values = json.loads(str(file.read(), "utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(values, dict):
            self.values = values

    def keep(self, name, value):
        """Raises OSError; the value holds for this start in any case."""
        self.values[name] = value
        with open(self.path + ".new", "wb") as file:
            file.write(dumps(self.values).encode())
            commit(file)
        os.rename(self.path + ".new", self.path)
