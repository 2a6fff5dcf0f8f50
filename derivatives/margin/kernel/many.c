/* Worst losses of very many groups of few lots: what scan.h says, at the pace of memory.
 *
 * Where a group's sizes add up to less than 2^15 and rows have 32 bits, a row is split into
 *
 *     row = high x 2^16 + low        both of 16 bits with their signs
 *
 * and one instruction multiplies 32 halves and adds the products of two positions. Neither sum
 * can leave 32 bits: each is at most 2^15 x 2^15. Sizes of a *window* of positions are made 16
 * bits wide at once, in the first cache; whoever reads ahead of it asks memory for the next.
 * Eight groups find their largest losses together. Every other group goes the way of scan.c. */

#include "scan.h"

/* Above it the high half of a row would need a seventeenth bit. */
#define HALVED_MAX 0x7fff0000u

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define BLOCK SCAN_BLOCK
#define LINE 64 /* bytes of one block, and of memory at a time */
#define WINDOW 512
#define HELD_MAX 16
/* Sizes that do not fit 16 bits become this; a sum of it or more says nothing. */
#define LOTS_MAX INT16_MAX

#define MANY __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#define INLINE MANY static inline __attribute__((always_inline))

struct window {
    const struct scan_input *input;
    const int64_t *whole;  /* of each scenario, as scan_one wants it */
    int64_t from, to;      /* the positions that 'words' holds */
    int is_sound;          /* 0 once a place had no row, or a group lay nowhere */
    __mmask8 lanes[SCAN_WIDTH_MAX / BLOCK + 1][2]; /* of each block: its whole scenarios */
    __m512i largest[8];    /* of eight groups: losses by scenario, high above low */
    __m256i lots[8];       /* and parts of the sum of |size| */
    int16_t words[WINDOW + 2 * HELD_MAX] __attribute__((aligned(64)));
};

/* Return 1 if every place from 'from' to 'to' has a row. */
MANY static int have_rows(const struct scan_input *input, int64_t from, int64_t to)
{
    uint32_t farthest = 0;
    for (int64_t k = from; k < to; k++) {
        uint32_t place = (uint32_t)input->instruments[k];
        farthest = place > farthest ? place : farthest;
    }
    return from >= to || farthest < input->row_count;
}

/* Return eight sizes in 16 bits, or what is nearest. */
INLINE __m128i narrowed(const int64_t *sizes, __mmask8 there)
{
    return _mm512_cvtsepi64_epi16(_mm512_maskz_loadu_epi64(there, sizes));
}

/* Let the window begin at 'from', and see whether every place in it has a row. */
MANY static __attribute__((noinline)) void begin_at(struct window *window, int64_t from)
{
    const struct scan_input *input = window->input;
    int64_t left = (int64_t)input->positions - from, count = left < WINDOW ? left : WINDOW, k = 0;
    const __m512i least = _mm512_set1_epi16(-INT16_MAX);
    for (const int64_t *sizes = input->sizes + from; k + 32 <= count; k += 32) {
        __m256i low = _mm256_set_m128i(narrowed(sizes + k + 8, 255), narrowed(sizes + k, 255));
        __m256i high = _mm256_set_m128i(narrowed(sizes + k + 24, 255), narrowed(sizes + k + 16, 255));
        __m512i words = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
        _mm512_store_si512(window->words + k, _mm512_max_epi16(words, least));
    }
    for (; k < count; k += 8) {
        __mmask8 there = (__mmask8)(count - k < 8 ? (1 << (count - k)) - 1 : 255);
        __m128i words = _mm_max_epi16(narrowed(input->sizes + from + k, there),
                                      _mm512_castsi512_si128(least));
        _mm_store_si128((__m128i *)(window->words + k), words);
    }
    window->from = from;
    window->to = from + count;
    window->is_sound &= have_rows(input, from, from + count);
}

