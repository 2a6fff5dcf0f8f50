"""How records become bytes, and bytes records again, in exactly one way.

`record` declares a typed, frozen record whose integers carry their unit in their
name; `canonical` writes and reads it as a msgpack array; `order` writes keys whose
byte order is their order.  Bytes are valid only if `encode(decode(b)) == b`.

Source: docs/specs/codec.md.
"""
