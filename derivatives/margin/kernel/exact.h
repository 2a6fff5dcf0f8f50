/* Exact sums in 128 bits, and divisions that name their rounding. */

#ifndef NOVATION_EXACT_H
#define NOVATION_EXACT_H

#include "scan.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

/* Below it in magnitude is whatever is stored: sums of a few of them fit 64 bits. */
#define SAFE ((wide)1 << 62)

static inline uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
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

#endif
