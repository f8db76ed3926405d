"""The only place where the two interpreters differ: found by feature, never by name."""

import json

try:
    json.dumps("", ensure_ascii=False)
except TypeError:  # MicroPython writes raw UTF-8 and takes no such keyword

    def dumps(value):
        return json.dumps(value, separators=(",", ":"))

else:

    def dumps(value):
        # the same bytes as on a board, or a size limit would differ between the two
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
