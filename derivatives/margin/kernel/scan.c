/* The three widths of one scan. They differ in how they multiply and add 64-bit integers;
 * integers add exactly, so order does not matter and all three agree bit for bit. */

#include "scan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define PPM SCAN_WHOLE_PPM

#define SAFE ((unsigned __int128)1 << 62)

static inline int bits_of(uint64_t value)
{
    return value ? 64 - __builtin_clzll(value) : 0;
}

static inline uint64_t magnitude_of(int64_t size)
{
    return size < 0 ? 0 - (uint64_t)size : (uint64_t)size;
}

/* What is seen of a group's sizes on the way: all bits of their magnitudes, and their sum. */
struct seen {
    uint64_t bits, lots;
};

static inline struct seen measured(const struct scan_input *input, int32_t from, int32_t to)
{
    struct seen seen = {0, 0};
    for (int32_t k = from; k < to; k++) {
        uint64_t magnitude = magnitude_of(input->sizes[k]);
        seen.bits |= magnitude;
        seen.lots += magnitude;
    }
    return seen;
}

/* Return whether no sum over these positions can leave 62 bits; then the sum of |size| is below
 * 2^61, since bounds are at least 2. Bit lengths settle nearly every group: a product of a-bit
 * and b-bit numbers has at most a + b bits. Only a group near the edge is summed in 128 bits. */
static inline int is_safe(const struct scan_input *input, int32_t from, int32_t to,
                          struct seen seen)
{
    if (bits_of(seen.bits) + bits_of(input->bound_max) + bits_of((uint64_t)(to - from)) <= 62)
        return 1;
    unsigned __int128 total = 0;
    for (int32_t k = from; k < to; k++) {
        total += (unsigned __int128)magnitude_of(input->sizes[k]) *
                 (uint64_t)input->bounds[input->instruments[k]];
        if (total >= SAFE)
            return 0;
    }
    return 1;
}

/* Return ceil(weight x loss / 10^6). 128 bits hold the product whatever the loss. */
static inline int64_t weighted(int64_t loss, int64_t weight)
{
    __int128 product = (__int128)loss * weight;
    if (product >= INT64_MIN && product <= INT64_MAX) {
        int64_t small = (int64_t)product;
        int64_t quotient = small / PPM;
        return quotient + (small % PPM > 0);
    }
    __int128 quotient = product / PPM;
    return (int64_t)(quotient + (product % PPM > 0));
}

/* Add the bracket to the sums that are not whole, weigh them, at least 0, and return the worst
 * of them. Those of weight 0, which are padding, become 0. */
static inline int64_t finish_weighted(size_t width, const int64_t *weights, int64_t *loss,
                                      int64_t bracket)
{
    int64_t worst = 0;
    for (size_t s = 0; s < width; s++) {
        int64_t weight = weights[s];
        if (weight == PPM)
            continue;
        int64_t value = weight > 0 ? loss[s] + bracket : 0;
        value = value > 0 ? weighted(value, weight) : 0;
        loss[s] = value;
        if (value > worst)
            worst = value;
    }
    return worst;
}

int scan_is_weighing(const struct scan_input *input)
{
    for (size_t s = 0; s < input->width; s++)
        if (input->weights[s] != PPM && input->weights[s] != 0)
            return 1;
    return 0;
}

/* What one level does with a group: store size x row summed over the positions, plus the bracket
 * in the lanes whose mask is -1, in 'loss', and what was seen of the sizes; return the largest of
 * those lanes, at least 0. Sums wrap: whoever calls looks afterwards whether they were safe. */
typedef int64_t sum_function(const struct scan_input *input, int32_t from, int32_t to,
                             const int64_t *whole, int64_t *loss, struct seen *seen);

