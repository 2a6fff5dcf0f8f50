"""Worst losses of many portfolios: a C kernel beside the Python that defines it.

    twin      what is right, in integers without bounds
    native    the same in C, for whatever fits 62 bits; it declines the rest.  Beside the scan of
              many groups it has the pass over many accounts that step 5 is
    scan      asks native where it is built, the twin for what native declines
    level     which of them runs here, by name

The two agree bit for bit, at every width that the processor offers.

Read: twin, scan, level; then scan.h, scan.c, many.c, account.h, account.c, gains.c; native.c and
standing.c are their faces.
Source: docs/specs/margin.md, MARG-010 to MARG-019.
"""
