/* Strike the chain's trees with made-up bytes, without Python: no input may read or write where
 * nothing is, and both levels of the hash, and two ways to the same run or root, must agree.
 *
 * Built with sanitizers by tests/kernel/test_trees.py and `make strike`:
 *
 *     trees COUNT [SEED]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

enum { HELD_MAX = 600, CHANGES_MAX = 40 };

static uint64_t dice;

static uint64_t thrown(uint64_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (dice >> 11) % below;
}

static void fail(const char *what)
{
    fprintf(stderr, "trees: %s\n", what);
    abort();
}

/* Memory of exactly this size, so that a byte beyond it is noticed. */
static uint8_t *room(size_t size)
{
    uint8_t *memory = malloc(size ? size : 1);
    if (!memory)
        fail("no memory");
    return memory;
}

static uint8_t *made_up(size_t size)
{
    uint8_t *memory = room(size);
    for (size_t i = 0; i < size; i++)
        memory[i] = (uint8_t)thrown(256);
    return memory;
}

static void same(const uint8_t *a, const uint8_t *b, size_t size, const char *what)
{
    if (size && memcmp(a, b, size) != 0)
        fail(what);
}

static void strike_hash(void)
{
    size_t length = thrown(400), cut = thrown(length + 1);
    uint8_t *data = made_up(length), whole[HASH_BYTES], pieces[HASH_BYTES], portable[HASH_BYTES];
    struct sha256 hash;
    sha256_use_level(1);
    sha256_of(data, length, whole);
    sha256_begin(&hash);
    sha256_add(&hash, data, cut);
    sha256_add(&hash, data + cut, length - cut);
    sha256_end(&hash, pieces);
    sha256_use_level(0);
    sha256_of(data, length, portable);
    sha256_use_level(1);
    same(whole, pieces, HASH_BYTES, "a hash in pieces is another");
    same(whole, portable, HASH_BYTES, "a hash at another level is another");
    free(data);
}

/* Two inputs of any lengths beside each other are hashed as each is alone. */
static void strike_two(void)
{
    uint8_t *data[2], alone[2][HASH_BYTES];
    for (int level = 0; level < 2; level++) {
        sha256_use_level(level);
        struct sha256_input inputs[2];
        uint8_t *out = room(2 * HASH_BYTES);
        for (int k = 0; k < 2; k++) {
            size_t length = thrown(2) ? thrown(200) : thrown(700), prefix = thrown(length + 1);
            data[k] = made_up(length);
            inputs[k] = (struct sha256_input){data[k], prefix, data[k] + prefix, length - prefix,
                                              out + k * HASH_BYTES};
            sha256_of(data[k], length, alone[k]);
        }
        sha256_two(inputs);
        same(alone[0], out, 2 * HASH_BYTES, "a hash beside another is another");
        free(data[0]);
        free(data[1]);
        free(out);
    }
}

static int by_key(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

/* Return ascending entries, so many or fewer: what comes twice is there once. Their hashes agree on
 * some bytes, so that they lie close and buckets split. */
static uint8_t *entries(size_t *count, size_t agreeing)
{
    uint8_t *run = made_up(*count * TREE_ENTRY_BYTES);
    for (size_t i = 0; i < *count; i++)
        memset(run + i * TREE_ENTRY_BYTES, 7, agreeing);
    qsort(run, *count, TREE_ENTRY_BYTES, by_key);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!i || by_key(run + (kept - 1) * TREE_ENTRY_BYTES, run + i * TREE_ENTRY_BYTES))
            memmove(run + kept++ * TREE_ENTRY_BYTES, run + i * TREE_ENTRY_BYTES, TREE_ENTRY_BYTES);
    *count = kept;
    return run;
}

/* Let some of these take their key away. */
static void throw_out(uint8_t *changes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (thrown(3) == 0)
            memset(changes + i * TREE_ENTRY_BYTES + HASH_BYTES, 0, HASH_BYTES);
}

/* What was there before is what a search finds there. */
static void strike_former(const uint8_t *before, size_t held, const uint8_t *changes, size_t count,
                          const uint8_t *former)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *change = changes + i * TREE_ENTRY_BYTES;
        const uint8_t *found = bsearch(change, before, held, TREE_ENTRY_BYTES, by_key);
        if (found)
            same(found + HASH_BYTES, former + i * HASH_BYTES, HASH_BYTES, "another was there before");
        else if (!tree_is_none(former + i * HASH_BYTES))
            fail("something was where nothing is");
    }
}