/* Sum one group, weigh it, and store its worst loss; return 0 where it might not fit. */
static inline __attribute__((always_inline)) int
scan_group(const struct scan_input *input, sum_function *sum, int32_t from, int32_t to,
           const int64_t *weights, const int64_t *whole, int weighing, int64_t *loss,
           int64_t *worst)
{
    struct seen seen;
    int64_t top = sum(input, from, to, whole, loss, &seen);
    if (SCAN_GUARDED && !is_safe(input, from, to, seen))
        return 0;
    if (weighing) {
        int64_t bracket = SCAN_BRACKET * (int64_t)seen.lots;
        int64_t other = finish_weighted(input->width, weights, loss, bracket);
        top = other > top ? other : top;
    }
    *worst = top;
    return 1;
}

/* The body of every level, with its own 'sum' inlined. */
static inline __attribute__((always_inline)) size_t
scan_groups(const struct scan_input *input, sum_function *sum, int64_t *losses, int64_t *worst,
            uint8_t *declined)
{
    size_t refused = 0;
    int64_t local[SCAN_WIDTH_MAX] __attribute__((aligned(64)));
    int64_t whole[SCAN_WIDTH_MAX] __attribute__((aligned(64)));
    int weighing = scan_is_weighing(input);
    for (size_t s = 0; s < input->width; s++)
        whole[s] = input->weights[s] == PPM ? -1 : 0;
    for (size_t g = 0; g < input->groups; g++) {
        int64_t *loss = losses ? losses + g * input->width : local;
        int fits = scan_group(input, sum, input->starts[g], input->ends[g], input->weights, whole,
                              weighing, loss, &worst[g]);
        declined[g] = (uint8_t)!fits;
        if (!fits) {
            refused++;
            worst[g] = 0;
            memset(loss, 0, input->width * sizeof *loss);
        }
    }
    return refused;
}

