"""What a portfolio is charged beside its worst scenario.

    pins      prices at strikes of dates that end soon, at which these pay what they pay

Source: docs/specs/margin.md, MARG-090 on.
"""
