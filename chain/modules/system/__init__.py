"""The chain's own module: where it stands, what it has been, how fast it may go.

    progress               the block whose changes these are, and its parent's id
    history                peaks of the tree over all earlier block ids
    consensus_parameters   the shortest and the usual time between blocks
    system.list            kind 1: up to 64 actions under one signature, all or nothing

A block's id is known only when the block is whole, so each block appends its *parent's* id
to the history as it opens.

Source: docs/specs/system.md.
"""
