/* Sums on the curve of ed25519, fast for keys that are met again: docs/specs/signatures.md, SIG-015.
 *
 *     -x^2 + y^2 = 1 + d x^2 y^2  modulo 2^255 - 19        d = -121665/121666      B the base point
 *
 * Of a key A the multiples 1, 3, 5 and 7 times 2^(16 i) are kept, negated and ready to be added. To
 * sum [S]B - [k]A then takes 15 doublings and some 83 additions, and not 253 doublings. Formulas:
 * Hisil, Wong, Carter and Dawson, "Twisted Edwards curves revisited" (2008), sections 3.1 to 3.3. */

#ifndef NOVATION_CHAIN_CURVE_H
#define NOVATION_CHAIN_CURVE_H

#include "field.h"

enum {
    CURVE_BYTES = 32,
    CURVE_LANES = 4,
    CURVE_PARTS = 16,    /* of a number of 256 bits, sixteen bits each */
    CURVE_KEY_WIDTH = 4, /* a digit of k is odd and below 2^(width - 1) either way */
    CURVE_KEY_ENTRIES = CURVE_PARTS << (CURVE_KEY_WIDTH - 2),
    CURVE_TOGETHER_MAX = 32,
};

/* A point with Z = 1 as additions want it, limb by limb: y - x, y + x, 2 and 2 d x y, all tight. */
struct curve_entry {
    uint64_t limb[5][CURVE_LANES];
} __attribute__((aligned(32)));

/* What is kept of one key: 10,240 bytes. */
struct curve_key {
    struct curve_entry entries[CURVE_KEY_ENTRIES];
};

/* A point as X/Z and Y/Z. */
struct curve_point {
    struct field x, y, z;
};

/* Make the multiples of B. Once, before any sum, while no other thread is in here. */
void curve_begin(void);

/* Store what is kept of a key; 0 when the bytes are no canonical encoding of a point. */
int curve_key_of(struct curve_key *key, const uint8_t encoded[CURVE_BYTES]);

/* Return the best level that this processor runs: 0 portable, 1 AVX-512 IFMA. */
int curve_level_max(void);

/* Sum at this level from now on; one above the best is the best. */
void curve_use_level(int level);

/* Return [s]B - [k]A. Both numbers are below 2^253, the least byte first. */
struct curve_point curve_sum(const struct curve_key *key, const uint8_t s[CURVE_BYTES],
                             const uint8_t k[CURVE_BYTES]);

/* Store the encodings of up to CURVE_TOGETHER_MAX points, with one inversion for all. */
void curve_encode(const struct curve_point *points, uint8_t (*encoded)[CURVE_BYTES], int count);

/* Return whether this is the canonical encoding of a point whose order divides 8. */
int curve_is_small(const uint8_t encoded[CURVE_BYTES]);

/* Return whether this is below L, the order of B. */
int curve_is_number(const uint8_t number[CURVE_BYTES]);

#endif
