/* What positions brought each account in one block. */

#include "account.h"
#include "exact.h"

/* Products of at most 95 bits: as many positions as there are places add up to 126. */
#define PRODUCT_BITS 95

/* Store what a position owes at an index and return 1, or return 0 if a product might not fit. */
static inline int owed(int64_t size, wide distance, wide *quantums)
{
    uwide far = distance < 0 ? 0 - (uwide)distance : (uwide)distance;
    if (bits_of(magnitude_of(size)) + bits_of_wide(far) > 126)
        return 0;
    *quantums = funding_up(distance * size);
    return 1;
}

/* Add what one position brought; return 0 if something might not fit. */
static inline int add_gain(const struct gain_input *input, size_t k, wide *gained)
{
    size_t place = (size_t)input->places[k];
    const int64_t *term = input->terms + place * ACCOUNT_TERMS;
    int64_t size = input->sizes[k];
    if (bits_of(magnitude_of(size)) + bits_of(magnitude_of(input->moved[place])) > PRODUCT_BITS)
        return 0;
    *gained += (wide)size * input->moved[place];
    wide before = joined(input->before_low[place], input->before_high[place]);
    wide now = joined((uint64_t)term[TERM_LOW], term[TERM_HIGH]);
    if (before == now)
        return 1; /* it owes as much as before */
    wide since = joined(input->funding_low[k], input->funding_high[k]), was, is;
    if (!owed(size, before - since, &was) || !owed(size, now - since, &is))
        return 0;
    *gained += was - is;
    return 1;
}

/* Return what the positions of an account brought it, -1 if something might not fit. */
static inline int64_t gain_of(const struct gain_input *input, size_t a, int32_t *held)
{
    int32_t from = input->starts[a], to = from + input->counts[a];
    wide gained = 0;
    if (input->says[a] == SAYS_DECLINED || (input->flags[a] & (IS_STALE | IS_PLAIN)))
        return -1;
    for (int32_t k = from; k < to; k++) {
        const int64_t *term = input->terms + (size_t)input->places[k] * ACCOUNT_TERMS;
        if (term[TERM_KIND] == KIND_COLLATERAL)
            continue;
        if (term[TERM_KIND] == KIND_DECLINED || !add_gain(input, (size_t)k, &gained))
            return -1;
        ++*held;
    }
    int64_t most = input->figures[a * FIGURES + SOLVENCY];
    gained = gained < most ? gained : most;
    return gained > 0 ? (int64_t)gained : 0;
}

size_t gain_pass(const struct gain_input *input, int64_t *gains, int32_t *held)
{
    size_t declined = 0;
    for (size_t a = 0; a < input->accounts; a++) {
        gains[a] = held[a] = 0;
        if (!(input->flags[a] & IS_LIVE))
            continue;
        gains[a] = gain_of(input, a, &held[a]);
        declined += gains[a] < 0;
    }
    return declined;
}
