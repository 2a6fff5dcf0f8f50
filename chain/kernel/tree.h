/* The trees of the chain over plain bytes: buckets of the state, the nodes above them, and the
 * Merkle tree of a list. docs/specs/state.md, STATE-010 to STATE-021, says what they are;
 * chain/state/commitment.py and chain/crypto/merkle.py are their twins. */

#ifndef NOVATION_CHAIN_TREE_H
#define NOVATION_CHAIN_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "sha256.h"

enum {
    TREE_DEPTH = 16,
    TREE_BUCKETS = 1 << TREE_DEPTH,
    TREE_ENTRY_BYTES = 64,
    TREE_BUCKET_ENTRIES_MAX = 256,
    TREE_BUCKET_NIBBLES = 4,
};

/* A node by its heap place: the root is 1, the children of a node are at twice its place. */
struct tree_node {
    uint32_t place;
    uint8_t hash[HASH_BYTES];
};

/* Give the hash at a heap place as it was before, 32 bytes, or NULL when it cannot. */
typedef const uint8_t *(*tree_below)(void *where, uint32_t place);

/* Store the hash of a run of entries that agree on their first 'depth' nibbles.
 *
 * Return 1. Return 0, with 'out' as it was, if the run must be split and does not ascend, or more
 * than 256 entries agree on all nibbles, which those of distinct key hashes never do. */
int tree_bucket_hash(const uint8_t *entries, size_t count, unsigned depth, uint8_t out[HASH_BYTES]);

/* Buckets that are hashed two at a time: one may wait for the next. Begun with zeros. */
struct tree_buckets {
    uint8_t heads[2][5];
    struct sha256_input inputs[2];
    int waiting;
};

/* Store the hash of a bucket as 'tree_bucket_hash' does, now or with the next one: until then its
 * entries stay as they are. Return 0 for the same. */
int tree_put_bucket(struct tree_buckets *pair, const uint8_t *entries, size_t count, uint8_t *out);

/* Hash the one that waits, if any does. */
void tree_put_last_bucket(struct tree_buckets *pair);

/* Return whether a value hash is 32 zero bytes: in a change it takes the key away. */
int tree_is_none(const uint8_t *value_hash);

/* Return where in entries one is or belongs: how many have a smaller key hash. */
size_t tree_place_of(const uint8_t *entries, size_t count, const uint8_t *key_hash);

/* Store in 'out' the entries after changes, and return how many they are. Changes are entries too,
 * the new ones, and both ascend by key hash. 'out' has room for all of both. Where 'former' is not
 * NULL it gets for each change the value hash that was under its key, zeros for none. */
size_t tree_changed(const uint8_t *entries, size_t count, const uint8_t *changes,
                    size_t changes_count, uint8_t *out, uint8_t *former);

/* Store in 'above' the parents of the nodes of one level, which ascend by place, and return how
 * many they are, at most 'count'; 0 if 'below' could not give a sibling. */
size_t tree_level_above(const struct tree_node *level, size_t count, tree_below below, void *where,
                        struct tree_node *above);

/* Store every node above 65,536 bucket hashes: 'nodes' is the heap, 2 * 65,536 hashes, whose
 * second half is given. Place 0 is nobody's and becomes zeros. */
void tree_fill(uint8_t *nodes);

/* Leaves of a list that are hashed two at a time: one may wait for the next. Begun with zeros. */
struct tree_leaves {
    struct sha256_input inputs[2];
    int waiting;
};

/* Store the hash of a leaf, now or with the next one: until then its data stays as it is. */
void tree_put_leaf(struct tree_leaves *leaves, const uint8_t *data, size_t length, uint8_t *out);

/* Hash the one that waits, if any does. */
void tree_put_last_leaf(struct tree_leaves *leaves);

/* Store the Merkle root of 'count' > 0 leaf hashes, which are overwritten. An odd node at the
 * end of a level is promoted as it is. */
void tree_list_root(uint8_t *hashes, size_t count, uint8_t out[HASH_BYTES]);

#endif
