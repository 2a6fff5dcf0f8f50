"""What an option is worth, in integers that are the same on every machine.

    q62         fractions as whole numbers of 2^-62; the integer square root
    tables      every table, made from big integers at import
    logarithm   ln of a ratio of two whole numbers
    normal      the normal distribution and its density
    volatility  volatility and time to one number, the standard deviation of ln F
    black       Black-76: price with a proven bracket, delta, gamma, vega, theta
    implied     the volatility that a price stands for
    power       powers of a ratio
    settling    options while the mean they settle on is being made
    scenarios   what one lot is worth in every scenario of margin

A *forward* and a *strike* are prices in any one unit, here ticks; a *term* is the time that
is left.  Nothing is discounted: margin is money at hand.

    s = volatility x sqrt(term)     d1 = ln(F/K)/s + s/2     d2 = d1 - s
    call = F N(d1) - K N(d2)        put = K N(-d2) - F N(-d1)

Like `ids` it is no module: it stores nothing and knows none.

Read: black, then what it uses.
Source: docs/specs/pricing.md; F. Black, "The pricing of commodity contracts", 1976.
"""
