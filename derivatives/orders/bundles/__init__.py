"""Bundles: several legs that fill whole, at once and together, or not at all.

Read: legs, filling, transactions.
Source: docs/specs/orders.md, ORDR-090 to ORDR-099.
"""
