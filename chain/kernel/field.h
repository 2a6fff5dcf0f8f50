/* Numbers modulo p = 2^255 - 19, as five limbs of 51 bits, a limb being the number times 2^(51 i).
 *
 * Bounds. A product, a square and a number that was read have limbs below 2^51 + 2^17: "tight".
 * A sum of two tight ones stays below 2^53, and so does what 'field_less' takes away; a difference
 * stays below 2^54 when what it takes from is below 2^53. Factors may have limbs up to 2^54: five products,
 * four of them nineteenfold, are below 2^115, and the last carry, nineteenfold, below 2^64.
 *
 * Nothing here is secret, so nothing here takes care to run equally long. */

#ifndef NOVATION_CHAIN_FIELD_H
#define NOVATION_CHAIN_FIELD_H

#include <stdint.h>
#include <string.h>

enum { FIELD_BYTES = 32 };

struct field {
    uint64_t limb[5];
};

typedef unsigned __int128 field_wide;

#define FIELD_MASK (((uint64_t)1 << 51) - 1)

static const struct field field_zero = {{0, 0, 0, 0, 0}};
static const struct field field_one = {{1, 0, 0, 0, 0}};

static inline struct field field_plus(const struct field *a, const struct field *b)
{
    struct field sum;
    for (int i = 0; i < 5; i++)
        sum.limb[i] = a->limb[i] + b->limb[i];
    return sum;
}

/* Return a - b, as a + 4p - b. */
static inline struct field field_less(const struct field *a, const struct field *b)
{
    struct field left;
    left.limb[0] = a->limb[0] + 4 * (FIELD_MASK - 18) - b->limb[0];
    for (int i = 1; i < 5; i++)
        left.limb[i] = a->limb[i] + 4 * FIELD_MASK - b->limb[i];
    return left;
}

/* Return the same number, tight; its limbs are below 2^63. */
static inline struct field field_tight(const struct field *a)
{
    struct field tight;
    tight.limb[0] = (a->limb[0] & FIELD_MASK) + 19 * (a->limb[4] >> 51);
    for (int i = 1; i < 5; i++)
        tight.limb[i] = (a->limb[i] & FIELD_MASK) + (a->limb[i - 1] >> 51);
    return tight;
}

/* Carry five wide limbs into a tight number. */
static inline struct field field_carried(field_wide wide[5])
{
    struct field tight;
    for (int i = 0; i < 4; i++) {
        wide[i + 1] += (uint64_t)(wide[i] >> 51);
        tight.limb[i] = (uint64_t)wide[i] & FIELD_MASK;
    }
    tight.limb[4] = (uint64_t)wide[4] & FIELD_MASK;
    tight.limb[0] += 19 * (uint64_t)(wide[4] >> 51);
    tight.limb[1] += tight.limb[0] >> 51;
    tight.limb[0] &= FIELD_MASK;
    return tight;
}

static inline struct field field_times(const struct field *a, const struct field *b)
{
    const uint64_t a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3],
                   a4 = a->limb[4];
    const uint64_t b0 = b->limb[0], b1 = b->limb[1], b2 = b->limb[2], b3 = b->limb[3],
                   b4 = b->limb[4];
    const uint64_t c1 = 19 * b1, c2 = 19 * b2, c3 = 19 * b3, c4 = 19 * b4;
    field_wide wide[5] = {
        (field_wide)a0 * b0 + (field_wide)a1 * c4 + (field_wide)a2 * c3 + (field_wide)a3 * c2 +
            (field_wide)a4 * c1,
        (field_wide)a0 * b1 + (field_wide)a1 * b0 + (field_wide)a2 * c4 + (field_wide)a3 * c3 +
            (field_wide)a4 * c2,
        (field_wide)a0 * b2 + (field_wide)a1 * b1 + (field_wide)a2 * b0 + (field_wide)a3 * c4 +
            (field_wide)a4 * c3,
        (field_wide)a0 * b3 + (field_wide)a1 * b2 + (field_wide)a2 * b1 + (field_wide)a3 * b0 +
            (field_wide)a4 * c4,
        (field_wide)a0 * b4 + (field_wide)a1 * b3 + (field_wide)a2 * b2 + (field_wide)a3 * b1 +
            (field_wide)a4 * b0,
    };
    return field_carried(wide);
}

