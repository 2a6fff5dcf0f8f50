"""What waits for a block: bounded, ordered by class, fair among signers, pure.

`pool` is the room's one door, `reasons` why something may not wait, `selection` what a
block may take, `crowd` who makes room when the pool is full, `past` what became of what
no longer waits.  Nothing here reads a clock, a disk or a socket.

Source: docs/specs/mempool.md.
"""
