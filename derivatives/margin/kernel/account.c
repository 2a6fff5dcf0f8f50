/* Worth, charges and risk of one account after the other. */

#include "account.h"

#include "exact.h"
#include "leans.h"

#include <string.h>

#define PPM SCAN_WHOLE_PPM
#define LOT_QUANTUMS 1000000
/* Products of at most 100 bits: the positions of one account, however many, add up to 127. */
#define PRODUCT_BITS 100

/* Return the quotient rounded down. */
static inline uwide divide_down(uwide dividend, uint64_t divisor)
{
    return dividend >> 64 ? dividend / divisor : (uint64_t)dividend / divisor;
}

/* What an account comes to; 'net' is that of one family. */
struct sums {
    wide equity, index_equity, solvency, charged, net, risk;
};

static inline int add_instrument(const struct account_input *input, size_t k, const int64_t *term,
                                 struct sums *sums)
{
    int64_t size = input->sizes[k];
    uint64_t lots = magnitude_of(size);
    int bits = bits_of(lots);
    uint64_t widest = (uint64_t)(term[TERM_MARK] | term[TERM_INDEX] | term[TERM_FEE]) |
                      magnitude_of(term[TERM_DELTA]);
    if (bits + bits_of(widest) > PRODUCT_BITS)
        return 0;
    wide gone = input->entries[k];
    uint64_t low = (uint64_t)term[TERM_LOW];
    if (low != input->funding_low[k] || term[TERM_HIGH] != input->funding_high[k]) {
        /* Both are below 2^120 in magnitude, or the face and the caller would not be here. */
        wide moved = joined(low, term[TERM_HIGH]) -
                     joined(input->funding_low[k], input->funding_high[k]);
        uwide distance = moved < 0 ? 0 - (uwide)moved : (uwide)moved;
        if (bits + bits_of_wide(distance) > 126)
            return 0;
        gone += funding_up(moved * size);
    }
    wide value = (wide)size * term[TERM_MARK], at_index = (wide)size * term[TERM_INDEX];
    sums->equity += value - gone;
    sums->index_equity += at_index - gone;
    sums->solvency += at_index - gone;
    sums->net += (wide)size * term[TERM_DELTA];
    sums->charged += (wide)ppm_up(lots, (uint64_t)term[TERM_FEE]);
    return 1;
}

