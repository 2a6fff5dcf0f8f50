/* Worth and charges of many accounts: 128-bit sums of products that are known to fit. */

#include "value.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

#define PPM 1000000
#define E18 1000000000000000000LL
#define LOT_QUANTUMS 1000000
/* Products of at most 100 bits: the positions of one account, however many, add up to 127. */
#define PRODUCT_BITS 100
#define SAFE ((wide)1 << 62)

static inline int bits_of(uint64_t value)
{
    return value ? 64 - __builtin_clzll(value) : 0;
}

static inline int bits_of_wide(uwide value)
{
    uint64_t high = (uint64_t)(value >> 64);
    return high ? 64 + bits_of(high) : bits_of((uint64_t)value);
}

static inline uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static inline int is_safe(wide value)
{
    return value > -SAFE && value < SAFE;
}

/* Return the quotient rounded towards minus infinity, of a dividend that is not below 0. */
static inline uwide divide_down(uwide dividend, uint64_t divisor)
{
    return dividend >> 64 ? dividend / divisor : (uint64_t)dividend / divisor;
}

static inline uwide ppm_up(uwide value, uint64_t fraction)
{
    return divide_down(value * fraction + (PPM - 1), PPM);
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

/* What a group adds to its account. */
struct sums {
    wide equity, index_equity, solvency, charged, net;
};

static inline int add_instrument(const struct value_input *input, size_t k, const int64_t *term,
                                 struct sums *sums)
{
    int64_t size = input->sizes[k];
    uint64_t lots = magnitude_of(size);
    int bits = bits_of(lots);
    uint64_t widest = magnitude_of(term[TERM_MARK]) | magnitude_of(term[TERM_INDEX]) |
                      magnitude_of(term[TERM_FEE]);
    if (bits + bits_of(widest) > PRODUCT_BITS)
        return 0;
    wide gone = input->entries[k];
    uint64_t low = (uint64_t)term[TERM_LOW];
    if (low != input->funding_low[k] || term[TERM_HIGH] != input->funding_high[k]) {
        wide now = (wide)(((uwide)(uint64_t)term[TERM_HIGH] << 64) | low);
        wide then = (wide)(((uwide)(uint64_t)input->funding_high[k] << 64) | input->funding_low[k]);
        wide moved = now - then; /* both below 2^120 */
        uwide distance = moved < 0 ? 0 - (uwide)moved : (uwide)moved;
        if (bits + bits_of_wide(distance) > 126)
            return 0;
        gone += funding_up(moved * size);
    }
    wide value = (wide)size * term[TERM_MARK], at_index = (wide)size * term[TERM_INDEX];
    sums->equity += value - gone;
    sums->index_equity += at_index - gone;
    sums->solvency += at_index - gone;
    sums->net += value;
    sums->charged += (wide)divide_down((uwide)lots * (uint64_t)term[TERM_FEE] + (PPM - 1), PPM);
    return 1;
}

static inline int add_collateral(const struct value_input *input, size_t k, const int64_t *term,
                                 struct sums *sums)
{
    uint64_t amount = (uint64_t)input->entries[k], divisor = (uint64_t)term[TERM_DIVISOR];
    uwide careful = divide_down((uwide)amount * (uint64_t)term[TERM_MARK], divisor);
    uwide at_index = divide_down((uwide)amount * (uint64_t)term[TERM_INDEX], divisor);
    input->sizes[k] = 0;
    if (careful >= (uwide)SAFE || at_index >= (uwide)SAFE)
        return 0;
    input->sizes[k] = (int64_t)careful / LOT_QUANTUMS;
    sums->equity += (wide)careful;
    sums->index_equity += (wide)careful;
    sums->solvency += (wide)at_index;
    sums->net += (wide)careful;
    sums->charged += (wide)ppm_up(careful, (uint64_t)term[TERM_FEE]);
    return 1;
}

/* Return whether all of a group could be summed. */
static inline int add_group(const struct value_input *input, size_t group, struct sums *sums)
{
    int fits = 1;
    for (int32_t k = input->starts[group]; k < input->ends[group]; k++) {
        const int64_t *term = input->terms + (size_t)input->places[k] * VALUE_TERMS;
        if (term[TERM_KIND] == KIND_INSTRUMENT)
            fits &= add_instrument(input, (size_t)k, term, sums);
        else if (term[TERM_KIND] == KIND_COLLATERAL)
            fits &= add_collateral(input, (size_t)k, term, sums);
        else
            fits = 0;
    }
    return fits;
}

/* Add to a number of an account, and return whether it still fits. */
static inline int add_safely(int64_t *to, wide added)
{
    wide sum = *to + added;
    int fits = is_safe(sum);
    *to = fits ? (int64_t)sum : 0;
    return fits;
}

void value_groups(const struct value_input *input)
{
    for (size_t g = 0; g < input->groups; g++) {
        struct sums sums = {0};
        int32_t a = input->accounts[g];
        int fits = add_group(input, g, &sums) & is_safe(sums.net);
        input->nets[g] = fits ? (int64_t)sums.net : 0;
        if (!fits)
            sums = (struct sums){0};
        fits &= add_safely(&input->equity[a], sums.equity) &
                add_safely(&input->index_equity[a], sums.index_equity) &
                add_safely(&input->solvency[a], sums.solvency) &
                add_safely(&input->charged[a], sums.charged);
        input->declined[a] |= (uint8_t)!fits;
    }
}

void charge_groups(const struct charge_input *input)
{
    for (size_t g = 0; g < input->groups; g++) {
        int32_t a = input->accounts[g];
        wide risk = input->worst[g];
        risk += (wide)ppm_up(magnitude_of(input->nets[g]), (uint64_t)input->basis_ppm);
        int fits = add_safely(&input->risk[a], risk);
        input->declined[a] |= (uint8_t)(!fits || input->group_declined[g]);
    }
}

/* Return whether a warning or a flag begins or ends, or the account owes more than it has. */
static inline int stands_otherwise(const struct judge_input *input, size_t a)
{
    uint8_t flags = input->flags[a];
    int64_t equity = input->equity[a], maintenance = input->charged[a];
    if (input->solvency[a] < 0)
        return 1;
    if (equity >= input->recovered[a])
        return flags & FLAG_WARNED;
    if (!(flags & FLAG_WARNED))
        return 1;
    return !(flags & FLAG_FLAGGED) && input->solvency[a] >= 0 && equity < maintenance &&
           input->index_equity[a] < maintenance;
}

size_t judge_accounts(const struct judge_input *input)
{
    size_t found = 0;
    for (size_t a = 0; a < input->accounts; a++) {
        if (!(input->flags[a] & FLAG_LIVE))
            continue;
        const int64_t *terms = input->terms + (size_t)input->markets[a] * JUDGE_TERMS;
        uint64_t risk = magnitude_of(input->risk[a]); /* never below 0 */
        wide maintenance = (wide)ppm_up(risk, (uint64_t)terms[0]);
        wide recovered = maintenance + (wide)ppm_up(risk, (uint64_t)terms[1]);
        int fits = add_safely(&input->charged[a], maintenance);
        wide line = recovered - maintenance + input->charged[a];
        fits &= is_safe(line);
        input->recovered[a] = fits ? (int64_t)line : 0;
        input->declined[a] |= (uint8_t)!fits;
        if (input->declined[a] || (input->flags[a] & FLAG_PLAIN) || stands_otherwise(input, a))
            input->changed[found++] = (int32_t)a;
    }
    return found;
}
