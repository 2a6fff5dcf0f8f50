/* A group of families with options: what they lose discounted, at pins too, and are charged.
 *
 * Of the options of a family, A being what they are worth in a scenario:
 *
 *     loss[s]  = sum of size x row[s] + 2 x sum of |size|
 *     A[s]     = sum of size x value - loss[s]
 *     loss'[s] = loss[s] + ceil(A x long cut / 10^6), or ceil(-A x short rise / 10^6) below 0
 *     skew     = ceil(skew_ppm x (the larger |sum of size x lean| + 2 x sum of |size|) / 10^6)
 *     vega     = ceil(vega_ppm x |sum of size x stressed| / 10^6)
 *     short    = ceil(short_ppm x sum over strikes of max(0, -sum of size x forward) / 10^6)
 *
 * All else of the group loses as in scan.h, and at a pin without its bracket. Pins are weighed
 * as in scan.h and stand behind the scenarios, 'width' + 'pin_width' losses in all.
 * Source: docs/specs/margin.md, MARG-091 to MARG-097; charges/leaning.py is the definition. */

#ifndef NOVATION_LEANS_H
#define NOVATION_LEANS_H

#include "account.h"
#include "exact.h"

/* Store the weighed losses of the positions from 'from' to 'to', which are a group of 'family' and
 * others, and the worst of them; store in 'added' what is charged beside.
 *
 * Return 0 where a sum might not fit, and what is stored means nothing: that is where the sum of
 * |size| x bound is not below 2^61, every bound being at least 2 and any number of its row. */
int leans_group(const struct account_input *input, int32_t from, int32_t to, size_t family,
                int64_t *loss, int64_t *worst, wide *added);

/* Return 1 if no number of any row's pins or leans is above its bound less 2. */
int leans_are_sound(const struct account_input *input);

#endif
