#include "curve_steps.h"

enum {
    BASE_WIDTH = 7,
    BASE_ENTRIES = CURVE_PARTS << (BASE_WIDTH - 2),
    NUMBER_BITS = 256,
};

static const struct field D = {{0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029,
                                0x739c663a03cbb, 0x52036cee2b6ff}};
static const struct field TWICE_D = {{0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052,
                                      0x6738cc7407977, 0x2406d9dc56dff}};
static const struct field ROOT_OF_MINUS_ONE = {{0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60,
                                                0x78595a6804c9e, 0x2b8324804fc1d}};
static const uint8_t BASE[CURVE_BYTES] = {
    0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
};

/* The multiples of B that sums add, 81,920 bytes. */
static struct curve_entry base[BASE_ENTRIES];

static int level;

/* A point as X/Z and Y/Z, with T = XY/Z. */
struct extended {
    struct field x, y, z, t;
};

/* A point as X/Z and Y/T: what a doubling or an addition leaves. */
struct completed {
    struct field x, y, z, t;
};

static struct curve_point projective(const struct completed *a)
{
    return (struct curve_point){field_times(&a->x, &a->t), field_times(&a->y, &a->z),
                                field_times(&a->z, &a->t)};
}

static struct extended extended(const struct completed *a)
{
    return (struct extended){field_times(&a->x, &a->t), field_times(&a->y, &a->z),
                             field_times(&a->z, &a->t), field_times(&a->x, &a->y)};
}

static struct completed doubled(const struct field *x, const struct field *y, const struct field *z)
{
    struct field xx = field_square(x), yy = field_square(y), zz = field_square(z);
    struct field both = field_plus(x, y), square = field_square(&both);
    struct field zz2 = field_plus(&zz, &zz), zz2_xx = field_plus(&zz2, &xx);
    struct completed twice;
    twice.y = field_plus(&yy, &xx);
    twice.z = field_less(&yy, &xx);
    twice.x = field_less(&square, &twice.y);
    twice.t = field_less(&zz2_xx, &yy);
    return twice;
}

/* A point as additions want it: y - x, y + x and 2 d x y, all times its Z. */
struct addend {
    struct field y_minus_x, y_plus_x, t_2d;
};

static struct addend addend_of(const struct field *x, const struct field *y, const struct field *t)
{
    struct field less = field_less(y, x), plus = field_plus(y, x);
    return (struct addend){field_tight(&less), field_tight(&plus), field_times(t, &TWICE_D)};
}

/* Return a + b; 'twice_z' is 2 Z of a times Z of b. */
static struct completed added(const struct extended *a, const struct addend *b,
                              const struct field *twice_z)
{
    struct field sum = field_plus(&a->y, &a->x), difference = field_less(&a->y, &a->x);
    struct field high = field_times(&sum, &b->y_plus_x);
    struct field low = field_times(&difference, &b->y_minus_x);
    struct field cross = field_times(&b->t_2d, &a->t);
    return (struct completed){field_less(&high, &low), field_plus(&high, &low),
                              field_plus(twice_z, &cross), field_less(twice_z, &cross)};
}

/* Store 1 / z for each, with one inversion: from products up to each, backwards. */
static void invert(struct field *z, struct field *products, int count)
{
    struct field product = field_one;
    for (int i = 0; i < count; i++) {
        products[i] = product;
        product = field_times(&product, &z[i]);
    }
    struct field inverse = field_inverse(&product);
    for (int i = count - 1; i >= 0; i--) {
        struct field own = field_times(&inverse, &products[i]);
        inverse = field_times(&inverse, &z[i]);
        z[i] = own;
    }
}

/* Store a point's multiples 1, 3, 5 and so on. */
static void odd_multiples(struct curve_point *found, int count, const struct extended *point)
{
    struct completed sum = doubled(&point->x, &point->y, &point->z);
    const struct extended two = extended(&sum);
    const struct addend step = addend_of(&two.x, &two.y, &two.t);
    struct extended multiple = *point;
    for (int i = 0; i < count; i++) {
        if (i) {
            struct field zz = field_times(&multiple.z, &two.z), twice_z = field_plus(&zz, &zz);
            sum = added(&multiple, &step, &twice_z);
            multiple = extended(&sum);
        }
        found[i] = (struct curve_point){multiple.x, multiple.y, multiple.z};
    }
}

