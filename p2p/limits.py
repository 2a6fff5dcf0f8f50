"""Every bound of the network in one place, each with the reason for its size."""

# --- frames and messages --------------------------------------------------------------------

FRAME_HEAD_BYTES = 5
"""`len u32 | kind u8`."""

READ_BYTES = 64 * 1024
"""One read. Small reads cost an encrypted window update each."""

WRITE_BYTES = 64 * 1024
"""Frames are joined into one write up to this size; a larger frame is written alone."""

JOIN_WITHIN_S = 0.002
"""Frames for a peer that come this soon after one that left at once leave together."""

PUBLISH_MAX_BYTES = 64 * 1024
"""One gossip message. A message costs the same up to 16 kB; larger things travel on streams."""

PUBLICATION_MAX_BYTES = PUBLISH_MAX_BYTES + 256
"""The same on a link, with its topic."""

GOSSIP_RPC_MAX_BYTES = 1024 * 1024
"""One gossip packet of several messages and their control part."""

REQUEST_MAX_BYTES = 64 * 1024
"""A request on an exchange stream. Answers have the asker's own limit."""

ANSWER_MAX_BYTES = 8 * 1024 * 1024
"""What a handler may answer, whatever the asker allows."""

NEGOTIATION_MAX_BYTES = 4096
"""What a stream may bring before its protocol is agreed."""

HANDSHAKE_MAX_BYTES = 64 * 1024
"""All bytes before a connection is secured and multiplexed; an honest one needs under 2 kB."""

WINDOW_MAX_BYTES = 2 * 1024 * 1024
"""Credit one stream may be given: 20 MB/s across 100 ms."""

CREDIT_BYTES = 128 * 1024
"""So much is read before the peer is given new credit; the library's first window is 256 kB."""

STREAM_BUFFER_MAX_BYTES = 2 * WINDOW_MAX_BYTES
"""What one stream may hold unread. The library's credit overshoots its window by up to half."""

STRANGER_BUFFER_MAX_BYTES = 512 * 1024
MEMBER_BUFFER_MAX_BYTES = 16 * 1024 * 1024
"""What all streams of one connection may hold unread."""

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

STRANGER_STAYS_S = 20.0
"""A stranger is disconnected after this time, in which it can ping and identify."""

HELLO_WITHIN_S = 15.0
"""A hello and its verdict, on machines that are busy starting."""

assert HELLO_WITHIN_S < STRANGER_STAYS_S

STRANGERS_MAX_COUNT = 64
"""More connections without an accepted hello than this and the oldest goes at once."""

PING_EVERY_S = 2.0
SILENCE_MAX_S = 5.0
"""No byte at all for this long, though we ping: the connection is cut and dialled again."""

PONG_MAX_S = 15.0
"""No answer to a ping for this long, whatever else arrives: likewise."""

WATCH_EVERY_S = 1.0
"""How often silence, strangers and full queues are looked for."""

assert 2 * PING_EVERY_S < SILENCE_MAX_S < PONG_MAX_S

DIAL_WITHIN_S = 5.0
DIAL_BACKOFF_FIRST_S = 0.2
DIAL_BACKOFF_AUTHORITY_S = 5.0
DIAL_BACKOFF_FOLLOWER_S = 30.0
DIAL_SETTLED_S = 3.0
"""A connection that lasted this long was good: after it, pauses between dials begin anew."""

DIAL_YIELD_S = 0.5
"""The peer with the higher id waits this long, so that only one of two dials."""

TWINS_WITHIN_S = 5.0
"""Two connections of one identity that are both younger than this come of dialling each other."""

LINK_BACKOFF_FIRST_S = 0.1
LINK_BACKOFF_S = 2.0

HANDSHAKE_WITHIN_S = 5.0
"""Securing and multiplexing a connection."""

NEGOTIATE_WITHIN_S = 5.0
"""A stream that has not named its protocol in this time is reset."""

CREDIT_WITHIN_S = 5.0
"""A stream whose reader gives no credit for this long is broken."""

CLOSE_WITHIN_S = 3.0
"""The end of a network waits no longer than this for sockets to close."""

SERVE_IDLE_S = 120.0
"""An exchange stream on which nothing was asked for this long is closed."""

SERVE_REST_S = 10.0
"""A request that began to arrive must be whole in this time."""

ANSWER_TAKEN_WITHIN_S = 60.0
"""An answer of 8 MiB to one who takes 150 kB a second."""

SERVE_YIELDS_S = 1.0
"""Answers wait for consensus output, but no longer than this."""

SERVE_LOOKS_EVERY_S = 0.005

# --- counts ---------------------------------------------------------------------------------

FOLLOWERS_MAX_COUNT = 50
"""Followers at one time; authorities have slots of their own."""

HALF_OPEN_MAX_COUNT = 128
"""Handshakes in progress, all addresses together."""

HALF_OPEN_ADDRESS_MAX_COUNT = 32
"""Handshakes in progress from one address."""

CONNECTIONS_ADDRESS_PER_S = 50
CONNECTIONS_ADDRESS_BURST_COUNT = 200
"""New connections from one address: a handshake costs us as much as the other side."""

ADDRESSES_MAX_COUNT = 4096
"""Addresses whose connections are counted; the oldest is forgotten."""

STREAMS_PEER_MAX_COUNT = 64
"""Inbound streams one member may hold open at a time."""

STREAMS_STRANGER_MAX_COUNT = 8
"""Inbound streams one stranger may hold open at a time."""

STREAMS_CONNECTION_MAX_COUNT = 256
"""Streams of one connection in the multiplexer, ours and theirs: more, and it is cut."""

EXCHANGE_STREAMS_MAX_COUNT = 4
"""Exchange streams we keep open to one peer and protocol."""

SEEN_S = 60.0
GOSSIP_LOOKS_EVERY_S = 3.0
GOSSIP_BACKOFF_S = 30.0
"""How often a gossip stream that is gone is noticed; less often if the peer serves none."""

SEEN_MAX_COUNT = 65_536
"""Digests of gossip content, so that one message is delivered once."""

# --- rates, for one peer --------------------------------------------------------------------

SERVED_FOLLOWER_BYTES_PER_S = 2 * MEBIBYTE
SERVED_FOLLOWERS_BYTES_PER_S = 8 * MEBIBYTE
"""All followers together."""

SERVED_AUTHORITY_BYTES_PER_S = 8 * MEBIBYTE
CLIENTS_MAX_COUNT = 1024
"""Peers whose use is remembered; the oldest is forgotten."""

REQUESTS_PER_S = 50
REQUESTS_BURST_COUNT = 100
GOSSIP_BYTES_PER_S = 4 * MEBIBYTE
GOSSIP_MESSAGES_PER_S = 600
"""Up to 600 messages a second leave direct round trips near 2 ms."""

# --- misbehaviour ---------------------------------------------------------------------------

BAN_S = 600.0
BAN_AUTHORITY_S = 10.0
"""An authority is needed: it comes back soon, and the observer is told."""
