"""What happened, findable by account, market and kind: an index beside the chain, never part of it.

Everything here follows from stored receipts; it may be lost at any time and is then made again.
"""
