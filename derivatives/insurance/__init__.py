"""Insolvency: paid in the block in which it appears, before anybody can act.

An account whose solvency equity is below zero is *taken over*: its positions and collateral
pass at the index to the compartment's default account, what is missing is paid at once, in
this order:

    insurance     at most a share, in any hour, of what it held an hour before
    default fund
    haircut       each gain of this block pays ceil(gain x X / G)
    shares        accounts with positions, pro rata to risk, each at most what it has

What even that leaves is a debt of the compartment, repaid from insurance income before all
else.  The default account is closed by slices at the cost of insurance, and torn up against
opposite positions when that took too long.

Read: state, allocation, history, takeover, waterfall, shortfall, closing.
Source: docs/specs/insurance.md.
"""
