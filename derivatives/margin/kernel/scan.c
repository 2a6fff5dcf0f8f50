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

/* Return whether no sum over these positions can leave 62 bits, and store the sum of |size|.
 * Bit lengths settle nearly every group: a product of a-bit and b-bit numbers has at most a + b
 * bits. Only a group near the edge is summed in 128 bits. */
static inline int is_safe(const struct scan_input *input, int32_t from, int32_t to,
                          int bound_bits, uint64_t *lots)
{
    uint64_t sizes = 0, sum = 0;
    for (int32_t k = from; k < to; k++) {
        uint64_t magnitude = magnitude_of(input->sizes[k]);
        sizes |= magnitude;
        sum += magnitude;
    }
    *lots = sum;
    if (bits_of(sizes) + bound_bits + bits_of((uint64_t)(to - from)) <= 62)
        return 1;
    unsigned __int128 total = 0;
    for (int32_t k = from; k < to; k++) {
        total += (unsigned __int128)magnitude_of(input->sizes[k]) *
                 (uint64_t)input->bounds[input->instruments[k]];
        if (total >= SAFE)
            return 0;
    }
    return 1; /* bounds are at least 2, so the sum of |size| is below 2^61 too */
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

/* Add 2 per lot to every sum, weigh those that are not whole, and return the worst of the
 * latter, at least 0. The whole ones are compared by the level, eight at a time. */
static inline int64_t finish_weighted(size_t width, const int64_t *weights, int64_t *loss,
                                      int64_t bracket)
{
    int64_t worst = 0;
    for (size_t s = 0; s < width; s++) {
        int64_t weight = weights[s];
        if (weight == PPM)
            continue;
        int64_t value = loss[s] + bracket;
        value = value > 0 && weight > 0 ? weighted(value, weight) : 0;
        loss[s] = value;
        if (value > worst)
            worst = value;
    }
    return worst;
}

/* Return whether some scenario's weight is neither whole nor padding. */
static inline int has_weighted(const struct scan_input *input)
{
    for (size_t s = 0; s < input->width; s++)
        if (input->weights[s] != PPM && input->weights[s] != 0)
            return 1;
    return 0;
}

/* The body of every level. 'SUM' stores size x row summed over the positions, plus 'bracket' in
 * the lanes of whole weight, and returns the worst of those, at least 0. */
#define SCAN_BODY(SUM)                                                                         \
    size_t refused = 0;                                                                        \
    int64_t local[SCAN_WIDTH_MAX] __attribute__((aligned(64)));                                \
    int64_t whole[SCAN_WIDTH_MAX] __attribute__((aligned(64)));                                \
    int weighing = has_weighted(input);                                                        \
    int bound_bits = bits_of(input->bound_max);                                                \
    for (size_t s = 0; s < input->width; s++)                                                  \
        whole[s] = input->weights[s] == PPM ? -1 : 0;                                          \
    for (size_t g = 0; g < input->groups; g++) {                                               \
        int32_t from = input->starts[g], to = input->ends[g];                                  \
        uint64_t lots = 0;                                                                     \
        int safe = is_safe(input, from, to, bound_bits, &lots);                                \
        int64_t *loss = losses ? losses + g * input->width : local;                            \
        declined[g] = (uint8_t)!safe;                                                          \
        if (!safe) {                                                                           \
            refused++;                                                                         \
            worst[g] = 0;                                                                      \
            memset(loss, 0, input->width * sizeof *loss);                                      \
            continue;                                                                          \
        }                                                                                      \
        int64_t bracket = SCAN_BRACKET * (int64_t)lots;                                        \
        int64_t top = SUM(input, from, to, whole, bracket, loss);                              \
        if (weighing) {                                                                        \
            int64_t other = finish_weighted(input->width, input->weights, loss, bracket);                             \
            top = other > top ? other : top;                                                   \
        }                                                                                      \
        worst[g] = top;                                                                        \
    }                                                                                          \
    return refused;

int scan_is_safe(const struct scan_input *input, int32_t from, int32_t to, int bound_bits,
                 uint64_t *lots)
{
    return is_safe(input, from, to, bound_bits, lots);
}

int64_t scan_weighted(size_t width, const int64_t *weights, int64_t *loss, int64_t bracket)
{
    return finish_weighted(width, weights, loss, bracket);
}

/* Eight 64-bit lanes, which any compiler of this dialect turns into what the target has. */
typedef int64_t lanes __attribute__((vector_size(64)));

static inline void load_lanes(lanes *value, const int64_t *from)
{
    memcpy(value, from, sizeof *value);
}

static inline int64_t sum_portable(const struct scan_input *input, int32_t from, int32_t to,
                                   const int64_t *whole, int64_t bracket, int64_t *loss)
{
    size_t width = input->width;
    lanes top = {0};
    for (size_t s = 0; s < width; s += 8) {
        lanes sum = {0}, mask, row;
        load_lanes(&mask, whole + s);
        for (int32_t k = from; k < to; k++) {
            load_lanes(&row, input->rows + (size_t)input->instruments[k] * width + s);
            sum += input->sizes[k] * row;
        }
        sum += bracket & mask;
        memcpy(loss + s, &sum, sizeof sum);
        lanes counted = sum & mask, above = counted > top;
        top = (counted & above) | (top & ~above);
    }
    int64_t worst = 0;
    for (int lane = 0; lane < 8; lane++)
        worst = top[lane] > worst ? top[lane] : worst;
    return worst;
}

int64_t scan_sum_portable(const struct scan_input *input, int32_t from, int32_t to,
                         const int64_t *whole, int64_t bracket, int64_t *loss)
{
    return sum_portable(input, from, to, whole, bracket, loss);
}

size_t scan_portable(const struct scan_input *input, int64_t *losses, int64_t *worst,
                     uint8_t *declined)
{
    SCAN_BODY(sum_portable)
}

#if defined(__x86_64__)

#define AVX512 __attribute__((target("avx512f,avx512dq")))
#define AVX2 __attribute__((target("avx2")))

/* Add the bracket to the whole lanes of eight sums, store them, and keep the worst so far. */
AVX512 static inline __m512i settle_avx512(__m512i sum, const int64_t *whole, __m512i bracket,
                                           int64_t *loss, __m512i top)
{
    __mmask8 mask = _mm512_movepi64_mask(_mm512_load_si512(whole));
    sum = _mm512_mask_add_epi64(sum, mask, sum, bracket);
    _mm512_storeu_si512((void *)loss, sum);
    return _mm512_mask_max_epi64(top, mask, top, sum);
}

/* Eight lanes at a time stay in one register over all positions of the group. */
AVX512 static inline int64_t sum_avx512(const struct scan_input *input, int32_t from, int32_t to,
                                        const int64_t *whole, int64_t bracket, int64_t *loss)
{
    size_t width = input->width, s = 0;
    __m512i top = _mm512_setzero_si512(), extra = _mm512_set1_epi64(bracket);
    for (; s + 16 <= width; s += 16) {
        __m512i first = _mm512_setzero_si512(), second = _mm512_setzero_si512();
        for (int32_t k = from; k < to; k++) {
            const int64_t *row = input->rows + (size_t)input->instruments[k] * width + s;
            __m512i size = _mm512_set1_epi64(input->sizes[k]);
            first = _mm512_add_epi64(first, _mm512_mullo_epi64(size, _mm512_loadu_si512(row)));
            second =
                _mm512_add_epi64(second, _mm512_mullo_epi64(size, _mm512_loadu_si512(row + 8)));
        }
        top = settle_avx512(first, whole + s, extra, loss + s, top);
        top = settle_avx512(second, whole + s + 8, extra, loss + s + 8, top);
    }
    if (s < width) {
        __m512i sum = _mm512_setzero_si512();
        for (int32_t k = from; k < to; k++) {
            const int64_t *row = input->rows + (size_t)input->instruments[k] * width + s;
            __m512i size = _mm512_set1_epi64(input->sizes[k]);
            sum = _mm512_add_epi64(sum, _mm512_mullo_epi64(size, _mm512_loadu_si512(row)));
        }
        top = settle_avx512(sum, whole + s, extra, loss + s, top);
    }
    return _mm512_reduce_max_epi64(top);
}

AVX512 int64_t scan_sum_avx512(const struct scan_input *input, int32_t from, int32_t to,
                                const int64_t *whole, int64_t bracket, int64_t *loss)
{
    return sum_avx512(input, from, to, whole, bracket, loss);
}

AVX512 size_t scan_avx512(const struct scan_input *input, int64_t *losses, int64_t *worst,
                          uint8_t *declined)
{
    SCAN_BODY(sum_avx512)
}

/* Return the low 64 bits of four products: AVX2 multiplies 32 by 32 bits only. */
AVX2 static inline __m256i multiply_low(__m256i a, __m256i b)
{
    __m256i low = _mm256_mul_epu32(a, b);
    __m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b),
                                     _mm256_mul_epu32(a, _mm256_srli_epi64(b, 32)));
    return _mm256_add_epi64(low, _mm256_slli_epi64(cross, 32));
}

