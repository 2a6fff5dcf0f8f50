/* Whole numbers of 128 bits: products and sums that say when they leave their bounds, and
 * divisions that name their rounding, as chain/arithmetic.py has them.
 *
 * Every value that is kept lies within WHOLE_MAX, a hundredth of what the type holds, so that
 * adding up to fifty of them cannot overflow; 'product' and 'fits' are where it is looked at. */

#ifndef NOVATION_WHOLE_H
#define NOVATION_WHOLE_H

#include <stdint.h>

typedef __int128 whole;

#define WHOLE_MAX ((whole)1 << 121)
#define PPM 1000000

static inline int fits(whole value)
{
    return value <= WHOLE_MAX && value >= -WHOLE_MAX;
}

/* Store a x b. Return 0, with anything stored, where it is beyond WHOLE_MAX. */
static inline int product(whole a, whole b, whole *result)
{
    return !__builtin_mul_overflow(a, b, result) && fits(*result);
}

static inline whole magnitude(whole value)
{
    return value < 0 ? -value : value;
}

static inline whole larger(whole a, whole b)
{
    return a > b ? a : b;
}

static inline whole smaller(whole a, whole b)
{
    return a < b ? a : b;
}

/* Return a / b towards minus infinity; b is above zero. */
static inline whole divided_down(whole a, whole b)
{
    if (a == (int64_t)a && b == (int64_t)b) {
        int64_t quotient = (int64_t)a / (int64_t)b;
        return quotient - ((int64_t)a % (int64_t)b < 0);
    }
    whole quotient = a / b;
    return quotient - (a % b < 0);
}

/* Return a / b towards plus infinity; b is above zero. */
static inline whole divided_up(whole a, whole b)
{
    return -divided_down(-a, b);
}

/* Return a / b to nearest, ties to the even neighbour; b is above zero and within WHOLE_MAX. */
static inline whole divided_half_even(whole a, whole b)
{
    whole quotient = divided_down(a, b);
    whole twice = 2 * (a - quotient * b);
    return quotient + (twice > b || (twice == b && (quotient & 1)));
}

/* Store the fraction of an amount, rounded up. Return 0 where the product is too large. */
static inline int fraction_up(whole amount, whole fraction_ppm, whole *result)
{
    whole wide;
    if (!product(amount, fraction_ppm, &wide))
        return 0;
    *result = divided_up(wide, PPM);
    return 1;
}

/* Store the fraction of an amount, rounded down. Return 0 where the product is too large. */
static inline int fraction_down(whole amount, whole fraction_ppm, whole *result)
{
    whole wide;
    if (!product(amount, fraction_ppm, &wide))
        return 0;
    *result = divided_down(wide, PPM);
    return 1;
}

#endif
