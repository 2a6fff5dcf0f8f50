"""Keys on disk: encrypted under a passphrase, or plain and marked as worthless.

`key_file` reads and writes one file; `store` is a folder of named ones; `encryption` turns a
passphrase into a lock; `derivation` makes many keys of one seed; `passphrase` asks for it.

A key file keeps the public half in clear, so that listing needs no passphrase.  Its address is
the signer's and stays when the key rotates; its public key is the one that signs now.

Source: docs/specs/keystore.md.
"""