AVX2 static inline __m256i settle_avx2(__m256i sum, const int64_t *whole, __m256i bracket,
                                       int64_t *loss, __m256i top)
{
    __m256i mask = _mm256_load_si256((const __m256i *)whole);
    sum = _mm256_add_epi64(sum, _mm256_and_si256(bracket, mask));
    _mm256_storeu_si256((__m256i *)loss, sum);
    __m256i counted = _mm256_and_si256(sum, mask);
    return _mm256_blendv_epi8(top, counted, _mm256_cmpgt_epi64(counted, top));
}

AVX2 static inline int64_t sum_avx2(const struct scan_input *input, int32_t from, int32_t to,
                                    const int64_t *whole, int64_t bracket, int64_t *loss)
{
    size_t width = input->width;
    __m256i top = _mm256_setzero_si256(), extra = _mm256_set1_epi64x(bracket);
    for (size_t s = 0; s < width; s += 8) {
        __m256i first = _mm256_setzero_si256(), second = _mm256_setzero_si256();
        for (int32_t k = from; k < to; k++) {
            const __m256i *row =
                (const __m256i *)(input->rows + (size_t)input->instruments[k] * width + s);
            __m256i size = _mm256_set1_epi64x(input->sizes[k]);
            first = _mm256_add_epi64(first, multiply_low(size, _mm256_loadu_si256(row)));
            second = _mm256_add_epi64(second, multiply_low(size, _mm256_loadu_si256(row + 1)));
        }
        top = settle_avx2(first, whole + s, extra, loss + s, top);
        top = settle_avx2(second, whole + s + 4, extra, loss + s + 4, top);
    }
    int64_t lanes[4] __attribute__((aligned(32)));
    _mm256_store_si256((__m256i *)lanes, top);
    int64_t left = lanes[0] > lanes[1] ? lanes[0] : lanes[1];
    int64_t right = lanes[2] > lanes[3] ? lanes[2] : lanes[3];
    return left > right ? left : right;
}

AVX2 int64_t scan_sum_avx2(const struct scan_input *input, int32_t from, int32_t to,
                              const int64_t *whole, int64_t bracket, int64_t *loss)
{
    return sum_avx2(input, from, to, whole, bracket, loss);
}

AVX2 size_t scan_avx2(const struct scan_input *input, int64_t *losses, int64_t *worst,
                      uint8_t *declined)
{
    SCAN_BODY(sum_avx2)
}

int scan_level_max(void)
{
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        return 2;
    return __builtin_cpu_supports("avx2") ? 1 : 0;
}

#else

int scan_level_max(void)
{
    return 0;
}

#endif
