/* Black-76 for many options at once, in the same whole numbers as derivatives/pricing/black.py
 * and implied.py, which define every answer. Prices are ticks, terms milliseconds, volatilities
 * 10^-9 a year, what has no dimension multiples of 2^-62.
 *
 * Source: docs/specs/pricing.md, PRIC-003 to PRIC-014 and PRIC-020 to PRIC-024. */

#ifndef NOVATION_BLACK_H
#define NOVATION_BLACK_H

#include <stddef.h>
#include <stdint.h>

#define BLACK_VOLATILITY_MAX 100000000000
#define BLACK_TERM_MAX 2147483647999

/* What every call reads; nothing in it is written. Options of one term that follow one another
 * share a square root. */
struct black_options {
    const int64_t *forwards;
    const int64_t *strikes;
    const int64_t *volatilities; /* of black_implied: the prices of the calls */
    const int64_t *terms;
    size_t count;
};

/* Return 1 if all forwards and strikes are at least 1, terms are in [0, BLACK_TERM_MAX] and, if
 * 'with_volatilities', these in [0, BLACK_VOLATILITY_MAX]; else 0. Below, that is taken for
 * granted, and no sum then needs more than 128 bits. */
int black_options_are_sound(const struct black_options *options, int with_volatilities);

/* Store the bracket of every call's price and the nearest tick. Never declines: a call is at
 * most worth its forward. */
void black_prices(const struct black_options *options, int64_t *low, int64_t *near,
                  int64_t *high);

/* Store how every call moves, and in 'declined' 0 for each; or 1 for each of which something does
 * not fit 64 bits, whose numbers are then 0: the caller asks the twin, which has no such bound.
 *
 * Return the number declined. */
size_t black_greeks(const struct black_options *options, int64_t *delta, int64_t *gamma,
                    int64_t *vega, int64_t *theta, uint8_t *declined);

/* Store the volatility that every call's price stands for, -1 where there is none. */
void black_implied(const struct black_options *options, int64_t *implied);

#endif