/* The functions of a level, compiled for its processors. */
#define LEVEL(NAME, TARGET)                                                                    \
    TARGET uint32_t scan_farthest_##NAME(const int32_t *places, size_t count)                  \
    {                                                                                          \
        uint32_t farthest = 0;                                                                 \
        for (size_t i = 0; i < count; i++)                                                     \
            farthest = (uint32_t)places[i] > farthest ? (uint32_t)places[i] : farthest;        \
        return farthest;                                                                       \
    }                                                                                          \
    TARGET size_t scan_##NAME(const struct scan_input *input, int64_t *losses, int64_t *worst, \
                              uint8_t *declined)                                               \
    {                                                                                          \
        return scan_groups(input, sum_##NAME, losses, worst, declined);                        \
    }                                                                                          \
    TARGET int scan_one_##NAME(const struct scan_input *input, int32_t from, int32_t to,       \
                               const int64_t *weights, const int64_t *whole, int weighing,     \
                               int64_t *loss, int64_t *worst)                                  \
    {                                                                                          \
        return scan_group(input, sum_##NAME, from, to, weights, whole, weighing, loss, worst); \
    }
#define PLAIN

/* One position times eight scenarios at a time, in registers that every processor has. */
static inline int64_t sum_portable(const struct scan_input *input, int32_t from, int32_t to,
                                   const int64_t *whole, int64_t *loss, struct seen *seen)
{
    *seen = measured(input, from, to);
    uint64_t bracket = SCAN_BRACKET * seen->lots;
    size_t width = input->width;
    int64_t worst = 0;
    for (size_t s = 0; s < width; s += 8) {
        uint64_t sum[8] = {0};
        for (int32_t k = from; k < to; k++) {
            const int64_t *row = input->rows + (size_t)input->instruments[k] * width + s;
            uint64_t size = (uint64_t)input->sizes[k];
            for (int lane = 0; lane < 8; lane++)
                sum[lane] += size * (uint64_t)row[lane];
        }
        for (int lane = 0; lane < 8; lane++) {
            int64_t mask = whole[s + (size_t)lane];
            loss[s + (size_t)lane] = (int64_t)(sum[lane] + (bracket & (uint64_t)mask));
            int64_t counted = loss[s + (size_t)lane] & mask;
            worst = counted > worst ? counted : worst;
        }
    }
    return worst;
}

LEVEL(portable, PLAIN)

#if defined(__x86_64__)

#define AVX512 __attribute__((target("avx512f,avx512dq")))
#define AVX2 __attribute__((target("avx2")))

/* Add the bracket to the whole lanes of eight sums, store them, and keep the worst so far. */
AVX512 static inline __m512i settle_avx512(__m512i sum, const int64_t *whole, __m512i extra,
                                           int64_t *loss, __m512i top)
{
    __mmask8 mask = _mm512_movepi64_mask(_mm512_load_si512(whole));
    sum = _mm512_mask_add_epi64(sum, mask, sum, extra);
    _mm512_storeu_si512((void *)loss, sum);
    return _mm512_mask_max_epi64(top, mask, top, sum);
}

/* Sum eight scenarios from 's' on, in one register over all positions. */
AVX512 static inline __m512i eight_avx512(const struct scan_input *input, int32_t from, int32_t to,
                                          size_t s, const int64_t *whole, __m512i extra,
                                          int64_t *loss, __m512i top)
{
    __m512i sum = _mm512_setzero_si512();
    for (int32_t k = from; k < to; k++) {
        size_t at = (size_t)input->instruments[k] * input->width + s;
        __m512i size = _mm512_set1_epi64(input->sizes[k]);
        __m512i row = _mm512_loadu_si512(input->rows + at);
        sum = _mm512_add_epi64(sum, _mm512_mullo_epi64(size, row));
    }
    return settle_avx512(sum, whole + s, extra, loss + s, top);
}

/* Sum sixteen scenarios from 's' on, where sizes and rows both have 32 bits: even and odd ones
 * apart, since one instruction multiplies the lower half of every 64 bits. Every lane sees the
 * same sizes, so what is seen of them needs no sum across lanes. */
AVX512 static inline __attribute__((always_inline)) __m512i
narrow_avx512(const struct scan_input *input, int32_t from, int32_t to, size_t s,
              const int64_t *whole, int64_t *loss, struct seen *seen, __m512i top)
{
    __m512i even = _mm512_setzero_si512(), odd = even, bits = even, lots = even;
    for (int32_t k = from; k < to; k++) {
        size_t at = (size_t)input->instruments[k] * input->width + s;
        __m512i size = _mm512_set1_epi64(input->sizes[k]), pair = _mm512_loadu_si512(input->narrow + at);
        __m512i magnitude = _mm512_abs_epi64(size);
        bits = _mm512_or_si512(bits, magnitude);
        lots = _mm512_add_epi64(lots, magnitude);
        even = _mm512_add_epi64(even, _mm512_mul_epi32(size, pair));
        odd = _mm512_add_epi64(odd, _mm512_mul_epi32(size, _mm512_srli_epi64(pair, 32)));
    }
    seen->bits = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(bits));
    seen->lots = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(lots));
    __m512i extra = _mm512_mullo_epi64(lots, _mm512_set1_epi64(SCAN_BRACKET));
    const __m512i low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const __m512i high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    __m512i first = _mm512_permutex2var_epi64(even, low, odd);
    __m512i second = _mm512_permutex2var_epi64(even, high, odd);
    top = settle_avx512(first, whole + s, extra, loss + s, top);
    return settle_avx512(second, whole + s + 8, extra, loss + s + 8, top);
}

AVX512 static inline int64_t sum_avx512(const struct scan_input *input, int32_t from, int32_t to,
                                        const int64_t *whole, int64_t *loss, struct seen *seen)
{
    size_t width = input->width, s = 0;
    __m512i top = _mm512_setzero_si512();
    seen->bits = 0;
    if (input->narrow)
        for (; s + 16 <= width && seen->bits <= INT32_MAX; s += 16)
            top = narrow_avx512(input, from, to, s, whole, loss, seen, top);
    if (s == 0 || seen->bits > INT32_MAX) { /* some size needs 64 bits */
        *seen = measured(input, from, to);
        top = _mm512_setzero_si512();
        s = 0;
    }
    __m512i extra = _mm512_set1_epi64((int64_t)(SCAN_BRACKET * seen->lots));
    for (; s < width; s += 8)
        top = eight_avx512(input, from, to, s, whole, extra, loss, top);
    return _mm512_reduce_max_epi64(top);
}

LEVEL(avx512, AVX512)

