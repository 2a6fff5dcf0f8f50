"""HTTP/1.1 and WebSocket on one port, on the node's own loop.

`server` listens and bounds connections; `connection` is the life of one of them; `request`
turns bytes into requests and refuses what is none; `access` says which browsers may ask;
`pages` answers GET; `socket` is a connection that became a WebSocket.
"""
