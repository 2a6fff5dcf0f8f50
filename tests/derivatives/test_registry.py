"""MACH-010, MACH-054, MACH-056: what is published never changes, and the shipped chain is known."""

from pathlib import Path

from chain.block.header import block_id_of, header_bytes
from chain.machine.application import Application
from chain.machine.genesis import genesis_state, load_genesis
from derivatives.registry import REGISTRY
from node.mempool.reasons import MEMPOOL
from node.rpc.reasons import LIMITS, LOOKUP
from tests import given

APPLICATION = Application(REGISTRY)
SHIPPED = Path(__file__).parents[2] / "genesis.json"


def test_published_numbers_are_golden() -> None:
    for area in (MEMPOOL, LOOKUP, LIMITS):
        APPLICATION.add_area(area)
    found = {
        "modules": {str(module.id): module.name for module in APPLICATION.modules},
        "tables": {f"{table.module_id}.{table.number}": table.name for table in APPLICATION.tables},
        "kinds": {str(kind): APPLICATION.kind_name(kind) for kind in APPLICATION.kinds},
        "events": {
            f"{module.id}.{number}": APPLICATION.event_name(module.id, number)
            for module in APPLICATION.modules
            for number in sorted(module.events)
        },
        "reasons": {str(reason.code): reason.slug for reason in APPLICATION.reasons},
    }

    frozen = given.golden("permanent", found)

    for what, numbers in frozen.items():
        kept = {number: found[what].get(number) for number in numbers}
        assert numbers == kept, f"{what}: a published number changed its meaning"
    assert frozen == found, "new numbers are published with `make goldens`"


def test_shipped_genesis_is_golden() -> None:
    genesis = load_genesis(APPLICATION, SHIPPED.read_bytes())
    tables, block = genesis_state(APPLICATION, genesis)
    header = block.header

    found = {
        "chain_id": genesis.chain_id.hex(),
        "block_id": block_id_of(header).hex(),
        "state_root": tables.root.hex(),
        "receipts_root": header.receipts_root.hex(),
        "authorities_hash": header.authorities_hash.hex(),
        "params_hash": header.params_hash.hex(),
        "header": header_bytes(header).hex(),
    }
    assert given.golden("genesis", found) == found


def test_full_registry_builds_blocks_that_others_find_valid() -> None:
    world = given.world()

    world.close_block()
    world.close_block()

    assert 2 == world.head.header.height
