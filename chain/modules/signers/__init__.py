"""Who may act: keys, threshold, lanes, and agents that may trade but not take.

    signer    an address, the public key that opened it; it stays when keys rotate
    keys      1 to 16 of them, of which a threshold signs together
    lane      one of 64 orders of a signer's transactions; each goes up by exactly one
    agent     a key that may send what it was given, never transfers out, never key changes

A signer is opened by its first incoming transfer of at least the minimum.

Source: docs/specs/signers.md.
"""