/* Hold changes made at once against the same made one by one. */
static void strike_run(void)
{
    size_t held = thrown(HELD_MAX), count = 1 + thrown(CHANGES_MAX), agreeing = 29 + thrown(3);
    uint8_t *before = entries(&held, agreeing), *changes = entries(&count, agreeing);
    throw_out(changes, count);
    uint8_t *after = room((held + count) * TREE_ENTRY_BYTES), *former = room(count * HASH_BYTES);
    size_t made = tree_changed(before, held, changes, count, after, former);
    strike_former(before, held, changes, count, former);
    uint8_t *slow = room(held * TREE_ENTRY_BYTES);
    memcpy(slow, before, held * TREE_ENTRY_BYTES);
    size_t slow_made = held;
    for (size_t i = 0; i < count; i++) {
        uint8_t *next = room((slow_made + 1) * TREE_ENTRY_BYTES);
        slow_made = tree_changed(slow, slow_made, changes + i * TREE_ENTRY_BYTES, 1, next, NULL);
        free(slow);
        slow = next;
    }
    if (made != slow_made)
        fail("changes made at once leave more or fewer");
    same(after, slow, made * TREE_ENTRY_BYTES, "changes made at once are others");
    uint8_t out[HASH_BYTES], again[HASH_BYTES];
    unsigned depth = 2 * (unsigned)agreeing;
    if (!tree_bucket_hash(after, made, depth, out) || !tree_bucket_hash(slow, made, depth, again))
        fail("a run of distinct hashes has none");
    same(out, again, HASH_BYTES, "a run has two hashes");
    if (tree_bucket_hash(after, made, 2 * HASH_BYTES, out) != (made <= TREE_BUCKET_ENTRIES_MAX))
        fail("nibbles beyond the last were split by");
    free(before);
    free(changes);
    free(former);
    free(after);
    free(slow);
}

static const uint8_t *in_heap(void *heap, uint32_t place)
{
    return (const uint8_t *)heap + (size_t)place * HASH_BYTES;
}

/* Hold the climb from some changed leaves against the list of all, and an odd list against the
 * promotion of its last. */
static void strike_levels(void)
{
    size_t leaves = (size_t)1 << thrown(7), size = leaves * HASH_BYTES, width = 0;
    uint8_t *heap = made_up(2 * size), *list = room(size), root[HASH_BYTES];
    for (size_t place = leaves - 1; place > 0; place--)
        sha256_node(in_heap(heap, (uint32_t)(2 * place)), in_heap(heap, (uint32_t)(2 * place + 1)),
                    heap + place * HASH_BYTES);
    memcpy(list, heap + size, size);
    struct tree_node *level = (void *)room(leaves * sizeof *level);
    for (size_t i = 0; i < leaves; i++)
        if (i == leaves - 1 || thrown(3) == 0) {
            memset(list + i * HASH_BYTES, (int)thrown(256), HASH_BYTES);
            level[width].place = (uint32_t)(leaves + i);
            memcpy(level[width++].hash, list + i * HASH_BYTES, HASH_BYTES);
        }
    while (level->place != 1) {
        struct tree_node *above = (void *)room(width * sizeof *above);
        width = tree_level_above(level, width, in_heap, heap, above);
        free(level);
        level = above;
    }
    uint8_t last[HASH_BYTES], *odd = room(size + HASH_BYTES);
    memcpy(odd, list, size);
    memset(odd + size, 9, HASH_BYTES);
    memcpy(last, odd + size, HASH_BYTES);
    tree_list_root(list, leaves, root);
    same(root, level->hash, HASH_BYTES, "a climb leads to another root");
    sha256_node(root, last, last);
    tree_list_root(odd, leaves + 1, root);
    same(root, last, HASH_BYTES, "an odd leaf is not promoted");
    free(heap);
    free(list);
    free(level);
    free(odd);
}

int main(int count, char **words)
{
    long runs = count > 1 ? atol(words[1]) : 1000;
    dice = count > 2 ? strtoull(words[2], NULL, 10) | 1 : 88172645463325252u;
    for (long i = 0; i < runs; i++) {
        strike_hash();
        strike_two();
        strike_run();
        strike_levels();
    }
    printf("struck %ld\n", runs);
    return 0;
}
