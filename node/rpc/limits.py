"""Every bound of the RPC server that no operator sets; the others are `node.config.Rpc`.

All are local: no block depends on them.

Source: docs/specs/rpc.md, RPC-001.
"""

# Calls of one WebSocket that run at the same time; the next waits unread in the socket.
CALLS_PER_SOCKET_MAX_COUNT = 16

READ_BYTES = 16 * 1024
# From complete headers to the last byte of a body: 1 MiB at 17 kB/s.
BODY_DEADLINE_MS = 60_000
WRITE_DEADLINE_MS = 60_000
HANDSHAKE_DEADLINE_MS = 10_000
# What a refused sender may still send, so that our answer is not lost in a reset.
LINGER_MS = 1_000
LINGER_BYTES = 2 * 1024 * 1024
# A reader that stalled has this long to take its close frame.
CLOSE_DEADLINE_MS = 10_000
# A node that ends gives WebSockets this long to take their close frames.
LEAVING_MS = 1_000
PING_EVERY_MS = 30_000
HEARTBEAT_EVERY_MS = 10_000
CONSENSUS_LOOK_EVERY_MS = 500

LIST_ITEMS_DEFAULT_COUNT = 100
LIST_ITEMS_MAX_COUNT = 1_000
# Events or blocks read at a time while a subscription catches up.
REPLAY_ITEMS_COUNT = 100

# As many transfers as one body of the size that is parsed on the main loop holds.
SUBMITTED_MAX_COUNT = 200
# Taken apart between two looks of the main loop at consensus: half a millisecond.
PARSED_AT_ONCE_BYTES = 32 * 1024

WAIT_DEFAULT_MS = 10_000
WAIT_MAX_MS = 60_000

# Loopback is exempt. A page that follows the chain makes a handful of calls a second.
RATE_TOKENS_PER_SECOND = 100
RATE_TOKENS_MAX = 400
RATE_ADDRESSES_MAX_COUNT = 10_000
# One address, loopback apart, holds at most this part of all connections.
CONNECTIONS_SHARE = 4

# Parsing more than this on the main loop would be felt by consensus.
PARSE_INLINE_BYTES_MAX = 64 * 1024
METRICS_CACHE_MS = 1_000

assert LIST_ITEMS_DEFAULT_COUNT <= LIST_ITEMS_MAX_COUNT
assert WAIT_DEFAULT_MS <= WAIT_MAX_MS
