"""Every bound of the protocol, one a line, with its derivation above it.

Changing one of these changes what a valid block is, unless its comment says `local`.
"""

# One record, however deep, is never larger than the largest transaction with room to spare.
RECORD_BYTES_MAX = 4 * 1024 * 1024

# Signed 63-bit amounts leave one bit so that a sum of two supplies never wraps.
SUPPLY_QUANTUMS_MAX = 2**62

TRANSACTION_BYTES_MAX = 16 * 1024
GOVERNANCE_TRANSACTION_BYTES_MAX = 128 * 1024
SIGNATURES_MAX_COUNT = 16
LIST_ACTIONS_MAX_COUNT = 64
LANES_MAX_COUNT = 64
# A transaction expires: replay state is bounded, and an unknown outcome becomes a known one.
VALIDITY_MAX_BLOCKS = 1_200
# A block's transactions; hooks have bounds of their own and never count here.
BLOCK_TRANSACTIONS_MAX_COUNT = 5_000
BLOCK_BODY_BYTES_MAX = 1024 * 1024
BLOCK_WRITES_MAX_COUNT = 20_000
# A second of a validator without any kernel: what building and two ways over the wires leave of a
# view's 1.2 s.
BLOCK_WORK_MAX_COUNT = 10_000_000
# What such a validator takes for each change that an order makes, measured over its fills: 25 us.
CHANGE_WORK_COUNT = 250
# Oracle section and evidence travel beside the transactions and have their own megabyte.
BLOCK_EXTRAS_BYTES_MAX = 1024 * 1024
EVIDENCE_MAX_COUNT = 64

MEMPOOL_TRANSACTIONS_MAX_COUNT = 20_000  # local
MEMPOOL_BYTES_MAX = 16 * 1024 * 1024  # local
MEMPOOL_PENDING_PER_SIGNER_MAX_COUNT = 64  # local
MEMPOOL_FUTURE_PER_LANE_MAX_COUNT = 16  # local
MEMPOOL_PARKED_MAX_MS = 30_000  # local

MIN_BLOCK_MS_DEFAULT = 100
TARGET_BLOCK_MS_DEFAULT = 500
# A longer gap between a block and its parent is a break: prices must be confirmed anew.
BREAK_MS = 10_000

AUTHORITIES_MAX_COUNT = 100
UNDO_BLOCKS = 1_000
CERTIFICATES_PER_NULL_CHAIN_MAX_COUNT = 64
VOTE_WINDOW_VIEWS = 64

assert BLOCK_BODY_BYTES_MAX >= GOVERNANCE_TRANSACTION_BYTES_MAX
