"""Liquidation: an account below maintenance is closed slice by slice until it stands again.

    flag       margin flags it in the block in which it falls below (step 5)
    slice      a tenth of the position that frees most requirement for its cost; where none
               does, tenths of everything it holds, collateral included
    allowance  what an account gives on top of a slice at the mark: at most the share of its
               equity that the slice's release is of its requirement, so it never gets worse
    keepers    anybody, from the block after the flag: slices at the mark, with the allowance
    the house  from 2 s after it, in step 11: into the book, within the same allowance
    debt       an account that owes too much or too long converts collateral the same way

Read: state, slices, choice, cases, taking, conversion, transactions, hooks.
Source: docs/specs/liquidation.md.
"""
