"""Run test files under the interpreter at hand: `micropython tests/dual.py FILE...`.

For the rooms that run on a board. Each `test_*` function of a file is called without arguments;
a failure prints its trace, and the exit code is 1.
"""

import sys

ROOT = (sys.argv[0].rpartition("/")[0] or ".") + "/.."
sys.path.insert(0, ROOT)


def module(path: str) -> object:
    """Import `tests/room/test_x.py` as a module of the tests package."""
    name = path[path.rfind("tests/") : -3].replace("/", ".")
    __import__(name)
    return sys.modules[name]


def main() -> int:
    failed = passed = 0
    for path in sys.argv[1:]:
        found = module(path)
        for name in sorted(dir(found)):
            if not name.startswith("test_"):
                continue
            try:
                getattr(found, name)()
                passed += 1
            except Exception as error:
                failed += 1
                print("FAILED", path, name)
                if hasattr(sys, "print_exception"):
                    sys.print_exception(error)
                else:
                    raise
    print("passed=" + str(passed), "failed=" + str(failed))
    return 1 if failed else 0


sys.exit(main())
