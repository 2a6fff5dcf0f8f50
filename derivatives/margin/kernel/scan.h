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

/* What every call reads; nothing in it is written. */
struct scan_input {
    const int32_t *starts;      /* of each group: its first place in the next two */
    const int32_t *ends;        /* and one past its last */
    const int32_t *instruments; /* of each position: a row */
    const int64_t *sizes;       /* of each position: signed lots */
    const int64_t *rows;        /* rows x width quantums per lot */
    const int64_t *bounds;      /* of each row: at least its largest |value| + 2 */
    const int64_t *weights;     /* width weights, 0 to 10^6 ppm; 0 in the padding */
    uint64_t bound_max;         /* the largest of them */
    size_t groups;
    size_t width;
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

/* Store in 'loss' (width) the sum of size x row over the positions from 'from' to 'to', plus
 * 'bracket' in the lanes whose mask in 'whole' is -1 and not in those where it is 0. Return the
 * largest of the former, at least 0. The sums must be safe; 'whole' is aligned to 64 bytes. */
typedef int64_t scan_sum_function(const struct scan_input *input, int32_t from, int32_t to,
                                  const int64_t *whole, int64_t bracket, int64_t *loss);

scan_sum_function scan_sum_portable;
#if defined(__x86_64__)
scan_sum_function scan_sum_avx2;
scan_sum_function scan_sum_avx512;
#endif

/* Return 1 if no sum over these positions can leave 62 bits, and store the sum of |size|; else
 * return 0. 'bound_bits' is the length of the largest bound. */
int scan_is_safe(const struct scan_input *input, int32_t from, int32_t to, int bound_bits,
                 uint64_t *lots);

/* Add 'bracket' to the lanes of 'loss' that are not whole, weigh them, at least 0, and return
 * the largest; those of weight 0 become 0. */
int64_t scan_weighted(size_t width, const int64_t *weights, int64_t *loss, int64_t bracket);

/* Return the widest level that this processor can run: 0 portable, 1 AVX2, 2 AVX-512. */
int scan_level_max(void);

#endif