static struct curve_entry entry_of(const struct curve_point *point, const struct field *inverse)
{
    struct field x = field_times(&point->x, inverse), y = field_times(&point->y, inverse);
    struct field t = field_times(&x, &y);
    const struct addend addend = addend_of(&x, &y, &t);
    struct curve_entry entry;
    for (int i = 0; i < 5; i++) {
        entry.limb[i][0] = addend.y_minus_x.limb[i];
        entry.limb[i][1] = addend.y_plus_x.limb[i];
        entry.limb[i][2] = i == 0 ? 2 : 0;
        entry.limb[i][3] = addend.t_2d.limb[i];
    }
    return entry;
}

/* Where a table is made: rooms for as many as it has entries. */
struct workshop {
    struct curve_point *points;
    struct field *inverses, *products;
};

/* Store the odd multiples below 2^(width - 1) of a point times 2^(16 i), for every part i; with one
 * inversion for all. */
static void make_table(struct curve_entry *table, int width, struct extended point,
                       const struct workshop *workshop)
{
    const int odd = 1 << (width - 2), count = CURVE_PARTS * odd;
    for (int part = 0; part < CURVE_PARTS; part++) {
        odd_multiples(workshop->points + part * odd, odd, &point);
        for (int bit = 0; bit < CURVE_PART_BITS; bit++) {
            struct completed twice = doubled(&point.x, &point.y, &point.z);
            point = extended(&twice);
        }
    }
    for (int i = 0; i < count; i++)
        workshop->inverses[i] = workshop->points[i].z;
    invert(workshop->inverses, workshop->products, count);
    for (int i = 0; i < count; i++)
        table[i] = entry_of(&workshop->points[i], &workshop->inverses[i]);
}

/* Read a point, negated where that is asked; 0 when the bytes are no canonical encoding of one. By
 * RFC 8032, 5.1.3: x^2 = u / v = (y^2 - 1) / (d y^2 + 1), x = u v^3 (u v^7)^((p - 5) / 8), perhaps
 * times the root of -1. */
static int read_point(struct extended *point, const uint8_t encoded[CURVE_BYTES], int is_negated)
{
    struct field y = field_read(encoded), yy = field_square(&y), dyy = field_times(&D, &yy);
    struct field u = field_less(&yy, &field_one), v = field_plus(&dyy, &field_one);
    struct field vv = field_square(&v), v3 = field_times(&vv, &v), uv3 = field_times(&u, &v3);
    struct field v4 = field_square(&vv), uv7 = field_times(&uv3, &v4);
    struct field root = field_root(&uv7), x = field_times(&uv3, &root);
    struct field xx = field_square(&x), vxx = field_times(&v, &xx);
    struct field minus_u = field_less(&field_one, &yy);
    uint8_t again[CURVE_BYTES];
    field_write(&y, again);
    again[CURVE_BYTES - 1] |= encoded[CURVE_BYTES - 1] & 0x80;
    if (memcmp(again, encoded, CURVE_BYTES) != 0)
        return 0;
    if (field_same(&vxx, &minus_u))
        x = field_times(&x, &ROOT_OF_MINUS_ONE);
    else if (!field_same(&vxx, &u))
        return 0;
    field_write(&x, again);
    const int sign = encoded[CURVE_BYTES - 1] >> 7;
    if (field_same(&x, &field_zero) && sign)
        return 0;
    if ((again[0] & 1) != (sign ^ is_negated)) {
        struct field minus_x = field_less(&field_zero, &x);
        x = field_times(&minus_x, &field_one);
    }
    *point = (struct extended){x, y, field_one, field_times(&x, &y)};
    return 1;
}

void curve_begin(void)
{
    struct curve_point points[BASE_ENTRIES];
    struct field inverses[BASE_ENTRIES], products[BASE_ENTRIES];
    struct extended point;
    read_point(&point, BASE, 0);
    make_table(base, BASE_WIDTH, point, &(struct workshop){points, inverses, products});
    level = curve_level_max();
}

int curve_key_of(struct curve_key *key, const uint8_t encoded[CURVE_BYTES])
{
    struct curve_point points[CURVE_KEY_ENTRIES];
    struct field inverses[CURVE_KEY_ENTRIES], products[CURVE_KEY_ENTRIES];
    struct extended point;
    if (!read_point(&point, encoded, 1))
        return 0;
    make_table(key->entries, CURVE_KEY_WIDTH, point,
               &(struct workshop){points, inverses, products});
    return 1;
}

/* Ask for an entry's memory, so that it is here when it is added. */
static void fetch(const struct curve_entry *entry)
{
    for (size_t byte = 0; byte < sizeof *entry; byte += 64)
        __builtin_prefetch((const char *)entry + byte);
}

/* Add the digits of a number to what is to be done: odd, below 2^(width - 1) either way, and
 * followed by width - 1 zeros. So no two of them share a part and a place within it. */
