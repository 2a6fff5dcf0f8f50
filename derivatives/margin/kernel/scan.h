/* Worst loss of many portfolios over a grid of scenarios, in exact integers.
 *
 * A *group* is what one account holds in one family: consecutive positions. A *row* holds what
 * one lot of an instrument loses in every scenario, base value minus scenario value, padded with
 * zeros to 'width', a multiple of 8.
 *
 *     loss[s]  = sum of size x row[instrument][s]  +  2 x sum of |size|
 *     loss'[s] = ceil(weight_ppm[s] x loss[s] / 10^6), at least 0 where weight_ppm[s] < 10^6
 *     worst    = max(0, max over s of loss'[s])
 *
 * The 2 per lot is the bracket of margin.md: a stored value v stands for a true one in [v, v+2).
 * Source: docs/specs/margin.md, MARG-010 to MARG-014. */

#ifndef NOVATION_SCAN_H
#define NOVATION_SCAN_H

#include <stddef.h>
#include <stdint.h>

#define SCAN_WIDTH_MAX 64
#define SCAN_WHOLE_PPM 1000000

/* Quantums per lot that a stored value may lie below the true one. Another value here is how
 * the tests prove that they would notice. */
#ifndef SCAN_BRACKET
#define SCAN_BRACKET 2
#endif

/* Without this every sum is believed: the bench compares, and nothing else is built so. */
#ifndef SCAN_GUARDED
#define SCAN_GUARDED 1
#endif

/* Scenarios of one block of halves: many.c takes whole blocks. */
#define SCAN_BLOCK 16

/* What every call reads; nothing in it is written. */
struct scan_input {
    const int32_t *starts;      /* of each group: its first place in the next two */
    const int32_t *ends;        /* and one past its last */
    const int32_t *instruments; /* of each position: a row */
    const int64_t *sizes;       /* of each position: signed lots */
    const int64_t *rows;        /* rows x width quantums per lot */
    const int32_t *narrow;      /* the same in 32 bits, or NULL where one does not fit */
    const int16_t *halves;      /* the same in blocks of halves, or NULL where they do not fit */
    const int64_t *bounds;      /* of each row: at least its largest |value| + 2 */
    const int64_t *weights;     /* width weights, 0 to 10^6 ppm; 0 in the padding */
    uint64_t bound_max;         /* the largest of them */
    size_t groups;
    size_t width;
    size_t row_count;
    size_t positions;
};

/* Store in 'losses' (groups x width, or NULL) and 'worst' (groups) what the formulas above say,
 * and in 'declined' 0 for each group answered and 1 for each that might not fit 62 bits, whose
 * losses and worst are then 0: the caller asks the Python twin, which has no such bound.
 *
 * Return the number of groups declined. Never allocates, never fails. Every sum is below
 * 2^62 in magnitude since sum |size| x bound is, which is summed first in 128 bits. */
typedef size_t scan_function(const struct scan_input *input, int64_t *losses, int64_t *worst,
                             uint8_t *declined);

scan_function scan_portable;
#if defined(__x86_64__)
scan_function scan_avx2;
scan_function scan_avx512;
#endif

/* Store in 'loss' (width) and 'worst' what the formulas above say of the positions from 'from' to
 * 'to' under these weights, and return 1; or return 0 where it might not fit, and what is stored
 * means nothing. 'whole' is -1 where the weight is whole and 0 elsewhere, aligned to 64 bytes;
 * 'weighing' is 0 where the other weights are padding. */
typedef int scan_one_function(const struct scan_input *input, int32_t from, int32_t to,
                              const int64_t *weights, const int64_t *whole, int weighing,
                              int64_t *loss, int64_t *worst);

/* Return the largest place, one below 0 being larger than any other; 0 of none. */
typedef uint32_t scan_farthest_function(const int32_t *places, size_t count);

scan_one_function scan_one_portable;
scan_farthest_function scan_farthest_portable;
#if defined(__x86_64__)
scan_one_function scan_one_avx2;
scan_one_function scan_one_avx512;
scan_farthest_function scan_farthest_avx2;
scan_farthest_function scan_farthest_avx512;
#endif

/* As scan_function, where 'halves' are there and every weight is whole or padding. Groups and
 * places are held against what there is on the way.
 *
 * Return SCAN_UNSOUND if one lies outside: then all declined is what is said of those before it,
 * and of the others nothing was stored. */
typedef size_t scan_many_function(const struct scan_input *input, int64_t *worst,
                                  uint8_t *declined);

#define SCAN_UNSOUND SIZE_MAX

#if defined(__x86_64__)
scan_many_function scan_many_avx512;
scan_many_function scan_many_vnni;
#endif

/* What runs at one level; 'many' is NULL where there is none. */
struct scan_level {
    scan_function *groups;
    scan_one_function *one;
    scan_farthest_function *farthest;
    scan_many_function *many;
};

extern const struct scan_level scan_levels[];

/* Return whether some scenario's weight is neither whole nor padding. */
int scan_is_weighing(const struct scan_input *input);

static inline size_t scan_blocks(size_t width)
{
    return (width + SCAN_BLOCK - 1) / SCAN_BLOCK;
}

/* Store the rows in blocks of halves (row_count x blocks x 32, aligned to 64 bytes) and return 1,
 * or return 0 where one of them does not fit; 'narrow' is read. */
int scan_halve(const struct scan_input *input, int16_t *halves);

/* Store the rows in 32 bits and return 1, or return 0 where one of them does not fit. */
int scan_narrow(const struct scan_input *input, size_t rows, int32_t *narrow);

/* Return the widest level that this processor can run: 0 portable, 1 AVX2, 2 AVX-512, 3 VNNI. */
int scan_level_max(void);

#endif
