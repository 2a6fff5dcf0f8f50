"""The process: the only package that wires, waits, stores and listens."""
