"""Catching up: prove how high the chain is, fetch ranges of it, execute every block.

    wire      what is asked and answered: small records, and streams of pieces under their limits
    ranges    whether one answered range is what was asked for, or whose fault it is not
    epochs    which authorities sign which epoch, boundary by boundary
    machine   who is asked for what next; pure, told of everything, waits for nothing
    serving   answers to others, and how much of the line they may take
    syncing   the trio shell that lets the machine loose on peers and disk

A node syncs while it follows consensus, and a follower does nothing else.
Source: docs/specs/sync.md.
"""
