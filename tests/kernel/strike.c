/* Strike the kernel with made-up bytes, without Python: no input may read or write where nothing
 * is, overflow, or make the levels differ from each other or from plain sums of 128 bits.
 *
 * Built with sanitizers by tests/kernel/test_strike.py and `make strike`:
 *
 *     strike COUNT [SEED]     so many inputs from a seed, and how many groups were declined
 *     strike FILE...          inputs that are kept
 *
 * With -DSTRIKE_LIBRARY there is no main: libFuzzer brings its own. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"

static unsigned long declined_count, answered_count;

/* What is left of an input: it reads as zeros when it is used up. */
struct source {
    const uint8_t *at;
    size_t left;
};

static uint64_t taken(struct source *from, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | (from->left ? *from->at : 0);
        if (from->left) {
            from->at++;
            from->left--;
        }
    }
    return value;
}

/* Return a number of so many bits at most, of either sign: small ones as often as large. */
static int64_t number(struct source *from, int bits)
{
    int kept = 1 + (int)(taken(from, 1) % (unsigned)bits);
    uint64_t value = taken(from, 8) & (((uint64_t)1 << (kept - 1) << 1) - 1);
    return taken(from, 1) & 1 ? -(int64_t)value : (int64_t)value;
}

static int64_t positive(struct source *from, int bits)
{
    int64_t value = number(from, bits);
    return value < 0 ? -value : value;
}

static void fail(const char *what)
{
    fprintf(stderr, "strike: %s\n", what);
    abort();
}

/* Memory of exactly this size, so that a byte beyond it is noticed. */
static void *room(size_t count, size_t item)
{
    void *memory = calloc(count ? count : 1, item);
    if (!memory)
        fail("no memory");
    return memory;
}

static void *copied(const void *from, size_t bytes)
{
    void *memory = room(bytes, 1);
    memcpy(memory, from, bytes);
    return memory;
}

/* The whole of one input: a market, and groups or accounts over the same positions. */
struct world {
    size_t width, pin_width, rows, groups, positions, families;
    int32_t *starts, *ends, *counts, *places, *narrow;
    int64_t *sizes, *table, *bounds, *weights, *terms, *family_terms, *cash, *entries, *high,
        *leans, *pins, *pin_weights;
    uint64_t *low, largest;
    uint8_t *flags, *new;
    int64_t scales[SCALES_COUNT];
};

/* Return a number of a row, and keep the largest magnitude. */
static int64_t of_row(struct source *from, int bits, int64_t *most)
{
    int64_t value = number(from, bits), magnitude = value < 0 ? -value : value;
    *most = magnitude > *most ? magnitude : *most;
    return value;
}

static void make_families(struct world *w, struct source *from)
{
    for (size_t i = 0; i < w->families * w->width; i++)
        w->weights[i] = taken(from, 1) & 1 ? SCAN_WHOLE_PPM : (int64_t)(taken(from, 3) % 1000001);
    for (size_t i = 0; i < w->families * w->pin_width; i++)
        w->pin_weights[i] = taken(from, 1) & 1 ? SCAN_WHOLE_PPM : (int64_t)(taken(from, 3) % 1000001);
    for (size_t i = 0; i < w->families; i++) {
        int64_t *terms = w->family_terms + i * FAMILY_TERMS;
        for (int t = 0; t < FAMILY_LONG_CUT; t++)
            terms[t] = positive(from, 62);
        terms[FAMILY_OFFSETS] = (int64_t)(taken(from, 1) & 1);
        terms[FAMILY_GROUP] = (int64_t)(taken(from, 1) & 1);
        terms[FAMILY_LONG_CUT] = (int64_t)(taken(from, 3) % 500001);
        terms[FAMILY_SHORT_RISE] = (int64_t)(taken(from, 3) % 500001);
    }
}