/* Answer one group by itself, and return whether it is declined. */
MANY static __attribute__((noinline)) uint8_t scan_alone(struct window *window, size_t g,
                                                         int64_t *worst)
{
    const struct scan_input *input = window->input;
    int64_t from = input->starts[g], to = input->ends[g];
    int64_t loss[SCAN_WIDTH_MAX] __attribute__((aligned(64)));
    *worst = 0;
    window->is_sound &= from >= 0 && from <= to && to <= (int64_t)input->positions &&
                        have_rows(input, from, to);
    if (!window->is_sound || scan_one_avx512(input, (int32_t)from, (int32_t)to, input->weights,
                                             window->whole, 0, loss, worst))
        return 0;
    *worst = 0;
    return 1;
}

/* Add products of pairs of halves. The compiler has no target to hide this one behind. */
INLINE __m512i add_products(__m512i sums, __m512i halves, __m512i sizes, int is_fused)
{
    if (is_fused) {
        __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(halves), "v"(sizes));
        return sums;
    }
    return _mm512_add_epi32(sums, _mm512_madd_epi16(halves, sizes));
}

/* Low and high halves of sixteen sums. */
struct sums {
    __m512i low, high;
};

INLINE void add_pair(struct sums *sums, const char *rows, size_t stride, const int32_t *places,
                     const int16_t *sizes, int is_fused)
{
    __m512i first = _mm512_load_si512(rows + (size_t)(uint32_t)places[0] * stride);
    __m512i second = _mm512_load_si512(rows + (size_t)(uint32_t)places[1] * stride);
    int32_t both;
    memcpy(&both, sizes, sizeof both);
    __m512i pair = _mm512_set1_epi32(both);
    sums->low = add_products(sums->low, _mm512_unpacklo_epi16(first, second), pair, is_fused);
    sums->high = add_products(sums->high, _mm512_unpackhi_epi16(first, second), pair, is_fused);
}

/* Return the larger of 'largest' and sixteen sums, each as its high part above its low one. */
INLINE __m512i larger_of(__m512i largest, struct sums sums, const __mmask8 *lanes)
{
    __m512i high = _mm512_add_epi32(sums.high, _mm512_srai_epi32(sums.low, 16));
    __m512i low = _mm512_and_si512(sums.low, _mm512_set1_epi32(0xffff));
    largest = _mm512_mask_max_epi64(largest, lanes[0], largest, _mm512_unpacklo_epi32(low, high));
    return _mm512_mask_max_epi64(largest, lanes[1], largest, _mm512_unpackhi_epi32(low, high));
}

/* What of a window stays as it is while groups are summed: in registers. */
struct grid {
    const int32_t *places;
    const char *rows;
    size_t stride;
    __mmask8 lanes[2]; /* of the first block */
};

/* Return the largest of a group's losses, of 'count' positions. */
INLINE __m512i largest_of(const struct window *window, struct grid grid, const int32_t *places,
                          const int16_t *sizes, uint64_t count, int is_fused)
{
    __m512i largest = _mm512_set1_epi64(INT64_MIN);
    for (size_t block = 0; block * LINE < grid.stride; block++) {
        struct sums sums = {_mm512_setzero_si512(), _mm512_setzero_si512()};
        const char *rows = grid.rows + block * LINE;
#define PAIR(i) add_pair(&sums, rows, grid.stride, places + 2 * (i), sizes + 2 * (i), is_fused)
        switch (count / 2) {
        case 8: PAIR(7); __attribute__((fallthrough));
        case 7: PAIR(6); __attribute__((fallthrough));
        case 6: PAIR(5); __attribute__((fallthrough));
        case 5: PAIR(4); __attribute__((fallthrough));
        case 4: PAIR(3); __attribute__((fallthrough));
        case 3: PAIR(2); __attribute__((fallthrough));
        case 2: PAIR(1); __attribute__((fallthrough));
        case 1: PAIR(0);
        }
#undef PAIR
        if (count & 1) {
            const int32_t last[2] = {places[count - 1], places[count - 1]};
            const int16_t size[2] = {sizes[count - 1], 0};
            add_pair(&sums, rows, grid.stride, last, size, is_fused);
        }
        largest = larger_of(largest, sums, block ? window->lanes[block] : grid.lanes);
    }
    return largest;
}

