"""A volatility surface that several reporters make, free of arbitrage and near their median.

    svi        one expiry: total variance as a function of log-moneyness, five numbers
    butterfly  proof that no density is negative, at every strike
    calendar   proof that a later expiry is never worth less, at every strike
    admission  a reporter's surface brought to common forwards and time, and then tested
    choice     the admissible surface nearest to the median of all of them
    dispersion how far reporters disagree, and what that costs in margin
    rolling    a surface as time goes on without news

Raw SVI (Gatheral), w = volatility^2 x term, k = ln(strike / forward):

    w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))

Numbers without a dimension are multiples of 2^-56 here: total variance reaches 125.

Read: svi, admission, choice; then the proofs.
Source: docs/specs/surface.md; J. Gatheral, A. Jacquier, "Arbitrage-free SVI volatility
surfaces", 2014.
"""
