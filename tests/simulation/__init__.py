"""Consensus under a seeded network, disk and clock, on a plain heap of events.

keys      cheap signatures, so that a seed takes a second
ledger    blocks that can be executed without a state machine
member    one process: the core, its driver, disk and clock, and what a crash leaves
world     the heap, the network, time
plan      what one seed chooses: sizes, delays, faults
auditor   what must hold whatever happens, written apart from the core
byzantine a file a sin
run       the command
"""
