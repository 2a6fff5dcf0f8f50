"""Prices: what a quorum of authorities says an underlying is worth, and how far to trust it.

Each authority's feeder signs *reports*; the leader puts at least a quorum of them into the
block's *section*; step 1 of a block turns a section into one *price* and one *confidence* a
feed.  A value that moved too far is held until the reporters agree on its direction three
times (a *jump*), and a feed that nobody refreshes climbs down a *ladder* of states, each of
which forbids more.  Never a silent clamp: a price is used as reported, or not at all.

    section -> aggregation -> jump test -> price, averages, ladder -> who may do what

Vocabulary: `quote` what one report says of one feed; `section` the reports of a block;
`aggregate` what the quorum says; `age` header time less `updated_ms`; `grace` time after an
outage in which nobody is liquidated.

Read: state, aggregation, ladder, section, hooks.
Source: docs/specs/oracle.md.
"""
