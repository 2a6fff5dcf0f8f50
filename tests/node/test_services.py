"""NODE-009: a node offers its rooms by name, and what is not there is None."""

from pathlib import Path

from tests.node.test_assembly import made, one_node


async def test_a_node_alone_has_controls_and_no_network(tmp_path: Path) -> None:
    async with one_node(made(tmp_path / "net", "dev", 1)) as services:
        assert services.network is None
        assert services.dev is not None
        assert "auth0" == services.own_name
        assert [] == await services.simulator.audit()
        assert services.consensus.standing().ready
