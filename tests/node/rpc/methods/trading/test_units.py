"""Numbers for people. Criterion: RPC-097 of docs/specs/rpc.md."""

from node.rpc.methods.trading.units import signed_e8, units_of
from tests.node.rpc.conftest import Rooms


def test_a_number_is_told_in_what_it_is_counted_in(rooms: Rooms) -> None:
    units = units_of(rooms.world.view, {"asset": "BTC"}, {"instrument": "BTC-PERP"})

    assert "64000.5 USD" == units.shown("price_ticks", "128001", {})
    assert "-2.5 BTC" == units.shown("size_lots", "-2500", {})
    assert "1.000000 USD" == units.shown("fee_quantums", "1000000", {"asset": "USD"})
    assert "7" == units.shown("limit_count", 7, {})


def test_what_is_counted_in_nothing_known_stays_as_it_is(rooms: Rooms) -> None:
    units = units_of(rooms.world.view, {"account": "nov1nobody"}, {})

    assert ["5", "5", "5"] == [
        units.shown(name, "5", {}) for name in ("a_quantums", "a_ticks", "a_lots")
    ]


def test_below_zero_keeps_its_sign() -> None:
    assert ("-0.5", "0") == (signed_e8(-50_000_000), signed_e8(0))
