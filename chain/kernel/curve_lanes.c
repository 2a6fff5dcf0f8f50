/* Sums with AVX-512 IFMA: the four coordinates of a point side by side, a limb of each in one register.
 *
 * The processor multiplies limbs of up to 52 bits, and adds the low or the high 52 bits of the product. A high half is
 * worth 2^52, twice the limb of 51 bits that it is added to. Bounds: factors are below 2^52; a limb
 * of a product is at most 15 halves, and 19 times as many more come from beyond the last: below 2^61. So one
 * carry makes it tight, as in field.h. */

#include "curve_steps.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define LANES __attribute__((target("avx512f,avx512vl,avx512dq,avx512ifma,avx2")))

typedef __m256i lanes;

/* Four numbers. */
struct four {
    lanes limb[5];
};

int curve_lanes_have(void)
{
    return __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq");
}

static inline LANES lanes each(uint64_t number)
{
    return _mm256_set1_epi64x((long long)number);
}

static inline LANES struct four tight(const struct four *a)
{
    const lanes mask = each(FIELD_MASK);
    struct four carried;
    lanes over = _mm256_mul_epu32(_mm256_srli_epi64(a->limb[4], 51), each(19));
    for (int i = 0; i < 5; i++) {
        carried.limb[i] = _mm256_add_epi64(_mm256_and_si256(a->limb[i], mask), over);
        over = _mm256_srli_epi64(a->limb[i], 51);
    }
    return carried;
}

static inline LANES struct four times(const struct four *a, const struct four *b)
{
    lanes low[10], high[10];
    for (int i = 0; i < 10; i++)
        low[i] = high[i] = _mm256_setzero_si256();
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            low[i + j] = _mm256_madd52lo_epu64(low[i + j], a->limb[i], b->limb[j]);
            high[i + j + 1] = _mm256_madd52hi_epu64(high[i + j + 1], a->limb[i], b->limb[j]);
        }
    struct four product;
    for (int i = 0; i < 10; i++)
        low[i] = _mm256_add_epi64(low[i], _mm256_slli_epi64(high[i], 1));
    for (int i = 0; i < 5; i++) {
        const lanes beyond = low[i + 5]; /* times 19 */
        product.limb[i] = _mm256_add_epi64(
            _mm256_add_epi64(low[i], beyond),
            _mm256_add_epi64(_mm256_slli_epi64(beyond, 1), _mm256_slli_epi64(beyond, 4)));
    }
    return tight(&product);
}

/* Return lanes of a, plus lanes of b where a bit of 'plus' is set, less where one of 'less' is. */
static inline LANES struct four combined(const struct four *a, lanes places, const struct four *b,
                                         lanes others, __mmask8 plus, __mmask8 less)
{
    struct four sum;
    for (int i = 0; i < 5; i++) {
        const lanes four_p = each(4 * (i ? FIELD_MASK : FIELD_MASK - 18));
        const lanes other = _mm256_permutexvar_epi64(others, b->limb[i]);
        lanes limb = _mm256_permutexvar_epi64(places, a->limb[i]);
        limb = _mm256_mask_add_epi64(limb, plus, limb, other);
        limb = _mm256_mask_add_epi64(limb, less, limb, _mm256_sub_epi64(four_p, other));
        sum.limb[i] = limb;
    }
    return tight(&sum);
}

static inline LANES lanes places(long long first, long long second, long long third,
                                 long long fourth)
{
    return _mm256_setr_epi64x(first, second, third, fourth);
}

/* Return x = E F, y = G H, z = F G and t = E H, from E, H, F and G. */
static inline LANES struct four joined(const struct four *ehfg)
{
    struct four left, right;
    for (int i = 0; i < 5; i++) { /* E, G, F, E times F, H, G, H */
        left.limb[i] = _mm256_permutexvar_epi64(places(0, 3, 2, 0), ehfg->limb[i]);
        right.limb[i] = _mm256_permutexvar_epi64(places(2, 1, 3, 1), ehfg->limb[i]);
    }
    return times(&left, &right);
}

static LANES struct four doubled(const struct four *a)
{
    const lanes same = places(0, 1, 2, 3), second = places(1, 1, 1, 1);
    const struct four roots = combined(a, places(0, 1, 2, 0), a, second, 8, 0); /* x, y, z, x + y */
    const struct four squares = times(&roots, &roots);
    /* (x + y)^2, y^2, 2 z^2, y^2; then -x^2, +x^2, +x^2, -x^2; then -y^2 for E and F */
    struct four ehfg = combined(&squares, places(3, 1, 2, 1), &squares, same, 4, 0);
    ehfg = combined(&ehfg, same, &squares, places(0, 0, 0, 0), 6, 9);
    ehfg = combined(&ehfg, same, &squares, second, 0, 5);
    return joined(&ehfg);
}

static LANES struct four added(const struct four *a, const struct curve_step *step)
{
    /* y - x, y + x, z, t times y - x, y + x, 2, 2 d x y; to subtract, the other one's x is -x */
    const struct four own = combined(a, places(1, 1, 2, 3), a, places(0, 0, 0, 0), 2, 1);
    const lanes order = step->is_minus ? places(1, 0, 2, 3) : places(0, 1, 2, 3);
    struct four other;
    for (int i = 0; i < 5; i++)
        other.limb[i] = _mm256_permutexvar_epi64(
            order, _mm256_load_si256((const lanes *)step->entry->limb[i]));
    const struct four products = times(&own, &other);
    const struct four ehfg =
        combined(&products, places(1, 1, 2, 2), &products, places(0, 0, 3, 3),
                 step->is_minus ? 6 : 10, step->is_minus ? 9 : 5);
    return joined(&ehfg);
}

static LANES struct field lane_of(const struct four *numbers, int lane)
{
    struct field number;
    for (int i = 0; i < 5; i++) {
        uint64_t limbs[CURVE_LANES];
        _mm256_storeu_si256((lanes *)limbs, numbers->limb[i]);
        number.limb[i] = limbs[lane];
    }
    return number;
}

LANES struct curve_point curve_lanes_sum(const struct curve_steps *steps)
{
    struct four sum; /* x = 0, y = 1, z = 1, t = 0 */
    for (int i = 0; i < 5; i++)
        sum.limb[i] = i ? _mm256_setzero_si256() : places(0, 1, 1, 0);
    for (int left = CURVE_PART_BITS - 1; left >= 0; left--) {
        if (left < CURVE_PART_BITS - 1)
            sum = doubled(&sum);
        for (int i = 0; i < steps->counts[left]; i++)
            sum = added(&sum, &steps->steps[left][i]);
    }
    return (struct curve_point){lane_of(&sum, 0), lane_of(&sum, 1), lane_of(&sum, 2)};
}

#else

int curve_lanes_have(void)
{
    return 0;
}

struct curve_point curve_lanes_sum(const struct curve_steps *steps)
{
    (void)steps;
    return (struct curve_point){field_zero, field_one, field_zero};
}

#endif
