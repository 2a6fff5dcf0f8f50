/* What a sum of multiples comes to: so many doublings, and what is added before each. */

#ifndef NOVATION_CHAIN_CURVE_STEPS_H
#define NOVATION_CHAIN_CURVE_STEPS_H

#include "curve.h"

enum { CURVE_PART_BITS = 256 / CURVE_PARTS };

struct curve_step {
    const struct curve_entry *entry;
    int is_minus;
};

/* Steps to be done once so many doublings are left. */
struct curve_steps {
    struct curve_step steps[CURVE_PART_BITS][2 * CURVE_PARTS];
    int counts[CURVE_PART_BITS];
};

/* Whether this processor has AVX-512 IFMA, which 'curve_lanes_sum' needs. */
int curve_lanes_have(void);

/* Return where the steps lead, all four coordinates of a point side by side. */
struct curve_point curve_lanes_sum(const struct curve_steps *steps);

#endif
