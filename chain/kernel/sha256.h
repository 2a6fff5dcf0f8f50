/* SHA-256 of short byte strings, as FIPS 180-4 has it: with the processor's own instructions
 * where it has them, in portable C elsewhere. Both give the same 32 bytes. */

#ifndef NOVATION_CHAIN_SHA256_H
#define NOVATION_CHAIN_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32 };

/* A hash whose input comes in pieces. */
struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far; an input of 2^61 bytes and more is nobody's */
    uint8_t block[64];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const uint8_t *data, size_t length);
void sha256_end(struct sha256 *hash, uint8_t out[HASH_BYTES]);

/* Store SHA-256(data). */
void sha256_of(const uint8_t *data, size_t length, uint8_t out[HASH_BYTES]);

/* Store SHA-256(first | data): a leaf, or a bucket, under the byte that says so. */
void sha256_under(uint8_t first, const uint8_t *data, size_t length, uint8_t out[HASH_BYTES]);

/* Store SHA-256(0x01 | left | right): the node above two children. 'out' may be either. */
void sha256_node(const uint8_t *left, const uint8_t *right, uint8_t out[HASH_BYTES]);

/* Something to be hashed: a prefix and data, either of which may be empty, and where it goes. */
struct sha256_input {
    const uint8_t *prefix;
    size_t prefix_length;
    const uint8_t *data;
    size_t length;
    uint8_t *out;
};

/* Store the hashes of two inputs, side by side where both are short. Both are read before anything
 * is stored. */
void sha256_two(const struct sha256_input inputs[2]);

/* A node to be made: where its children are, and where it goes. */
struct sha256_children {
    const uint8_t *left, *right;
    uint8_t *out;
};

/* Store two nodes, side by side, in little more time than one. All children are read before
 * anything is stored. */
void sha256_two_nodes(const struct sha256_children nodes[2]);

/* Return the best level that this processor runs: 0 portable, 1 its own instructions. */
int sha256_level_max(void);

/* Hash at this level from now on; one above the best is the best. */
void sha256_use_level(int level);

#endif
