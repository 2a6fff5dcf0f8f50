"""What a node keeps on disk about the chain: state, blocks, and how to go back.

`layout` says which row holds what, `batch` what becomes durable together, `leveldb` writes and
reads it, and is the only file that knows LevelDB.  The folder may be lost: a node without it
syncs again.  What must not be lost, the key and what it signed, is elsewhere.

Source: docs/specs/storage.md.
"""
