/* Black-76 in whole numbers: see black.h. Right shifts of negative numbers round down, which gcc
 * and clang promise; nothing negative is shifted left or divided. */

#include "black.h"

#include "tables.h"

typedef __int128 i128;
typedef unsigned __int128 u128;

#define ONE ((int64_t)1 << 62)
#define HALF ((int64_t)1 << 61)
#define TOTAL_MAX ((u128)24 << 62)
#define DAY_MS 86400000
#define RATIO_MAX 32
#define BATCH_COUNT 8
#ifndef BLACK_ERROR
#define BLACK_ERROR 3 /* a test builds another to see that it is noticed */
#endif

/* Return the lower 64 bits of a number shifted right by 1 to 63. Put together from its halves:
 * the instruction that shifts both at once is slow on some processors. */
static inline uint64_t lower_of(u128 number, int shift)
{
    return ((uint64_t)(number >> 64) << (64 - shift)) + ((uint64_t)number >> shift);
}

/* Return a number shifted right by 1 to 63. */
static inline u128 shifted(u128 number, int shift)
{
    return (u128)((uint64_t)(number >> 64) >> shift) << 64 | lower_of(number, shift);
}

/* Return the floor of a product of two fractions. Both are below 2 in size here. */
static inline int64_t multiplied(int64_t left, int64_t right)
{
    return (int64_t)lower_of((u128)((i128)left * right), 62);
}

static inline int bits_of(uint64_t number)
{
    return 64 - __builtin_clzll(number);
}

/* Return a quotient rounded down that is known to have 64 bits: the compiler would ask first. */
static inline uint64_t divided(u128 dividend, uint64_t divisor)
{
#if defined(__x86_64__)
    uint64_t quotient, remainder;
    __asm__("divq %4"
            : "=a"(quotient), "=d"(remainder)
            : "a"((uint64_t)dividend), "d"((uint64_t)(dividend >> 64)), "rm"(divisor)
            : "cc");
    return quotient;
#else
    return (uint64_t)(dividend / divisor);
#endif
}

/* What is the same for all options of one term. */
struct time {
    int64_t term;
    uint64_t unit;   /* 10^-9 of volatility over this term, shifted */
    int shift;       /* by so many bits */
    u128 root_years; /* up to 8.3: 66 bits */
};

/* Return the largest whole number whose square is not above 'square', of 125 or 126 bits.
 *
 * Each step doubles the good bits of a root of the leading ones: two, four, eight, sixteen, 32 of
 * 64, each off by less than one; the last is off by a few of 63 bits, which are put right. */
static uint64_t square_root(u128 square)
{
    uint64_t leading = (uint64_t)(square >> 62), root = 1 + (leading >> 62);
    root = (root << 1) + (leading >> 59) / root;
    root = (root << 3) + (leading >> 53) / root;
    root = (root << 7) + (leading >> 41) / root;
    root = (root << 15) + (leading >> 17) / root;
    root = (root << 30) + divided(square >> 32, root);
    while ((u128)root * root > square)
        root--;
    while ((u128)(root + 1) * (root + 1) <= square)
        root++;
    return root;
}

static void set_time(struct time *time, int64_t term)
{
    time->term = term;
    time->unit = 0;
    time->shift = 63;
    time->root_years = 0;
    if (term == 0)
        return;
    int shift = (126 - bits_of((uint64_t)term)) >> 1;
    uint64_t root = square_root((u128)term << 2 * shift);
    time->unit = (uint64_t)((u128)root * INVERSE_ROOT_YEAR_E9_Q111 >> 63);
    time->shift = shift - 14;
    time->root_years = (u128)root * INVERSE_ROOT_YEAR_Q81 >> (shift + 19);
}

static inline u128 total_of(const struct time *time, int64_t volatility)
{
    u128 total = shifted((u128)(uint64_t)volatility * time->unit, time->shift);
    return total < TOTAL_MAX ? total : TOTAL_MAX;
}

/* Return ln(numerator / denominator), up to 44 in size: 69 bits. */
static inline i128 ln_ratio(int64_t numerator, int64_t denominator)
{
    int above_bits = bits_of((uint64_t)numerator), below_bits = bits_of((uint64_t)denominator);
    int exponent = above_bits - below_bits;
    uint64_t above = (uint64_t)numerator << (63 - above_bits);
    uint64_t below = (uint64_t)denominator << (63 - below_bits);
    if (above < below) {
        exponent--;
        above <<= 1;
    }
    uint64_t y = divided((u128)above << 62, below);
    int place = (int)(y >> 54) & 255;
    int64_t r = (int64_t)((u128)y * RECIPROCALS_Q16[place] >> 16) - ONE;
    int64_t series = LN_SERIES_Q62[5];
    for (int n = 4; n >= 0; n--)
        series = LN_SERIES_Q62[n] + multiplied(series, r);
    i128 ln2 = ((i128)LN2_Q80_HIGH << 64) + LN2_Q80_LOW;
    return (exponent * ln2 >> 18) + LOGARITHMS_Q62[place] + multiplied(series, r);
}

