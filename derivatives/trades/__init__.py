"""Novation: one trade between two accounts becomes two positions against the house.

Funding of both is settled, both positions are filled, fees are charged and shared: all of
it moves in one place, so that every product's trades keep the same equations.

Read: state, fees, limits, novate.
Source: docs/specs/trades.md.
"""
