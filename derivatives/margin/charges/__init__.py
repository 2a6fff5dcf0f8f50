"""What a portfolio is charged beside its worst scenario.

    dated     what time makes of a family's terms: its rung, and what its options count
    ranges    how far prices are scanned: follows their variance, announced an hour ahead
    pins      prices at strikes of dates that end soon, at which these pay what they pay
    soon      which dates these are, kept in state
    leaning   what options add: skew, vega, shorts, and the discount of what is shocked
    filling   the same with resting orders, whichever of them are filled
    held      an account family by family, as the kernel's twin takes it
    size      what a signer's size and doubt about prices cost, in initial margin alone

Read: dated, ranges, pins, soon, leaning, filling, held, size.
Source: docs/specs/margin.md, MARG-090 on.
"""
