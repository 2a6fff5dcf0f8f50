#include "tree.h"

#include <string.h>

enum { FANOUT = 16, NIBBLES_MAX = 2 * HASH_BYTES };

static unsigned nibble_of(const uint8_t *key_hash, unsigned depth)
{
    uint8_t byte = key_hash[depth >> 1];
    return depth & 1 ? byte & 15 : byte >> 4;
}

static int put_split_hash(const uint8_t *entries, size_t count, unsigned depth, uint8_t *out)
{
    if (depth >= NIBBLES_MAX)
        return 0;
    uint8_t children[FANOUT * HASH_BYTES];
    size_t start = 0;
    for (unsigned nibble = 0; nibble < FANOUT; nibble++) {
        size_t end = start;
        while (end < count && nibble_of(entries + end * TREE_ENTRY_BYTES, depth) == nibble)
            end++;
        if (!tree_bucket_hash(entries + start * TREE_ENTRY_BYTES, end - start, depth + 1,
                              children + nibble * HASH_BYTES))
            return 0;
        start = end;
    }
    if (start != count)
        return 0;
    sha256_under(2, children, sizeof children, out);
    return 1;
}

/* What a bucket of so many entries, at most 256, is hashed behind. */
static void put_head(uint8_t head[5], size_t count)
{
    const uint8_t written[5] = {0, 0, 0, (uint8_t)(count >> 8), (uint8_t)count};
    memcpy(head, written, sizeof written);
}

int tree_bucket_hash(const uint8_t *entries, size_t count, unsigned depth, uint8_t out[HASH_BYTES])
{
    if (count == 0) {
        memset(out, 0, HASH_BYTES);
        return 1;
    }
    if (count > TREE_BUCKET_ENTRIES_MAX)
        return put_split_hash(entries, count, depth, out);
    uint8_t head[5];
    put_head(head, count);
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, head, sizeof head);
    sha256_add(&hash, entries, count * TREE_ENTRY_BYTES);
    sha256_end(&hash, out);
    return 1;
}

int tree_put_bucket(struct tree_buckets *pair, const uint8_t *entries, size_t count, uint8_t *out)
{
    if (count == 0 || count > TREE_BUCKET_ENTRIES_MAX)
        return tree_bucket_hash(entries, count, TREE_BUCKET_NIBBLES, out);
    uint8_t *head = pair->heads[pair->waiting];
    put_head(head, count);
    pair->inputs[pair->waiting] = (struct sha256_input){head, sizeof *pair->heads, entries,
                                                        count * TREE_ENTRY_BYTES, out};
    if (pair->waiting)
        sha256_two(pair->inputs);
    pair->waiting ^= 1;
    return 1;
}

void tree_put_last_bucket(struct tree_buckets *pair)
{
    const struct sha256_input *last = pair->inputs;
    if (pair->waiting)
        tree_bucket_hash(last->data, last->length / TREE_ENTRY_BYTES, TREE_BUCKET_NIBBLES, last->out);
    pair->waiting = 0;
}

int tree_is_none(const uint8_t *value_hash)
{
    static const uint8_t none[HASH_BYTES];
    return memcmp(value_hash, none, HASH_BYTES) == 0;
}

