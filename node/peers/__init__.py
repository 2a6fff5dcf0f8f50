"""What a node says to its peers beside consensus: hellos and batches of transactions."""