static inline struct field field_square(const struct field *a)
{
    const uint64_t a0 = a->limb[0], a1 = a->limb[1], a2 = a->limb[2], a3 = a->limb[3],
                   a4 = a->limb[4];
    const uint64_t twice0 = 2 * a0, twice1 = 2 * a1, c3 = 19 * a3, c4 = 19 * a4;
    field_wide wide[5] = {
        (field_wide)a0 * a0 + (field_wide)twice1 * c4 + (field_wide)(2 * a2) * c3,
        (field_wide)twice0 * a1 + (field_wide)(2 * a2) * c4 + (field_wide)a3 * c3,
        (field_wide)twice0 * a2 + (field_wide)a1 * a1 + (field_wide)(2 * a3) * c4,
        (field_wide)twice0 * a3 + (field_wide)twice1 * a2 + (field_wide)a4 * c4,
        (field_wide)twice0 * a4 + (field_wide)twice1 * a3 + (field_wide)a2 * a2,
    };
    return field_carried(wide);
}

/* Return a^(2^times). */
static inline struct field field_squared(const struct field *a, int times)
{
    struct field power = *a;
    while (times--)
        power = field_square(&power);
    return power;
}

/* Read 255 bits, the least byte first; the highest bit of the last byte is not looked at. */
static inline struct field field_read(const uint8_t bytes[FIELD_BYTES])
{
    uint64_t words[4] = {0, 0, 0, 0};
    for (int i = 0; i < FIELD_BYTES; i++)
        words[i / 8] |= (uint64_t)bytes[i] << 8 * (i % 8);
    return (struct field){{
        words[0] & FIELD_MASK,
        (words[0] >> 51 | words[1] << 13) & FIELD_MASK,
        (words[1] >> 38 | words[2] << 26) & FIELD_MASK,
        (words[2] >> 25 | words[3] << 39) & FIELD_MASK,
        words[3] >> 12 & FIELD_MASK,
    }};
}

/* Write the one number below p that this is, the least byte first. */
static inline void field_write(const struct field *a, uint8_t bytes[FIELD_BYTES])
{
    struct field left = *a;
    for (int round = 0; round < 2; round++) { /* every limb below 2^51, the number below 2^255 */
        for (int i = 0; i < 4; i++) {
            left.limb[i + 1] += left.limb[i] >> 51;
            left.limb[i] &= FIELD_MASK;
        }
        left.limb[0] += 19 * (left.limb[4] >> 51);
        left.limb[4] &= FIELD_MASK;
    }
    uint64_t carry = left.limb[0] + 19; /* 2^255 is reached exactly by what is p or more */
    for (int i = 1; i < 5; i++)
        carry = left.limb[i] + (carry >> 51);
    left.limb[0] += 19 * (carry >> 51);
    for (int i = 0; i < 4; i++) {
        left.limb[i + 1] += left.limb[i] >> 51;
        left.limb[i] &= FIELD_MASK;
    }
    left.limb[4] &= FIELD_MASK;
    const uint64_t words[4] = {
        left.limb[0] | left.limb[1] << 51,
        left.limb[1] >> 13 | left.limb[2] << 38,
        left.limb[2] >> 26 | left.limb[3] << 25,
        left.limb[3] >> 39 | left.limb[4] << 12,
    };
    for (int i = 0; i < FIELD_BYTES; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> 8 * (i % 8));
}

static inline int field_same(const struct field *a, const struct field *b)
{
    uint8_t first[FIELD_BYTES], second[FIELD_BYTES];
    field_write(a, first);
    field_write(b, second);
    return memcmp(first, second, FIELD_BYTES) == 0;
}

/* Return a^(2^250 - 1), the trunk of both powers below, and a^11 beside it. */
static inline struct field field_trunk(const struct field *a, struct field *a11)
{
    struct field a2 = field_square(a), a8 = field_squared(&a2, 2), a9 = field_times(&a8, a);
    *a11 = field_times(&a9, &a2);
    struct field power = field_square(a11), ones5 = field_times(&power, &a9);
    power = field_squared(&ones5, 5);
    struct field ones10 = field_times(&power, &ones5);
    power = field_squared(&ones10, 10);
    struct field ones20 = field_times(&power, &ones10);
    power = field_squared(&ones20, 20);
    power = field_times(&power, &ones20);
    power = field_squared(&power, 10);
    struct field ones50 = field_times(&power, &ones10);
    power = field_squared(&ones50, 50);
    struct field ones100 = field_times(&power, &ones50);
    power = field_squared(&ones100, 100);
    power = field_times(&power, &ones100);
    power = field_squared(&power, 50);
    return field_times(&power, &ones50);
}

/* Return 1 / a, which is a^(p - 2); 0 for 0. */
static inline struct field field_inverse(const struct field *a)
{
    struct field a11, trunk = field_trunk(a, &a11);
    trunk = field_squared(&trunk, 5);
    return field_times(&trunk, &a11);
}

/* Return a^((p - 5) / 8). */
static inline struct field field_root(const struct field *a)
{
    struct field a11, trunk = field_trunk(a, &a11);
    trunk = field_squared(&trunk, 2);
    return field_times(&trunk, a);
}

#endif
