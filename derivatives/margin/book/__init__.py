"""Step 5 without a loop over accounts: what margin reads of each, packed and kept.

    reading   one account as the state has it: cash, positions, flags
    opening   very many at once, for a node that has read none
    market    what is the same for every account of a compartment under a schedule
    slab      the accounts of one market, in arrays that the kernel passes over
    packed    all of them; follows the state from root to root, reads again what changed
    gains     who holds positions and what the block brought each, for losses that gains pay

It follows from the state and is no part of it: a node that starts makes it from nothing, and
one whose block loses finds its way to the other fork.  It chooses whom step 5 looks at; with
those it deals as with all where no kernel is built, and whom the kernel declines, or what is
out of its widths, `sweep` is asked about.

Source: docs/specs/margin.md, MARG-017 to MARG-019.
"""
