from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TypeVar

_Item = TypeVar("_Item")

def dumps(value: object) -> str: ...
def remembered(
    generate: Callable[[str], Iterable[_Item]],
) -> Callable[[str], Iterable[_Item]]: ...
def let_go(module: ModuleType) -> None: ...