static void make_rows(struct world *w, struct source *from)
{
    int bits = 1 + (int)(taken(from, 1) % 61);
    w->width = 8 * (1 + taken(from, 1) % 5);
    w->rows = 1 + taken(from, 1) % 6;
    w->families = 1 + taken(from, 1) % 3;
    w->table = room(w->rows * w->width, 8);
    w->bounds = room(w->rows, 8);
    w->weights = room(w->families * w->width, 8);
    w->family_terms = room(w->families * FAMILY_TERMS, 8);
    w->terms = room(w->rows * ACCOUNT_TERMS, 8);
    w->new = room(w->rows, 1);
    w->pin_width = 8 * (taken(from, 1) % 4);
    w->leans = room(w->rows * LEAN_TERMS, 8);
    w->pins = room(w->rows * w->pin_width, 8);
    w->pin_weights = room(w->families * w->pin_width, 8);
    make_families(w, from);
    for (size_t i = 0; i < w->rows; i++) {
        int64_t most = 0, *term = w->terms + i * ACCOUNT_TERMS;
        for (size_t s = 0; s < w->width; s++)
            w->table[i * w->width + s] = of_row(from, bits, &most);
        for (size_t s = 0; s < w->pin_width; s++)
            w->pins[i * w->pin_width + s] = of_row(from, bits, &most);
        w->leans[i * LEAN_TERMS + LEAN_STRIKE] = (int64_t)(taken(from, 1) % 3);
        for (size_t t = LEAN_VALUE; t < LEAN_TERMS; t++)
            w->leans[i * LEAN_TERMS + t] = of_row(from, bits, &most);
        w->bounds[i] = most + 2;
        w->largest = (uint64_t)most + 2 > w->largest ? (uint64_t)most + 2 : w->largest;
        term[TERM_KIND] = (int64_t)(taken(from, 1) % 4);
        term[TERM_FAMILY] = (int64_t)(taken(from, 1) % w->families);
        for (int t = TERM_MARK; t <= TERM_FEE; t++)
            term[t] = positive(from, 62);
        term[TERM_LOW] = term[TERM_KIND] == KIND_COLLATERAL ? 1 + positive(from, 61) : number(from, 62);
        term[TERM_HIGH] = number(from, 56);
        term[TERM_DELTA] = number(from, 62);
        w->new[i] = (uint8_t)(taken(from, 1) & 1);
    }
    w->scales[SCALE_MAINTENANCE] = positive(from, 62);
    w->scales[SCALE_RECOVERY] = positive(from, 62);
    w->scales[SCALE_OFFSET] = (int64_t)(taken(from, 3) % 1000001);
    w->scales[SCALE_FLOOR] = (int64_t)(taken(from, 3) % 1000001);
}

static void make_positions(struct world *w, struct source *from)
{
    int bits = 1 + (int)(taken(from, 1) % 62);
    w->groups = taken(from, 1) % 9;
    w->positions = taken(from, 1) % 40;
    w->starts = room(w->groups, 4);
    w->ends = room(w->groups, 4);
    w->counts = room(w->groups, 4);
    w->cash = room(w->groups, 8);
    w->flags = room(w->groups, 1);
    w->places = room(w->positions, 4);
    w->sizes = room(w->positions, 8);
    w->entries = room(w->positions, 8);
    w->low = room(w->positions, 8);
    w->high = room(w->positions, 8);
    for (size_t k = 0; k < w->positions; k++) {
        w->places[k] = (int32_t)(taken(from, 1) % w->rows);
        w->sizes[k] = taken(from, 1) == 255 ? INT64_MIN : number(from, bits);
        w->entries[k] = number(from, 63);
        w->low[k] = taken(from, 8);
        w->high[k] = number(from, 56);
    }
    for (size_t g = 0; g < w->groups; g++) {
        w->starts[g] = (int32_t)(taken(from, 1) % (w->positions + 1));
        w->ends[g] = w->starts[g] +
                     (int32_t)(taken(from, 1) % (w->positions - (size_t)w->starts[g] + 1));
        w->counts[g] = w->ends[g] - w->starts[g];
        w->cash[g] = number(from, 63);
        w->flags[g] = (uint8_t)taken(from, 1);
    }
}

