"""Bundles: several legs that fill whole, at once and together, or not at all.

Read: legs, filling, transactions.
Source: docs/specs/orders.md, ORDR-100 to ORDR-109.
"""