static void take_digits(struct curve_steps *steps, const uint8_t number[CURVE_BYTES], int width,
                        const struct curve_entry *table)
{
    uint64_t words[NUMBER_BITS / 64 + 1] = {0};
    for (int i = 0; i < CURVE_BYTES; i++)
        words[i / 8] |= (uint64_t)number[i] << 8 * (i % 8);
    const int odd = 1 << (width - 2);
    int carry = 0;
    for (int place = 0; place < NUMBER_BITS;) {
        const int word = place / 64, bit = place % 64;
        uint64_t bits = words[word] >> bit;
        if (bit)
            bits |= words[word + 1] << (64 - bit);
        const int digit = carry + (int)(bits & ((1u << width) - 1));
        if (!(digit & 1)) {
            place++;
            continue;
        }
        carry = digit >= 1 << (width - 1);
        const int size = carry ? (1 << width) - digit : digit, left = place % CURVE_PART_BITS;
        const struct curve_entry *entry = table + place / CURVE_PART_BITS * odd + size / 2;
        steps->steps[left][steps->counts[left]++] = (struct curve_step){entry, carry};
        fetch(entry);
        place += width;
    }
}

/* Return an entry, or its negative: the same with -x for x. */
static struct addend addend_at(const struct curve_step *step)
{
    struct addend found;
    for (int i = 0; i < 5; i++) {
        found.y_minus_x.limb[i] = step->entry->limb[i][step->is_minus];
        found.y_plus_x.limb[i] = step->entry->limb[i][!step->is_minus];
        found.t_2d.limb[i] = step->entry->limb[i][3];
    }
    if (step->is_minus)
        found.t_2d = field_less(&field_zero, &found.t_2d);
    return found;
}

static struct curve_point portable_sum(const struct curve_steps *steps)
{
    struct curve_point sum = {field_zero, field_one, field_one};
    for (int left = CURVE_PART_BITS - 1; left >= 0; left--) {
        struct completed latest = doubled(&sum.x, &sum.y, &sum.z);
        for (int i = 0; i < steps->counts[left]; i++) {
            const struct extended now = extended(&latest);
            const struct field twice_z = field_plus(&now.z, &now.z);
            const struct addend addend = addend_at(&steps->steps[left][i]);
            latest = added(&now, &addend, &twice_z);
        }
        sum = projective(&latest);
    }
    return sum;
}

int curve_level_max(void)
{
    return curve_lanes_have();
}

void curve_use_level(int wanted)
{
    level = wanted > curve_level_max() ? curve_level_max() : wanted;
}

struct curve_point curve_sum(const struct curve_key *key, const uint8_t s[CURVE_BYTES],
                             const uint8_t k[CURVE_BYTES])
{
    struct curve_steps steps;
    memset(steps.counts, 0, sizeof steps.counts);
    take_digits(&steps, s, BASE_WIDTH, base);
    take_digits(&steps, k, CURVE_KEY_WIDTH, key->entries);
    return level ? curve_lanes_sum(&steps) : portable_sum(&steps);
}

void curve_encode(const struct curve_point *points, uint8_t (*encoded)[CURVE_BYTES], int count)
{
    struct field z[CURVE_TOGETHER_MAX], products[CURVE_TOGETHER_MAX];
    for (int i = 0; i < count; i++)
        z[i] = points[i].z;
    invert(z, products, count);
    for (int i = 0; i < count; i++) {
        struct field x = field_times(&points[i].x, &z[i]), y = field_times(&points[i].y, &z[i]);
        uint8_t sign[CURVE_BYTES];
        field_write(&x, sign);
        field_write(&y, encoded[i]);
        encoded[i][CURVE_BYTES - 1] |= (uint8_t)(sign[0] << 7);
    }
}

int curve_is_small(const uint8_t encoded[CURVE_BYTES])
{
    /* y of the eight points whose order divides 8; of +-x one stands for both */
    static const uint8_t small[][CURVE_BYTES] = {
        {
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        },
        {
            0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        },
        {
            0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
        },
        {
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        },
        {
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        },
    };
    uint8_t y[CURVE_BYTES];
    memcpy(y, encoded, CURVE_BYTES);
    y[CURVE_BYTES - 1] &= 0x7f;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (memcmp(y, small[i], CURVE_BYTES) == 0)
            return 1;
    return 0;
}

int curve_is_number(const uint8_t number[CURVE_BYTES])
{
    static const uint8_t order[CURVE_BYTES] = {
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
    };
    for (int i = CURVE_BYTES - 1; i >= 0; i--)
        if (number[i] != order[i])
            return number[i] < order[i];
    return 0;
}
