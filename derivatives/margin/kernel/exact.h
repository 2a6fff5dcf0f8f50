/* Exact sums in 128 bits, and divisions that name their rounding. */

#ifndef NOVATION_EXACT_H
#define NOVATION_EXACT_H

#include "scan.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

#define E18 1000000000000000000LL

/* Below it in magnitude is whatever is stored: sums of a few of them fit 64 bits. */
#define SAFE ((wide)1 << 62)

static inline uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static inline int bits_of(uint64_t value)
{
    return value ? 64 - __builtin_clzll(value) : 0;
}

static inline int bits_of_wide(uwide value)
{
    uint64_t high = (uint64_t)(value >> 64);
    return high ? 64 + bits_of(high) : bits_of((uint64_t)value);
}

/* Return a signed number of 128 bits that is kept in two halves. */
static inline wide joined(uint64_t low, int64_t high)
{
    return (wide)(((uwide)(uint64_t)high << 64) | low);
}

static inline int is_safe(wide value)
{
    return value > -SAFE && value < SAFE;
}

/* Return ceil(value x fraction / 10^6), of numbers whose product is below 2^127. */
static inline uwide ppm_up(uwide value, uint64_t fraction)
{
    uwide dividend = value * fraction + (SCAN_WHOLE_PPM - 1);
    return dividend >> 64 ? dividend / SCAN_WHOLE_PPM : (uint64_t)dividend / SCAN_WHOLE_PPM;
}

/* Return ceil(dividend / 10^18). C rounds towards zero, which is up below zero. */
static inline wide funding_up(wide dividend)
{
    if (dividend >= INT64_MIN && dividend <= INT64_MAX) {
        int64_t small = (int64_t)dividend;
        return small / E18 + (small % E18 > 0);
    }
    wide quotient = dividend / E18;
    return quotient + (dividend - quotient * E18 > 0);
}

#endif
