from collections.abc import Iterable, Mapping
from typing import Any

REVISION: int

def learn(
    records: Mapping[str, type],
    tables: Mapping[str, Any],
    overlay: type,
    base: type,
    unseen: object,
    line_of: Any,
    line: type,
    health: type,
    /,
) -> str | None: ...
def health(state: Any, account: str, /) -> Any: ...
def unsure(state: Any, holders: Iterable[str], /) -> list[str]: ...
def place(order: Any, context: Any, /) -> bool | None: ...