static inline int add_collateral(const struct account_input *input, size_t k, const int64_t *term,
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

static inline const int64_t *term_of(const struct account_input *input, int32_t k)
{
    return input->terms + (size_t)input->scan.instruments[k] * ACCOUNT_TERMS;
}

static inline const int64_t *family_of(const struct account_input *input, int32_t k)
{
    return input->family_terms + (size_t)term_of(input, k)[TERM_FAMILY] * FAMILY_TERMS;
}

static inline int64_t group_of(const struct account_input *input, int32_t k)
{
    return family_of(input, k)[FAMILY_GROUP];
}

/* Add the positions from 'from' that are of one family, and store where they end. */
static inline int add_family(const struct account_input *input, int32_t from, int32_t to,
                             int32_t *end, struct sums *sums)
{
    int64_t family = term_of(input, from)[TERM_FAMILY];
    int32_t k = from;
    int fits = 1;
    sums->net = 0;
    for (; k < to; k++) {
        const int64_t *term = term_of(input, k);
        if (term[TERM_FAMILY] != family)
            break;
        if (term[TERM_KIND] == KIND_INSTRUMENT || term[TERM_KIND] == KIND_OPTION)
            fits &= add_instrument(input, (size_t)k, term, sums);
        else if (term[TERM_KIND] == KIND_COLLATERAL)
            fits &= add_collateral(input, (size_t)k, term, sums);
        else
            fits = 0;
    }
    *end = k;
    return fits & is_safe(sums->net);
}

/* Families of a group by level, with what each is net. */
struct ladder {
    int64_t level[ACCOUNT_FAMILIES_MAX], net[ACCOUNT_FAMILIES_MAX];
    int count;
};

static inline void add_rung(struct ladder *ladder, int64_t level, int64_t net)
{
    int at = ladder->count++;
    for (; at > 0 && ladder->level[at - 1] > level; at--) {
        ladder->level[at] = ladder->level[at - 1];
        ladder->net[at] = ladder->net[at - 1];
    }
    ladder->level[at] = level;
    ladder->net[at] = net;
}

/* Store the basis of a group, and return 0 where a sum of nets might not fit. Levels and sums
 * are below 2^62, so the total is below 2^124. */
static inline int ladder_basis(const struct ladder *ladder, wide *basis)
{
    if (ladder->count == 1) {
        *basis = (wide)ppm_up(magnitude_of(ladder->net[0]), (uint64_t)ladder->level[0]);
        return 1;
    }
    wide tail = 0, total = 0;
    for (int i = ladder->count - 1; i >= 0; i--) {
        int64_t below = i ? ladder->level[i - 1] : 0;
        tail += ladder->net[i];
        if (!is_safe(tail))
            return 0;
        total += (tail < 0 ? -tail : tail) * (ladder->level[i] - below);
    }
    *basis = (wide)ppm_up((uwide)total, 1);
    return 1;
}

/* Masks of the scenarios of whole weight, and whether a family has others. */
struct prepared {
    int64_t whole[ACCOUNT_FAMILIES_MAX][SCAN_WIDTH_MAX] __attribute__((aligned(64)));
    uint8_t weighing[ACCOUNT_FAMILIES_MAX];
};

static void prepare(const struct account_input *input, struct prepared *prepared)
{
    for (size_t f = 0; f < input->families; f++) {
        const int64_t *weights = input->weights + f * input->scan.width;
        prepared->weighing[f] = 0;
        for (size_t s = 0; s < input->scan.width; s++) {
            prepared->whole[f][s] = weights[s] == PPM ? -1 : 0;
            prepared->weighing[f] |= (uint8_t)(weights[s] != PPM && weights[s] != 0);
        }
    }
}

/* What the families that offset come to together. */
struct shared {
    int64_t credited[SCAN_WIDTH_MAX + ACCOUNT_PINS_MAX];
    wide alone, basis;
    size_t columns;
    int count;
};

/* Add a family's losses, each gain as far as it counts; return 0 if a sum might not fit. */
static inline int share(const struct account_input *input, const int64_t *loss, int64_t worst,
                        wide basis, struct shared *shared)
{
    int overflows = 0;
    for (size_t s = 0; s < shared->columns; s++) {
        int64_t credited = loss[s];
        if (credited < 0) {
            uwide gain = (uwide)magnitude_of(credited) * (uint64_t)input->offset_ppm;
            credited = -(int64_t)divide_down(gain, PPM);
        }
        if (shared->count)
            overflows |= __builtin_add_overflow(shared->credited[s], credited,
                                                &shared->credited[s]);
        else
            shared->credited[s] = credited;
    }
    shared->alone += worst + basis;
    shared->basis += basis;
    shared->count++;
    return !overflows;
}

/* Return the risk of the families that offset. */
static inline wide shared_risk(const struct account_input *input, const struct shared *shared)
{
    if (shared->count < 2 || !is_safe(shared->alone))
        return shared->alone; /* one that is not safe is declined as it is */
    wide together = 0;
    for (size_t s = 0; s < shared->columns; s++)
        together = shared->credited[s] > together ? shared->credited[s] : together;
    together += shared->basis;
    wide least = (wide)ppm_up((uwide)shared->alone, (uint64_t)input->floor_ppm);
    return together > least ? together : least;
}

/* Return whether some position is an option that is not settled. */
static int holds_option(const struct account_input *input, int32_t from, int32_t to)
{
    for (int32_t k = from; k < to; k++)
        if (term_of(input, k)[TERM_KIND] == KIND_OPTION)
            return 1;
    return 0;
}

/* Sum all of an account; return 0 if something might not fit. */
static inline int add_account(struct account_input *input, const struct prepared *prepared,
                              scan_one_function *scan_one, size_t a, struct sums *sums)
{
    int64_t loss[SCAN_WIDTH_MAX + ACCOUNT_PINS_MAX] __attribute__((aligned(64)));
    int32_t from = input->starts[a], to = from + input->counts[a], end;
    struct shared shared;
    struct ladder ladder;
    shared.alone = shared.basis = 0;
    shared.count = 0;
    int leaning = (input->flags[a] & HAS_OPTIONS) && holds_option(input, from, to);
    shared.columns = input->scan.width + (leaning ? input->pin_width : 0);
    for (int32_t first = from; first < to; first = from) {
        size_t family = (size_t)term_of(input, first)[TERM_FAMILY];
        const int64_t *terms = input->family_terms + family * FAMILY_TERMS;
        int64_t group = terms[FAMILY_GROUP], worst;
        wide basis, added = 0;
        ladder.count = 0;
        while (from < to && group_of(input, from) == group) {
            int64_t level = family_of(input, from)[FAMILY_LEVEL];
            if (!add_family(input, from, to, &end, sums))
                return 0;
            add_rung(&ladder, level, (int64_t)sums->net);
            from = end;
        }
        const int64_t *weights = input->weights + family * input->scan.width;
        if (!ladder_basis(&ladder, &basis))
            return 0;
        if (leaning) {
            if (!leans_group(input, first, from, family, loss, &worst, &added))
                return 0;
            basis += added;
        } else if (!scan_one(&input->scan, first, from, weights, prepared->whole[family],
                             prepared->weighing[family], loss, &worst))
            return 0;
        if (!terms[FAMILY_OFFSETS] || input->floor_ppm >= PPM)
            sums->risk += worst + basis;
        else if (!share(input, loss, worst, basis, &shared))
            return 0;
    }
    sums->risk += shared_risk(input, &shared);
    return 1;
}

/* Return what is said of an account with these figures. */
static inline uint8_t said_of(const int64_t *figures, uint8_t flags)
{
    int64_t equity = figures[EQUITY], solvency = figures[SOLVENCY];
    int64_t maintenance = figures[MAINTENANCE];
    if (solvency < 0)
        return SAYS_OTHERWISE;
    if (equity >= figures[RECOVERED])
        return flags & IS_WARNED ? SAYS_OTHERWISE : SAYS_NOTHING;
    if (!(flags & IS_WARNED))
        return SAYS_OTHERWISE;
    int below = equity < maintenance && figures[INDEX_EQUITY] < maintenance;
    return below && !(flags & IS_FLAGGED) ? SAYS_OTHERWISE : SAYS_NOTHING;
}

static inline uint8_t look_at(struct account_input *input, const struct prepared *prepared,
                              scan_one_function *scan_one, size_t a)
{
    int64_t *figures = input->figures + a * FIGURES;
    struct sums sums = {0};
    if ((input->flags[a] & IS_PLAIN) || !add_account(input, prepared, scan_one, a, &sums) ||
        !is_safe(sums.risk))
        return SAYS_DECLINED;
    uint64_t risk = (uint64_t)sums.risk; /* never below 0 */
    wide required = (wide)ppm_up(risk, (uint64_t)input->maintenance_ppm) + sums.charged;
    wide line = required + (wide)ppm_up(risk, (uint64_t)input->recovery_ppm);
    int64_t cash = input->cash[a];
    sums.equity += cash;
    sums.index_equity += cash;
    sums.solvency += cash;
    if (!is_safe(sums.equity) || !is_safe(sums.index_equity) || !is_safe(sums.solvency) ||
        !is_safe(required) || !is_safe(line))
        return SAYS_DECLINED;
    figures[EQUITY] = (int64_t)sums.equity;
    figures[INDEX_EQUITY] = (int64_t)sums.index_equity;
    figures[SOLVENCY] = (int64_t)sums.solvency;
    figures[RISK] = (int64_t)risk;
    figures[MAINTENANCE] = (int64_t)required;
    figures[RECOVERED] = (int64_t)line;
    return said_of(figures, input->flags[a]);
}

static inline int holds_changed(const struct account_input *input, size_t a)
{
    int32_t from = input->starts[a], to = from + input->counts[a];
    for (int32_t k = from; k < to; k++)
        if (input->changed[input->scan.instruments[k]] == 1)
            return 1;
    return 0;
}

size_t account_pass(struct account_input *input, scan_one_function *scan_one)
{
    struct prepared prepared;
    size_t found = 0, rows = input->rows;
    int something_new = rows && memchr(input->changed, 1, rows) != NULL;
    prepare(input, &prepared);
    input->looked = 0;
    for (size_t a = 0; a < input->accounts; a++) {
        uint8_t flags = input->flags[a];
        if (!(flags & IS_LIVE))
            continue;
        if ((flags & IS_STALE) || (something_new && holds_changed(input, a))) {
            input->flags[a] = flags & (uint8_t)~IS_STALE;
            input->says[a] = look_at(input, &prepared, scan_one, a);
            input->looked++;
        }
        if (input->says[a] != SAYS_NOTHING)
            input->listed[found++] = (int32_t)a;
    }
    return found;
}
