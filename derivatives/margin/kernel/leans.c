/* Options of an account: exact sums like those of scan.c, for the few that hold any. */

#include "leans.h"

#include <string.h>

#define PPM SCAN_WHOLE_PPM
/* A discount is at most half of what is worth twice the sum: all of it is below 2^62. */
#define EDGE ((uwide)1 << 61)

/* What the options of one family sum up to. */
struct leaning {
    int64_t loss[SCAN_WIDTH_MAX], pin[ACCOUNT_PINS_MAX];
    int64_t lots, value, linear, absolute, stressed;
    int64_t strike, at_strike, shorts;
    int count;
};

static inline const int64_t *term_of(const struct account_input *input, int32_t k)
{
    return input->terms + (size_t)input->scan.instruments[k] * ACCOUNT_TERMS;
}

static int fits(const struct account_input *input, int32_t from, int32_t to)
{
    uwide total = 0;
    for (int32_t k = from; k < to; k++) {
        total += (uwide)magnitude_of(input->sizes[k]) *
                 (uint64_t)input->scan.bounds[input->scan.instruments[k]];
        if (total >= EDGE)
            return 0;
    }
    return 1;
}

static inline void add(int64_t *sums, int64_t size, const int64_t *row, size_t width)
{
    for (size_t s = 0; s < width; s++)
        sums[s] += size * row[s];
}

static inline void end_strike(struct leaning *sums)
{
    sums->shorts += sums->at_strike < 0 ? -sums->at_strike : 0;
    sums->at_strike = 0;
}

static void add_option(const struct account_input *input, int32_t k, struct leaning *sums)
{
    size_t place = (size_t)input->scan.instruments[k];
    int64_t size = input->sizes[k];
    const int64_t *lean = input->leans + place * LEAN_TERMS;
    if (sums->count++ == 0)
        memset(sums, 0, offsetof(struct leaning, count));
    add(sums->loss, size, input->scan.rows + place * input->scan.width, input->scan.width);
    add(sums->pin, size, input->pins + place * input->pin_width, input->pin_width);
    sums->lots += (int64_t)magnitude_of(size);
    sums->value += size * lean[LEAN_VALUE];
    sums->linear += size * lean[LEAN_LINEAR];
    sums->absolute += size * lean[LEAN_ABSOLUTE];
    sums->stressed += size * lean[LEAN_STRESSED];
    if (sums->strike != lean[LEAN_STRIKE])
        end_strike(sums);
    sums->strike = lean[LEAN_STRIKE];
    sums->at_strike += size * lean[LEAN_FORWARD];
}

/* Add the losses of a family's options to those of its group, discounted. */
static void add_discounted(int64_t *loss, const int64_t *own, size_t width,
                           const struct leaning *sums, const int64_t *terms)
{
    int64_t bracket = SCAN_BRACKET * sums->lots;
    for (size_t s = 0; s < width; s++) {
        int64_t lost = own[s] + bracket, worth = sums->value - lost;
        int64_t rate = worth < 0 ? terms[FAMILY_SHORT_RISE] : terms[FAMILY_LONG_CUT];
        loss[s] += lost + (int64_t)ppm_up(magnitude_of(worth), (uint64_t)rate);
    }
}

static wide charged_of(struct leaning *sums, const int64_t *terms)
{
    uint64_t linear = magnitude_of(sums->linear), absolute = magnitude_of(sums->absolute);
    uint64_t skew = (linear > absolute ? linear : absolute) + SCAN_BRACKET * (uint64_t)sums->lots;
    end_strike(sums);
    return (wide)(ppm_up(skew, (uint64_t)terms[FAMILY_SKEW]) +
                  ppm_up(magnitude_of(sums->stressed), (uint64_t)terms[FAMILY_VEGA]) +
                  ppm_up((uint64_t)sums->shorts, (uint64_t)terms[FAMILY_SHORT]));
}

/* Weigh losses in place, and return the worst of them, at least 0. */
static int64_t weighed(int64_t *loss, const int64_t *weights, size_t width)
{
    int64_t worst = 0;
    for (size_t s = 0; s < width; s++) {
        if (weights[s] != PPM)
            loss[s] = loss[s] > 0 ? (int64_t)ppm_up((uint64_t)loss[s], (uint64_t)weights[s]) : 0;
        worst = loss[s] > worst ? loss[s] : worst;
    }
    return worst;
}

int leans_group(const struct account_input *input, int32_t from, int32_t to, size_t family,
                int64_t *loss, int64_t *worst, wide *added)
{
    size_t width = input->scan.width, pins = input->pin_width;
    int64_t *pin = loss + width, bracket = 0;
    struct leaning sums;
    if (!fits(input, from, to))
        return 0;
    memset(loss, 0, (width + pins) * sizeof *loss);
    *added = 0;
    for (int32_t k = from; k < to;) {
        int64_t own = term_of(input, k)[TERM_FAMILY];
        const int64_t *terms = input->family_terms + own * FAMILY_TERMS;
        sums.count = 0;
        for (; k < to && term_of(input, k)[TERM_FAMILY] == own; k++) {
            size_t place = (size_t)input->scan.instruments[k];
            if (term_of(input, k)[TERM_KIND] == KIND_OPTION) {
                add_option(input, k, &sums);
                continue;
            }
            add(loss, input->sizes[k], input->scan.rows + place * width, width);
            add(pin, input->sizes[k], input->pins + place * pins, pins);
            bracket += SCAN_BRACKET * (int64_t)magnitude_of(input->sizes[k]);
        }
        if (sums.count) {
            add_discounted(loss, sums.loss, width, &sums, terms);
            add_discounted(pin, sums.pin, pins, &sums, terms);
            *added += charged_of(&sums, terms);
        }
    }
    for (size_t s = 0; s < width; s++)
        loss[s] += bracket;
    *worst = weighed(loss, input->weights + family * width, width);
    int64_t pinned = weighed(pin, input->pin_weights + family * pins, pins);
    *worst = pinned > *worst ? pinned : *worst;
    return 1;
}

static int are_near(const int64_t *values, size_t count, int64_t most)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < -most || values[i] > most)
            return 0;
    return 1;
}

int leans_are_sound(const struct account_input *input)
{
    for (size_t i = 0; i < input->rows; i++) {
        int64_t most = input->scan.bounds[i] - 2;
        const int64_t *lean = input->leans + i * LEAN_TERMS;
        if (!are_near(input->pins + i * input->pin_width, input->pin_width, most) ||
            !are_near(lean + LEAN_VALUE, LEAN_TERMS - LEAN_VALUE, most))
            return 0;
    }
    return 1;
}
