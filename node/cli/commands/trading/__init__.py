"""Commands of margin accounts, orders, positions and markets."""
