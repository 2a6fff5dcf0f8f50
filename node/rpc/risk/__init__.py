"""How an account stands, would stand, and stood: before an order, after a move, over blocks."""
