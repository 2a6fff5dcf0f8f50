"""Many options at once: a C kernel beside the Python that defines it.

    header   the tables as C writes them: the text of tables.h
    batch    asks native where it is built, the twin for what native declines or is not there

The twin is `derivatives.pricing.black` and `implied`; the two agree bit for bit.

Read: batch; then black.h, black.c, native.c.
Source: docs/specs/pricing.md, PRIC-020 to PRIC-024.
"""
