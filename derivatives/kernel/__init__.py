"""An order from acceptance to margin in C, on the records and rows of the open block.

    twin      the modules themselves: orders, trades, positions, perpetuals, margin
    native    the same in C for the plain case; it declines the rest before anything is changed
    level     whether it runs here
    known     what it is told

It is no module.  The registry tells it records and tables (`known`), which must have the fields
that it knows; else the twin answers everything.  Changes, their order, events and receipts are
those of the twin, to the byte.

Read: level, known; whole.h, records.h, rows.h, state.h, line.h, health.h, quiet.h, desk.h, place.h;
then their .c.
Source: docs/specs/orders.md, ORDR-090 to ORDR-095.
"""