/* Return N(x), and store the density if it is asked for. The node is at most 288, since
 * |x| < 9 there. */
static inline __attribute__((always_inline)) int64_t normal(i128 x, int64_t *density)
{
    u128 distance = x < 0 ? -(u128)x : (u128)x;
    if (density)
        *density = 0;
    if (distance >= (u128)9 << 62)
        return x < 0 ? 0 : ONE;
    int node = (int)lower_of(distance + ((u128)1 << 56), 57);
    int64_t h = (int64_t)((uint64_t)distance - ((uint64_t)node << 57)); /* of 57 bits */
    const int64_t *row = DENSITIES_Q62[node];
    int64_t mean = row[8], slope = 9 * row[8];
    for (int n = 7; n >= 0; n--) {
        mean = row[n] + multiplied(mean, h);
        if (density)
            slope = (n + 1) * row[n] + multiplied(slope, h);
    }
    if (density)
        *density = slope < 0 ? 0 : slope;
    i128 whole = (i128)((u128)TAILS_Q64[node] << 60) - (i128)mean * h + HALF;
    int64_t tail = (int64_t)lower_of((u128)whole, 62);
    if (tail < 0)
        tail = 0;
    return x < 0 ? tail : ONE - tail;
}

/* Return d1 of ln(strike / forward); d2 is 'total' less. The ratio is below 2^63 before its last
 * shift. */
static inline i128 distance_at(i128 moneyness, u128 total)
{
    u128 size = moneyness < 0 ? -(u128)moneyness : (u128)moneyness;
    u128 ratio = (u128)RATIO_MAX << 62;
    if (size < RATIO_MAX * total) {
        int shift = total >> 63 ? bits_of((uint64_t)(total >> 63)) : 0;
        ratio = (u128)divided(size >> shift << 58, (uint64_t)(total >> shift)) << 4;
    }
    return (i128)(total >> 1) - (moneyness >= 0 ? (i128)ratio : -(i128)ratio);
}

static inline i128 distance_of(int64_t forward, int64_t strike, u128 total)
{
    return distance_at(ln_ratio(strike, forward), total);
}

/* Return the value of the side out of the money in 2^-62 ticks: 126 bits with the sign. */
static inline i128 out_of_the_money(int64_t forward, int64_t strike, u128 total)
{
    i128 d1 = distance_of(forward, strike, total), d2 = d1 - (i128)total, value, most;
    if (strike >= forward) {
        value = (i128)forward * normal(d1, NULL) - (i128)strike * normal(d2, NULL);
        most = (i128)forward << 62;
    } else {
        value = (i128)strike * normal(-d2, NULL) - (i128)forward * normal(-d1, NULL);
        most = (i128)strike << 62;
    }
    return value < 0 ? 0 : value < most ? value : most;
}

int black_options_are_sound(const struct black_options *options, int with_volatilities)
{
    int sound = 1;
    for (size_t i = 0; i < options->count; i++) {
        sound &= options->forwards[i] > 0 && options->strikes[i] > 0;
        sound &= options->terms[i] >= 0 && options->terms[i] <= BLACK_TERM_MAX;
        if (with_volatilities)
            sound &= options->volatilities[i] >= 0 &&
                     options->volatilities[i] <= BLACK_VOLATILITY_MAX;
    }
    return sound;
}

/* Some options on their way to a price. They go through each step together, so that a processor
 * works on one while another waits for a quotient or a product. */
struct batch {
    struct time times[BATCH_COUNT];
    u128 totals[BATCH_COUNT];
    i128 places[BATCH_COUNT]; /* ln(strike / forward), then d1 */
    int64_t gained[BATCH_COUNT], given[BATCH_COUNT]; /* N of each leg out of the money */
};

/* Store square roots of the terms; those of one term that follow one another share theirs, also
 * with the last of the batch before. */
static void begin(struct batch *batch, const int64_t *terms, size_t count)
{
    const struct time *known = &batch->times[BATCH_COUNT - 1];
    for (size_t i = 0; i < count; known = &batch->times[i++])
        if (terms[i] == known->term)
            batch->times[i] = *known;
        else
            set_time(&batch->times[i], terms[i]);
}

/* Store N of both legs of the side out of the money: of a call from above the strike, of a put
 * from below it. */
static void weigh(struct batch *batch, const int64_t *forwards, const int64_t *strikes,
                  const int64_t *volatilities, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        batch->totals[i] = total_of(&batch->times[i], volatilities[i]);
        batch->places[i] = ln_ratio(strikes[i], forwards[i]);
    }
    for (size_t i = 0; i < count; i++)
        batch->places[i] = distance_at(batch->places[i], batch->totals[i]);
    for (size_t i = 0; i < count; i++) {
        i128 d1 = batch->places[i], d2 = d1 - (i128)batch->totals[i];
        int is_call = strikes[i] >= forwards[i];
        batch->gained[i] = normal(is_call ? d1 : -d2, NULL);
        batch->given[i] = normal(is_call ? d2 : -d1, NULL);
    }
}