size_t tree_place_of(const uint8_t *entries, size_t count, const uint8_t *key_hash)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (memcmp(entries + middle * TREE_ENTRY_BYTES, key_hash, HASH_BYTES) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* Copy so many entries, and return where the next one goes. */
static uint8_t *put_entries(uint8_t *out, const uint8_t *entries, size_t count)
{
    if (count)
        memcpy(out, entries, count * TREE_ENTRY_BYTES);
    return out + count * TREE_ENTRY_BYTES;
}

size_t tree_changed(const uint8_t *entries, size_t count, const uint8_t *changes,
                    size_t changes_count, uint8_t *out, uint8_t *former)
{
    uint8_t *end = out;
    for (size_t i = 0; i < changes_count; i++) {
        const uint8_t *change = changes + i * TREE_ENTRY_BYTES;
        size_t kept = tree_place_of(entries, count, change);
        end = put_entries(end, entries, kept);
        entries += kept * TREE_ENTRY_BYTES;
        count -= kept;
        int present = count && memcmp(entries, change, HASH_BYTES) == 0;
        if (former && present)
            memcpy(former + i * HASH_BYTES, entries + HASH_BYTES, HASH_BYTES);
        else if (former)
            memset(former + i * HASH_BYTES, 0, HASH_BYTES);
        if (!tree_is_none(change + HASH_BYTES))
            end = put_entries(end, change, 1);
        if (present) {
            entries += TREE_ENTRY_BYTES;
            count--;
        }
    }
    return (size_t)(put_entries(end, entries, count) - out) / TREE_ENTRY_BYTES;
}

/* Nodes that are made two at a time: one may wait for the next. */
struct pairing {
    struct sha256_children nodes[2];
    int waiting;
};

static void pair_up(struct pairing *pairing, const uint8_t *left, const uint8_t *right,
                    uint8_t *out)
{
    pairing->nodes[pairing->waiting] = (struct sha256_children){left, right, out};
    if (pairing->waiting)
        sha256_two_nodes(pairing->nodes);
    pairing->waiting ^= 1;
}

/* Make the one that waits, if any does. */
static void pair_end(struct pairing *pairing)
{
    if (pairing->waiting)
        sha256_node(pairing->nodes[0].left, pairing->nodes[0].right, pairing->nodes[0].out);
    pairing->waiting = 0;
}

size_t tree_level_above(const struct tree_node *level, size_t count, tree_below below, void *where,
                        struct tree_node *above)
{
    struct pairing pairing = {.waiting = 0};
    size_t made = 0;
    for (size_t i = 0; i < count; made++) {
        const struct tree_node *node = level + i++;
        const uint8_t *other;
        if (i < count && level[i].place == (node->place ^ 1))
            other = level[i++].hash; /* it ascends, so this is the right one of both */
        else if (!(other = below(where, node->place ^ 1)))
            return 0;
        above[made].place = node->place >> 1;
        const uint8_t *left = node->place & 1 ? other : node->hash;
        const uint8_t *right = node->place & 1 ? node->hash : other;
        pair_up(&pairing, left, right, above[made].hash);
    }
    pair_end(&pairing);
    return made;
}

void tree_fill(uint8_t *nodes)
{
    for (size_t width = TREE_BUCKETS / 2; width > 0; width /= 2) {
        struct pairing pairing = {.waiting = 0};
        for (size_t place = width; place < 2 * width; place++) {
            const uint8_t *left = nodes + 2 * place * HASH_BYTES;
            pair_up(&pairing, left, left + HASH_BYTES, nodes + place * HASH_BYTES);
        }
        pair_end(&pairing);
    }
    memset(nodes, 0, HASH_BYTES);
}

void tree_put_leaf(struct tree_leaves *leaves, const uint8_t *data, size_t length, uint8_t *out)
{
    static const uint8_t mark = 0;
    leaves->inputs[leaves->waiting] = (struct sha256_input){&mark, 1, data, length, out};
    if (leaves->waiting)
        sha256_two(leaves->inputs);
    leaves->waiting ^= 1;
}

void tree_put_last_leaf(struct tree_leaves *leaves)
{
    const struct sha256_input *last = leaves->inputs;
    if (leaves->waiting)
        sha256_under(0, last->data, last->length, last->out);
    leaves->waiting = 0;
}

void tree_list_root(uint8_t *hashes, size_t count, uint8_t out[HASH_BYTES])
{
    while (count > 1) {
        struct pairing pairing = {.waiting = 0};
        for (size_t pair = 0; pair < count / 2; pair++) {
            const uint8_t *left = hashes + 2 * pair * HASH_BYTES;
            pair_up(&pairing, left, left + HASH_BYTES, hashes + pair * HASH_BYTES);
        }
        pair_end(&pairing);
        if (count & 1)
            memcpy(hashes + count / 2 * HASH_BYTES, hashes + (count - 1) * HASH_BYTES, HASH_BYTES);
        count = (count + 1) / 2;
    }
    memcpy(out, hashes, HASH_BYTES);
}
