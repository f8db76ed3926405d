"""The only place where the two interpreters differ: found by feature, never by name."""

import json
import sys

try:
    json.dumps("", ensure_ascii=False)
except TypeError:  # MicroPython writes raw UTF-8 and takes no such keyword

    def dumps(value):
        return json.dumps(value, separators=(",", ":"))

else:
    # the same bytes as on a board, or a size limit would differ between the two
    dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


try:
    from micropython import const
except ImportError:

    def const(value):
        """A number that a board's compiler writes in place of its name: it begins with _."""
        return value


try:
    from functools import cache as _cache
    from functools import lru_cache

    cached = lru_cache(64)  # keys may be a stranger's: never more than so many
except ImportError:

    def cached(call):
        return call

    def remembered(generate):
        """A board has no heap to remember in: it generates anew each time."""
        return generate

    def let_go(module):
        """A module that was needed once: a board takes its heap back."""
        package, _, name = module.__name__.rpartition(".")
        delattr(sys.modules[package], name)
        del sys.modules[module.__name__]

else:

    def remembered(generate):
        """What `generate(key)` yields, as a tuple, found once."""
        return _cache(lambda key: tuple(generate(key)))

    def let_go(module):
        pass
