"""Every door by name; a module each."""

from tests.fuzz.door import Door
from tests.fuzz.doors import (
    actions,
    configuration,
    files,
    frames,
    genesis,
    hello,
    records,
    signatures,
    sync,
    transactions,
    vote_log,
    web,
)

DOORS: dict[str, Door] = {
    door.name: door
    for module in (
        actions,
        configuration,
        files,
        frames,
        genesis,
        hello,
        records,
        signatures,
        sync,
        transactions,
        vote_log,
        web,
    )
    for door in module.DOORS
}
