"""The shell around the core of consensus: disk before links, and nothing else decided here.

driver      inputs in order, effects in order: one frame of the log, one sync, then the sends
outbound    what the core asked to send, as frames on the links
committer   final blocks to disk, into the tables, and then to whoever waits
recovery    what store and vote log say together when a node starts
hello       who speaks on a new connection, and what makes it believable
greeter     makes hellos and judges them
vote_log    the append-only log beside the key
"""
