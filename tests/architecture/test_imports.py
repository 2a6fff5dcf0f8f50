"""Law 1: imports point down the picture. Law 3: one door to each library."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.architecture.source import (
    ROOT,
    imports_of,
    module_of,
    name_of,
    python_files,
)

ALLOWED = {
    "chain": {"chain"},
    "derivatives": {"derivatives", "chain"},
    "p2p": {"p2p"},
    "node": {"node", "derivatives", "p2p", "chain"},
}
ROOMS_OF_CHAIN = {
    "limits": set(),
    "arithmetic": set(),
    "kernel": set(),
    "crypto": {"limits", "codec", "kernel"},
    "codec": {"limits", "crypto", "kernel"},
    "state": {"limits", "arithmetic", "crypto", "codec", "kernel", "kit.table"},
    "kit": {"limits", "arithmetic", "crypto", "codec", "kernel", "state"},
    "block": {"limits", "arithmetic", "crypto", "codec", "kernel", "kit"},
    "modules": {"limits", "arithmetic", "crypto", "codec", "kernel", "state", "kit", "block"},
    "machine": {
        *("limits", "arithmetic", "crypto", "codec", "kernel", "state", "kit", "block"),
        "modules",
    },
    "consensus": {"limits", "arithmetic", "crypto", "codec", "block"},
}
DOORS = {
    "nacl": ("chain/crypto/verification.py",),
    "cryptography": ("chain/crypto/signing.py", "node/keystore/"),
    "msgspec": ("chain/codec/", "node/rpc/", "node/config.py"),
    "msgpack": ("node/sync/", "node/storage/"),
    "plyvel": ("node/storage/leveldb.py",),
    "sqlite3": ("node/history/store.py",),
    "libp2p": ("p2p/",),
    "multiaddr": ("p2p/",),
    "time": ("node/clock.py",),
    "datetime": ("node/clock.py",),
    "random": ("p2p/memory.py",),
    "secrets": ("node/keystore/",),
    "httptools": ("node/rpc/",),
    "trio_websocket": ("node/rpc/",),
    "structlog": ("node/telemetry/",),
    "prometheus_client": ("node/telemetry/",),
    "click": ("node/cli/",),
    "matplotlib": ("node/cli/showing/picture.py",),
}
LIBP2P_FILES_MAX = 5


def test_packages_import_only_what_stands_below_them() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for package, allowed in ALLOWED.items()
        for path in python_files(package)
        for line, module in imports_of(path)
        if module.partition(".")[0] in ALLOWED and module.partition(".")[0] not in allowed
    ]

    assert [] == wrong


def test_rooms_of_chain_import_only_what_stands_below_them() -> None:
    wrong = []
    for path in python_files("chain"):
        room = module_of(path).split(".")[1] if "." in module_of(path) else ""
        for line, module in imports_of(path):
            parts = module.split(".")
            if parts[0] != "chain" or len(parts) < 2 or not room or parts[1] == room:
                continue
            below = ROOMS_OF_CHAIN[room]
            if parts[1] not in below and ".".join(parts[1:3]) not in below:
                wrong.append(f"{name_of(path)}:{line} imports {module}")

    assert [] == wrong


def test_modules_of_the_clearinghouse_see_three_rooms_of_the_chain() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in python_files("derivatives")
        for line, module in imports_of(path)
        if path.parent.name != "derivatives"
        and module.startswith("chain.")
        and module.split(".")[1] not in {"kit", "modules", "state"}
    ]

    assert [] == wrong


def test_modules_import_only_modules_above_them_in_the_registry() -> None:
    from derivatives.registry import REGISTRY

    order = {module.name: place for place, module in enumerate(REGISTRY)}
    wrong = []
    for root in ("chain/modules", "derivatives"):
        for path in python_files(root):
            room = path.relative_to(ROOT / root).parts[0]
            for line, module in imports_of(path):
                prefix = root.replace("/", ".") + "."
                if not module.startswith((prefix, "chain.modules.")):
                    continue
                other = module.removeprefix("chain.modules.").removeprefix(prefix).split(".")[0]
                if room not in order or other not in order or other == room:
                    continue
                if order[other] > order[room] and not module.endswith((".state", ".reasons")):
                    wrong.append(f"{name_of(path)}:{line} imports {module}")

    assert [] == wrong


def test_each_library_has_one_door() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in python_files(*ALLOWED)
        for line, module in imports_of(path)
        if module.partition(".")[0] in DOORS
        and not name_of(path).startswith(DOORS[module.partition(".")[0]])
    ]

    assert [] == wrong


def test_each_library_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["plot"]]
    declared = {_distribution(one) for one in wanted}
    libraries = {
        module.partition(".")[0]
        for path in python_files(*ALLOWED)
        for _, module in imports_of(path)
    }
    brought = packages_distributions()
    names = {
        library: set(map(_distribution, brought.get(library, [])))
        for library in libraries - set(ALLOWED) - sys.stdlib_module_names
    }

    assert {} == {library: owner for library, owner in names.items() if not owner & declared}


def _distribution(requirement: str) -> str:
    """Return the name in a requirement as an index spells it."""
    return re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower().replace("_", "-")


def test_libp2p_is_known_to_few_files() -> None:
    knowing = {
        name_of(path)
        for path in python_files("p2p")
        for _, module in imports_of(path)
        if module.partition(".")[0] == "libp2p"
    }

    assert len(knowing) <= LIBP2P_FILES_MAX, sorted(knowing)


def test_imports_have_no_cycle() -> None:
    modules = {module_of(path): path for path in python_files(*ALLOWED)}
    edges = {
        module: {target for _, target in imports_of(path) if target in modules and target != module}
        for module, path in modules.items()
    }
    done: set[str] = set()
    cycles = []

    def walk(module: str, trail: tuple[str, ...]) -> None:
        if module in trail:
            cycles.append(" -> ".join((*trail[trail.index(module) :], module)))
        elif module not in done:
            for target in sorted(edges[module]):
                walk(target, (*trail, module))
            done.add(module)

    for module in sorted(edges):
        walk(module, ())

    assert [] == cycles
