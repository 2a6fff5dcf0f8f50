"""Every bound of the network in one place, each with the reason for its size."""

# --- frames and messages --------------------------------------------------------------------

FRAME_HEAD_BYTES = 5
"""`len u32 | kind u8`."""

READ_BYTES = 64 * 1024
"""One read. Small reads cost an encrypted window update each."""

WRITE_BYTES = 64 * 1024
"""Frames are joined into one write up to this size; a larger frame is written alone."""

PUBLISH_MAX_BYTES = 64 * 1024
"""One gossip message. A message costs the same up to 16 kB; larger things travel on streams."""

GOSSIP_RPC_MAX_BYTES = 1024 * 1024
"""One gossip packet of several messages and their control part."""

REQUEST_MAX_BYTES = 64 * 1024
"""A request on an exchange stream. Answers have the asker's own limit."""

ANSWER_MAX_BYTES = 8 * 1024 * 1024
"""What a handler may answer, whatever the asker allows."""

HELLO_MAX_BYTES = 16 * 1024
"""A hello with three votes and a signature is below 2 kB."""

REFUSAL_MAX_BYTES = 512
"""The text of a refusal."""

# --- queues ---------------------------------------------------------------------------------

MEBIBYTE = 1024 * 1024

QUEUE_MAX_BYTES = (4 * MEBIBYTE, 4 * MEBIBYTE, 8 * MEBIBYTE, 1 * MEBIBYTE)
"""Outbound bytes for each peer and traffic class, in the order of `TrafficClass`."""

FULL_MAX_S = 10.0
"""A peer whose queue stays full for this long is disconnected and dialled again."""

ARRIVALS_MAX_COUNT = 256
"""Reads of all links that wait for the node. Full: the links stop reading, peers are slowed."""

DELIVERIES_MAX_COUNT = 1024
"""Gossip lists that wait for one subscriber."""

GOSSIP_QUEUE_COUNT = 4096
"""The library's own outbound and subscription queues; 32 loses 104 of 500 in a burst."""

# --- time -----------------------------------------------------------------------------------

HELLO_WITHIN_S = 5.0
"""A connection whose hello is not accepted in this time belongs to a stranger."""

STRANGER_STAYS_S = 20.0
"""A stranger is disconnected after this time, so that it can ping and identify."""

STRANGERS_MAX_COUNT = 16
"""More strangers than this and the oldest goes at once."""

STRANGERS_ADDRESS_MAX_COUNT = 8
"""Connections of one address that have not said hello."""

PING_EVERY_S = 2.0
PING_WITHIN_S = 4.0
"""An answer later than this is silence: the connection is dropped and dialled again."""

assert PING_EVERY_S < PING_WITHIN_S

DIAL_WITHIN_S = 5.0
DIAL_BACKOFF_FIRST_S = 0.2
DIAL_BACKOFF_AUTHORITY_S = 5.0
DIAL_BACKOFF_FOLLOWER_S = 30.0
DIAL_CHECK_S = 0.5
"""How often a dialler looks whether its peer is still connected."""

LINK_BACKOFF_FIRST_S = 0.1
LINK_BACKOFF_S = 2.0

NEGOTIATE_WITHIN_S = 5.0
"""A stream that has not named its protocol in this time is reset."""

CLOSE_WITHIN_S = 3.0
"""The end of a network waits no longer than this for sockets to close."""

SERVE_IDLE_S = 120.0
"""An exchange stream on which nothing was asked for this long is closed."""

SERVE_REST_S = 10.0
"""A request that began to arrive must be whole in this time, and an answer taken."""

# --- counts ---------------------------------------------------------------------------------

FOLLOWERS_MAX_COUNT = 50
"""Followers at one time; authorities have slots of their own."""

CONNECTIONS_MAX_COUNT = 400
"""Handshakes in progress and connections together; authorities are admitted above it."""

HALF_OPEN_MAX_COUNT = 128
"""Handshakes in progress, all addresses together."""

HALF_OPEN_ADDRESS_MAX_COUNT = 32
"""Handshakes in progress from one address."""

STREAMS_PEER_MAX_COUNT = 64
"""Inbound streams one member may hold open at a time."""

STREAMS_STRANGER_MAX_COUNT = 8
"""Inbound streams one stranger may hold open at a time."""

EXCHANGE_STREAMS_MAX_COUNT = 4
"""Exchange streams we keep open to one peer and protocol."""

SEEN_MAX_COUNT = 65_536
"""Digests of gossip content, so that one message is delivered once."""

# --- rates, for one peer --------------------------------------------------------------------

REQUESTS_PER_S = 50
REQUESTS_BURST_COUNT = 100
GOSSIP_BYTES_PER_S = 4 * MEBIBYTE
GOSSIP_MESSAGES_PER_S = 600
"""Up to 600 messages a second leave direct round trips near 2 ms."""

# --- misbehaviour ---------------------------------------------------------------------------

BAN_S = 600.0
BAN_AUTHORITY_S = 10.0
"""An authority is needed: it comes back soon, and the observer is told."""
