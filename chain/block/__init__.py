"""Blocks: their header, body and receipts, and the votes and certificates about them."""
