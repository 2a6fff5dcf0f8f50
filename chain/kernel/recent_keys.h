/* Keys by their hashes, each with the last block that changed it: a table of open places. */

#ifndef NOVATION_CHAIN_RECENT_KEYS_H
#define NOVATION_CHAIN_RECENT_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "sha256.h"

/* Whether a key has a row, perhaps an old one; known once a block that changed it has passed. */
enum has_row { UNKNOWN, ABSENT, PRESENT };

struct recent_key {
    uint8_t key_hash[HASH_BYTES];
    uint64_t block; /* 0 in a free place */
    enum has_row has_row;
};

struct recent_keys {
    struct recent_key *places;
    size_t count, room; /* the room is a power of two, or 0 */
    uint64_t mixer;     /* odd, and known to nobody: whoever grinds keys cannot pile them up */
};

/* Return the key, made where it is not there yet; NULL without memory. The caller says its block. */
struct recent_key *recent_keys_made(struct recent_keys *keys, const uint8_t key_hash[HASH_BYTES]);

/* Return the key, or NULL. */
struct recent_key *recent_keys_find(const struct recent_keys *keys,
                                    const uint8_t key_hash[HASH_BYTES]);

/* Take a key that is there away. */
void recent_keys_drop(struct recent_keys *keys, struct recent_key *key);

#endif