void black_prices(const struct black_options *options, int64_t *low, int64_t *near,
                  int64_t *high)
{
    struct batch batch;
    batch.times[BATCH_COUNT - 1].term = -1;
    for (size_t first = 0; first < options->count; first += BATCH_COUNT) {
        size_t left = options->count - first, count = left < BATCH_COUNT ? left : BATCH_COUNT;
        begin(&batch, options->terms + first, count);
        weigh(&batch, options->forwards + first, options->strikes + first,
              options->volatilities + first, count);
        for (size_t i = 0; i < count; i++) {
            size_t at = first + i;
            int64_t forward = options->forwards[at], strike = options->strikes[at];
            int64_t intrinsic = forward > strike ? forward - strike : 0;
            int64_t least = forward < strike ? forward : strike;
            int64_t most = forward < strike ? strike : forward;
            i128 value = (i128)least * batch.gained[i] - (i128)most * batch.given[i];
            i128 bound = (i128)least << 62, error = BLACK_ERROR * ((i128)forward + strike);
            value = value < 0 ? 0 : value < bound ? value : bound;
            i128 above = -(-(value + error) >> 62);
            int is_open = batch.totals[i] != 0;
            low[at] = intrinsic + (is_open && value >= error ? (int64_t)((value - error) >> 62) : 0);
            near[at] = intrinsic + (is_open ? (int64_t)((value + HALF) >> 62) : 0);
            high[at] = intrinsic + (is_open ? (above < least ? (int64_t)above : least) : 0);
        }
    }
}

/* Store the greeks of one call with time and volatility left, and return 1; or return 0 if one of
 * them does not fit, and store nothing. The density is below 0.4, the total at most 24 and the
 * root below 8.3, so no product reaches 2^128; the decay has up to 92 bits and is split. */
static int greeks_of(const struct time *time, int64_t forward, i128 d1, u128 total,
                     int64_t *found)
{
    int64_t density, delta = normal(d1, &density);
    u128 slope = (u128)density * time->root_years >> 62;
    u128 spread = (u128)density * total >> 62;
    u128 decay = spread * DAY_MS / (2 * (uint64_t)time->term);
    u128 gamma = ((u128)density * 1000000000 + (total >> 1)) / total;
    u128 vega = ((u128)forward * slope + HALF) >> 62;
    u128 theta = (u128)forward * (uint64_t)(decay >> 62) +
                 (((u128)forward * (uint64_t)(decay & (ONE - 1)) + HALF) >> 62);
    if ((gamma | vega | theta) >> 63)
        return 0;
    found[0] = delta;
    found[1] = (int64_t)gamma;
    found[2] = (int64_t)vega;
    found[3] = -(int64_t)theta;
    return 1;
}

size_t black_greeks(const struct black_options *options, int64_t *delta, int64_t *gamma,
                    int64_t *vega, int64_t *theta, uint8_t *declined)
{
    size_t refused = 0;
    struct time time = {.term = -1};
    for (size_t i = 0; i < options->count; i++) {
        int64_t forward = options->forwards[i], strike = options->strikes[i];
        int64_t found[4] = {0};
        if (options->terms[i] != time.term)
            set_time(&time, options->terms[i]);
        u128 total = total_of(&time, options->volatilities[i]);
        int answered = 1;
        if (total == 0)
            found[0] = forward > strike ? ONE : 0;
        else
            answered = greeks_of(&time, forward, distance_of(forward, strike, total), total,
                                 found);
        delta[i] = found[0];
        gamma[i] = found[1];
        vega[i] = found[2];
        theta[i] = found[3];
        declined[i] = (uint8_t)!answered;
        refused += (size_t)!answered;
    }
    return refused;
}

/* Return 1 if the side out of the money is worth at least 'sought' ticks, which are above 0. */
static int reaches(const struct time *time, int64_t forward, int64_t strike, int64_t volatility,
                   int64_t sought)
{
    u128 total = total_of(time, volatility);
    return total && ((out_of_the_money(forward, strike, total) + HALF) >> 62) >= sought;
}

void black_implied(const struct black_options *options, int64_t *implied)
{
    struct time time = {.term = -1};
    for (size_t i = 0; i < options->count; i++) {
        int64_t forward = options->forwards[i], strike = options->strikes[i];
        int64_t intrinsic = forward > strike ? forward - strike : 0;
        int64_t price = options->volatilities[i], below = 0, reached = BLACK_VOLATILITY_MAX;
        if (options->terms[i] != time.term)
            set_time(&time, options->terms[i]);
        implied[i] = price == intrinsic ? 0 : -1;
        if (price <= intrinsic || !reaches(&time, forward, strike, reached, price - intrinsic))
            continue;
        while (reached - below > 1) {
            int64_t middle = (below + reached) >> 1;
            if (reaches(&time, forward, strike, middle, price - intrinsic))
                reached = middle;
            else
                below = middle;
        }
        implied[i] = reached;
    }
}
