"""Margin accounts, positions, orders and markets, as people and programs see them.

Everything here is read from the tables and events of the clearinghouse's modules; amounts,
lots, ticks and prices are strings, never fractions.
"""