/* Return the low 64 bits of four products: AVX2 multiplies 32 by 32 bits only. */
AVX2 static inline __m256i multiply_low(__m256i a, __m256i b)
{
    __m256i low = _mm256_mul_epu32(a, b);
    __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b),
                                     _mm256_mul_epu32(a, _mm256_srli_epi64(b, 32)));
    return _mm256_add_epi64(low, _mm256_slli_epi64(cross, 32));
}

AVX2 static inline __m256i row_avx2(const struct scan_input *input, size_t at, int is_narrow)
{
    return is_narrow ? _mm256_cvtepi32_epi64(_mm_loadu_si128((const __m128i *)(input->narrow + at)))
                     : _mm256_loadu_si256((const __m256i *)(input->rows + at));
}

/* Where sizes and rows both have 32 bits, one multiplication does. */
AVX2 static inline __attribute__((always_inline)) __m256i
block_avx2(const struct scan_input *input, int32_t from, int32_t to, size_t s, int is_narrow,
           const int64_t *whole, __m256i extra, int64_t *loss, __m256i top)
{
    __m256i sum[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int32_t k = from; k < to; k++) {
        size_t at = (size_t)input->instruments[k] * input->width + s;
        __m256i size = _mm256_set1_epi64x(input->sizes[k]);
        for (size_t i = 0; i < 2; i++) {
            __m256i row = row_avx2(input, at + 4 * i, is_narrow);
            __m256i product = is_narrow ? _mm256_mul_epi32(size, row) : multiply_low(size, row);
            sum[i] = _mm256_add_epi64(sum[i], product);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        __m256i mask = _mm256_load_si256((const __m256i *)(whole + s + 4 * i));
        sum[i] = _mm256_add_epi64(sum[i], _mm256_and_si256(extra, mask));
        _mm256_storeu_si256((__m256i *)(loss + s + 4 * i), sum[i]);
        __m256i counted = _mm256_and_si256(sum[i], mask);
        top = _mm256_blendv_epi8(top, counted, _mm256_cmpgt_epi64(counted, top));
    }
    return top;
}

AVX2 static inline int64_t sum_avx2(const struct scan_input *input, int32_t from, int32_t to,
                                    const int64_t *whole, int64_t *loss, struct seen *seen)
{
    *seen = measured(input, from, to);
    __m256i top = _mm256_setzero_si256();
    __m256i extra = _mm256_set1_epi64x((int64_t)(SCAN_BRACKET * seen->lots));
    if (input->narrow && seen->bits <= INT32_MAX)
        for (size_t s = 0; s < input->width; s += 8)
            top = block_avx2(input, from, to, s, 1, whole, extra, loss, top);
    else
        for (size_t s = 0; s < input->width; s += 8)
            top = block_avx2(input, from, to, s, 0, whole, extra, loss, top);
    int64_t lanes[4] __attribute__((aligned(32)));
    _mm256_store_si256((__m256i *)lanes, top);
    int64_t left = lanes[0] > lanes[1] ? lanes[0] : lanes[1];
    int64_t right = lanes[2] > lanes[3] ? lanes[2] : lanes[3];
    return left > right ? left : right;
}

LEVEL(avx2, AVX2)

#endif

const struct scan_level scan_levels[] = {
    {scan_portable, scan_one_portable, scan_farthest_portable, NULL},
#if defined(__x86_64__)
    {scan_avx2, scan_one_avx2, scan_farthest_avx2, NULL},
    {scan_avx512, scan_one_avx512, scan_farthest_avx512, scan_many_avx512},
    {scan_avx512, scan_one_avx512, scan_farthest_avx512, scan_many_vnni},
#endif
};

int scan_level_max(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return __builtin_cpu_supports("avx512vnni") ? 3 : 2;
    return __builtin_cpu_supports("avx2") ? 1 : 0;
#else
    return 0;
#endif
}

int scan_narrow(const struct scan_input *input, size_t rows, int32_t *narrow)
{
    for (size_t i = 0; i < rows * input->width; i++) {
        narrow[i] = (int32_t)input->rows[i];
        if (narrow[i] != input->rows[i])
            return 0;
    }
    return 1;
}