static void let_go(struct world *w)
{
    void *all[] = {w->starts, w->ends,  w->counts, w->places, w->narrow,       w->sizes,
                   w->table,  w->bounds, w->weights, w->terms, w->family_terms, w->cash,
                   w->entries, w->high, w->low,    w->flags,  w->new,
                   w->leans,  w->pins,   w->pin_weights};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static struct scan_input scan_of(const struct world *w)
{
    return (struct scan_input){.starts = w->starts, .ends = w->ends, .instruments = w->places,
                               .sizes = w->sizes, .rows = w->table, .narrow = w->narrow,
                               .bounds = w->bounds, .weights = w->weights,
                               .bound_max = w->largest, .groups = w->groups, .width = w->width,
                               .row_count = w->rows, .positions = w->positions};
}

/* Hold one group's answer against sums of 128 bits. */
static void hold_group(const struct world *w, size_t g, const int64_t *losses, int64_t worst,
                       uint8_t declined)
{
    unsigned __int128 total = 0, lots = 0;
    for (int32_t k = w->starts[g]; k < w->ends[g]; k++) {
        uint64_t size = (uint64_t)w->sizes[k];
        size = w->sizes[k] < 0 ? 0 - size : size;
        total += (unsigned __int128)size * (uint64_t)w->bounds[w->places[k]];
        lots += size;
    }
    if (declined != (total >= (unsigned __int128)1 << 62))
        fail("a group is declined that fits, or answered that does not");
    declined_count += declined;
    answered_count += !declined;
    __int128 most = 0;
    for (size_t s = 0; s < w->width; s++) {
        __int128 loss = declined ? 0 : (__int128)(2 * lots), weight = w->weights[s];
        for (int32_t k = w->starts[g]; k < w->ends[g] && !declined; k++)
            loss += (__int128)w->sizes[k] * w->table[(size_t)w->places[k] * w->width + s];
        if (weight != SCAN_WHOLE_PPM)
            loss = loss > 0 ? (loss * weight + SCAN_WHOLE_PPM - 1) / SCAN_WHOLE_PPM : 0;
        if (losses[s] != loss)
            fail("a loss is another");
        most = loss > most ? loss : most;
    }
    if (worst != most)
        fail("a worst loss is another");
}

static void strike_groups(const struct world *w, int level)
{
    struct scan_input input = scan_of(w);
    int64_t *losses = room(w->groups * w->width, 8), *worst = room(w->groups, 8);
    int64_t *again = room(w->groups, 8);
    uint8_t *declined = room(w->groups, 1);
    scan_levels[level].groups(&input, losses, worst, declined);
    for (size_t g = 0; g < w->groups; g++)
        hold_group(w, g, losses + g * w->width, worst[g], declined[g]);
    scan_levels[level].groups(&input, NULL, again, declined);
    if (memcmp(worst, again, w->groups * 8))
        fail("without losses another worst");
    free(losses);
    free(worst);
    free(again);
    free(declined);
}

/* The same without scenarios that are weighed, through the halves of rows; and with places of no
 * row, which are found before anything is read there. */
static void strike_many(const struct world *w, int level)
{
    struct scan_input input = scan_of(w);
    int64_t *worst = room(w->groups, 8), *plain = room(w->groups, 8);
    int64_t *weights = copied(w->weights, w->width * 8);
    uint8_t *declined = room(w->groups, 1), *also = room(w->groups, 1);
    size_t held = 0, halves_bytes = w->rows * scan_blocks(w->width) * SCAN_BLOCK * 4;
    int16_t *halves = aligned_alloc(64, halves_bytes);
    for (size_t s = 0; s < w->width; s++)
        weights[s] = weights[s] == SCAN_WHOLE_PPM ? weights[s] : 0;
    for (size_t g = 0; g < w->groups; g++)
        held += (size_t)w->counts[g];
    input.weights = weights;
    if (scan_halve(&input, halves)) {
        input.halves = halves;
        scan_levels[0].groups(&input, NULL, plain, also);
        size_t refused = scan_levels[level].many(&input, worst, declined);
        for (size_t g = 0; g < w->groups; g++)
            refused -= declined[g];
        if (refused || memcmp(worst, plain, w->groups * 8) || memcmp(declined, also, w->groups))
            fail("many groups come to something else");
        int32_t *nowhere = room(w->positions, 4);
        for (size_t k = 0; k < w->positions; k++)
            nowhere[k] = (int32_t)w->rows;
        input.instruments = nowhere;
        if (held && scan_levels[level].many(&input, worst, declined) != SCAN_UNSOUND)
            fail("a place without a row is not noticed");
        free(nowhere);
    }
    void *all[] = {worst, plain, weights, declined, also, halves};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* What a pass over accounts stores. */
struct stored {
    int64_t *figures, *sizes;
    uint8_t *flags, *says;
    int32_t *listed;
    size_t found, looked;
};

static struct stored passed(const struct world *w, int level)
{
    struct stored out = {room(w->groups * FIGURES, 8), copied(w->sizes, w->positions * 8),
                         copied(w->flags, w->groups),  room(w->groups, 1),
                         room(w->groups, 4),           0, 0};
    struct account_input input = {
        .scan = scan_of(w), .sizes = out.sizes, .terms = w->terms, .changed = w->new,
        .rows = w->rows, .weights = w->weights, .family_terms = w->family_terms,
        .leans = w->leans, .pins = w->pins, .pin_weights = w->pin_weights,
        .pin_width = w->pin_width,
        .families = w->families, .maintenance_ppm = w->scales[SCALE_MAINTENANCE],
        .recovery_ppm = w->scales[SCALE_RECOVERY], .offset_ppm = w->scales[SCALE_OFFSET],
        .floor_ppm = w->scales[SCALE_FLOOR], .starts = w->starts, .counts = w->counts,
        .cash = w->cash, .flags = out.flags, .accounts = w->groups, .entries = w->entries,
        .funding_low = w->low, .funding_high = w->high, .figures = out.figures,
        .says = out.says, .listed = out.listed};
    input.scan.sizes = out.sizes;
    out.found = account_pass(&input, scan_levels[level].one);
    out.looked = input.looked;
    return out;
}

static void drop(struct stored *out)
{
    free(out->figures);
    free(out->sizes);
    free(out->flags);
    free(out->says);
    free(out->listed);
}

/* What accounts gained since indices that are made of the entries: never more than they have. */
static void strike_gains(const struct world *w, const struct stored *stood)
{
    int64_t *gains = room(w->groups, 8), *moved = room(w->rows, 8), *high = room(w->rows, 8);
    uint64_t *low = room(w->rows, 8);
    int32_t *held = room(w->groups, 4);
    for (size_t i = 0; i < w->rows; i++) {
        moved[i] = w->terms[i * ACCOUNT_TERMS + TERM_DELTA];
        low[i] = (uint64_t)w->table[i * w->width];
        high[i] = w->table[i * w->width] >> 6;
    }
    struct gain_input input = {
        .terms = w->terms, .moved = moved, .before_low = low, .before_high = high,
        .starts = w->starts, .counts = w->counts, .places = w->places, .sizes = stood->sizes,
        .funding_low = w->low, .funding_high = w->high, .flags = stood->flags,
        .figures = stood->figures, .says = stood->says, .accounts = w->groups};
    size_t declined = gain_pass(&input, gains, held);
    for (size_t g = 0; g < w->groups; g++) {
        int64_t most = stood->figures[g * FIGURES + SOLVENCY];
        if (gains[g] < -1 || gains[g] > (most > 0 ? most : 0) || held[g] > w->counts[g])
            fail("more is gained or held than there is");
        declined -= gains[g] < 0;
    }
    if (declined)
        fail("more accounts are declined than say so");
    void *all[] = {gains, moved, high, low, held};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static void strike_accounts(const struct world *w, int levels)
{
    struct stored plain = passed(w, 0);
    if (plain.found > w->groups || plain.looked > w->groups)
        fail("more accounts than there are");
    for (int level = 1; level < levels; level++) {
        struct stored other = passed(w, level);
        if (memcmp(plain.figures, other.figures, w->groups * FIGURES * 8) ||
            memcmp(plain.sizes, other.sizes, w->positions * 8) ||
            memcmp(plain.says, other.says, w->groups) ||
            memcmp(plain.flags, other.flags, w->groups) || plain.found != other.found ||
            memcmp(plain.listed, other.listed, plain.found * 4) || plain.looked != other.looked)
            fail("two levels say two things of accounts");
        drop(&other);
    }
    strike_gains(w, &plain);
    drop(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source from = {data, size};
    struct world w = {0};
    int levels = 1 + scan_level_max();
    make_rows(&w, &from);
    make_positions(&w, &from);
    for (int narrow = 0; narrow < 2; narrow++) {
        struct scan_input input = scan_of(&w);
        if (narrow) {
            w.narrow = room(w.rows * w.width, 4);
            if (!scan_narrow(&input, w.rows, w.narrow))
                break;
        }
        for (int level = 0; level < levels; level++) {
            strike_groups(&w, level);
            if (scan_levels[level].many)
                strike_many(&w, level);
        }
        strike_accounts(&w, levels);
    }
    let_go(&w);
    return 0;
}

#ifndef STRIKE_LIBRARY

static uint64_t next_of(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void strike_file(const char *name)
{
    static uint8_t data[1 << 16];
    FILE *file = fopen(name, "rb");
    if (!file)
        fail("no such file");
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
}

int main(int count, char **arguments)
{
    char *end = NULL;
    unsigned long runs = count > 1 ? strtoul(arguments[1], &end, 10) : 1000;
    if (end && *end) {
        for (int i = 1; i < count; i++)
            strike_file(arguments[i]);
        return 0;
    }
    uint64_t state = count > 2 ? strtoul(arguments[2], NULL, 10) | 1 : 88172645463325252ULL;
    uint8_t data[2048];
    for (unsigned long run = 0; run < runs; run++) {
        size_t size = next_of(&state) % sizeof data;
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)next_of(&state);
        LLVMFuzzerTestOneInput(data, size);
    }
    printf("struck %lu, answered %lu, declined %lu\n", runs, answered_count, declined_count);
    return 0;
}

#endif