INLINE __m512i larger_of_pairs(__m512i a, __m512i b)
{
    return _mm512_max_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
}

INLINE __m512i larger_of_quarters(__m512i a, __m512i b)
{
    return _mm512_max_epi64(_mm512_shuffle_i64x2(a, b, 0x88), _mm512_shuffle_i64x2(a, b, 0xdd));
}

INLINE __m128i sums_of_four(const __m256i *parts)
{
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(parts[0], parts[1]),
                                    _mm256_hadd_epi32(parts[2], parts[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

/* Store the worst of eight groups, and return a bit for each of too many lots. */
MANY static __attribute__((noinline)) uint32_t settle(const struct window *window, int64_t *worst)
{
    const __m512i *one = window->largest;
    __m512i left = larger_of_quarters(larger_of_pairs(one[0], one[1]),
                                      larger_of_pairs(one[2], one[3]));
    __m512i right = larger_of_quarters(larger_of_pairs(one[4], one[5]),
                                       larger_of_pairs(one[6], one[7]));
    __m512i both = larger_of_quarters(left, right);
    __m256i counted = _mm256_set_m128i(sums_of_four(window->lots + 4), sums_of_four(window->lots));
    __m512i lots = _mm512_cvtepu32_epi64(counted);
    __m512i loss = _mm512_add_epi64(_mm512_slli_epi64(_mm512_srai_epi64(both, 32), 16),
                                    _mm512_and_si512(both, _mm512_set1_epi64(0xffff)));
    loss = _mm512_add_epi64(loss, _mm512_mullo_epi64(lots, _mm512_set1_epi64(SCAN_BRACKET)));
    _mm512_storeu_si512(worst, _mm512_max_epi64(loss, _mm512_setzero_si512()));
    return SCAN_GUARDED ? _mm512_cmpge_epu64_mask(lots, _mm512_set1_epi64(LOTS_MAX)) : 0;
}

/* Ask memory for what the window will hold next, this far into it. */
INLINE void ask_ahead(const int64_t *sizes, const int32_t *places)
{
    const char *next = (const char *)((uintptr_t)sizes + 8 * WINDOW);
    _mm_prefetch(next, _MM_HINT_T0);
    _mm_prefetch(next + LINE, _MM_HINT_T0);
    _mm_prefetch((const char *)((uintptr_t)places + 4 * WINDOW), _MM_HINT_T0);
}

/* Sum groups from 'first' on, at most eight; return a bit for each that goes alone. */
INLINE uint32_t sum_eight(struct window *window, size_t first, int count, struct grid grid,
                          int is_fused)
{
    const struct scan_input *input = window->input;
    const int32_t *starts = input->starts + first, *ends = input->ends + first;
    int64_t begin = window->from, end = window->to;
    uint32_t alone = 0;
    for (int slot = 0; slot < count; slot++) {
        int64_t from = starts[slot], to = ends[slot];
        uint64_t held = (uint64_t)(to - from);
        int is_inside = from >= begin && to <= end;
        if (held > HELD_MAX || (!is_inside && (from < 0 || to > (int64_t)input->positions))) {
            alone |= 1u << slot;
            continue;
        }
        if (!is_inside) {
            begin_at(window, from);
            if (!window->is_sound)
                return 0;
            begin = from;
            end = window->to;
        }
        const int32_t *places = grid.places + from;
        const int16_t *sizes = window->words + (from - begin);
        ask_ahead(input->sizes + from, places);
        __m256i words = _mm256_maskz_loadu_epi16((__mmask16)((1u << held) - 1), sizes);
        window->lots[slot] = _mm256_madd_epi16(_mm256_abs_epi16(words), _mm256_set1_epi16(1));
        window->largest[slot] = largest_of(window, grid, places, sizes, held, is_fused);
    }
    return alone;
}

/* Answer at most eight groups, and return how many are declined. */
INLINE size_t answer_eight(struct window *window, size_t first, int count, struct grid grid,
                           int64_t *worst, uint8_t *declined, int is_fused)
{
    int64_t found[8];
    uint8_t apart[8] = {0};
    size_t refused = 0;
    uint32_t alone = sum_eight(window, first, count, grid, is_fused);
    alone |= settle(window, found);
    for (int slot = 0; alone && slot < count; slot++)
        if (alone >> slot & 1)
            refused += apart[slot] = scan_alone(window, first + (size_t)slot, &found[slot]);
    if (window->is_sound) {
        memcpy(worst + first, found, (size_t)count * sizeof *found);
        memcpy(declined + first, apart, (size_t)count);
    }
    return refused;
}

INLINE void prepare(struct window *window, const struct scan_input *input, int64_t *whole)
{
    memset(window, 0, sizeof *window);
    window->input = input;
    window->whole = whole;
    window->is_sound = 1;
    for (size_t s = 0; s < input->width; s++) {
        whole[s] = input->weights[s] == SCAN_WHOLE_PPM ? -1 : 0;
        /* Two scenarios of every four are unpacked low, two high. */
        int lane = (int)(s % BLOCK / 4 * 2 + s % 2);
        window->lanes[s / BLOCK][s / 2 % 2] |= (__mmask8)((whole[s] & 1) << lane);
    }
}

INLINE size_t scan_many(const struct scan_input *input, int64_t *worst, uint8_t *declined,
                        size_t stride, int is_fused)
{
    struct window window;
    int64_t whole[SCAN_WIDTH_MAX] __attribute__((aligned(64)));
    size_t refused = 0, g = 0, eights = input->groups & ~(size_t)7;
    prepare(&window, input, whole);
    struct grid grid = {.places = input->instruments, .rows = (const char *)input->halves,
                        .stride = stride, .lanes = {window.lanes[0][0], window.lanes[0][1]}};
    for (; g < eights; g += 8) {
        refused += answer_eight(&window, g, 8, grid, worst, declined, is_fused);
        if (!window.is_sound)
            break;
    }
    if (g < input->groups && window.is_sound)
        refused += answer_eight(&window, g, (int)(input->groups - g), grid, worst, declined,
                                is_fused);
    if (window.is_sound)
        return refused;
    memset(worst, 0, g * sizeof *worst);
    memset(declined, 1, g);
    return SCAN_UNSOUND;
}

/* One block, which most grids are, has its stride known to the compiler. */
#define WIDTHS(NAME, IS_FUSED)                                                               \
    MANY size_t scan_many_##NAME(const struct scan_input *input, int64_t *worst,             \
                                 uint8_t *declined)                                          \
    {                                                                                        \
        size_t stride = scan_blocks(input->width) * LINE;                               \
        return stride == LINE ? scan_many(input, worst, declined, LINE, IS_FUSED)  \
                                   : scan_many(input, worst, declined, stride, IS_FUSED);    \
    }

WIDTHS(avx512, 0)
WIDTHS(vnni, 1)

#endif

int scan_halve(const struct scan_input *input, int16_t *halves)
{
    size_t width = input->width, padded = scan_blocks(width) * SCAN_BLOCK;
    if (!input->narrow || input->bound_max > HALVED_MAX)
        return 0;
    for (size_t i = 0; i < input->row_count; i++)
        for (size_t s = 0; s < padded; s++) {
            int32_t value = s < width ? input->narrow[i * width + s] : 0;
            int16_t low = (int16_t)value;
            /* Of every eight halves four are low: what unpacks one of two rows apart. */
            int16_t *four = halves + i * 2 * padded + s / 4 * 8 + s % 4;
            four[0] = low;
            four[4] = (int16_t)((value - low) / 65536);
        }
    return 1;
}
