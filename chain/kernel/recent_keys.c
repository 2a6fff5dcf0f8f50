#include "recent_keys.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 1024 };

/* Return where the search for a key begins. */
static size_t start_of(const struct recent_keys *keys, const uint8_t *key_hash)
{
    uint64_t first;
    memcpy(&first, key_hash, sizeof first);
    return (size_t)((first * keys->mixer) >> 32) & (keys->room - 1);
}

/* Return the place of a key: its own, or the free one where it belongs. */
static struct recent_key *place_of(const struct recent_keys *keys, const uint8_t *key_hash)
{
    size_t at = start_of(keys, key_hash);
    while (keys->places[at].block &&
           memcmp(keys->places[at].key_hash, key_hash, HASH_BYTES) != 0)
        at = (at + 1) & (keys->room - 1);
    return keys->places + at;
}

/* Have twice the room. Return 1, or 0 without memory, with nothing changed. */
static int grow(struct recent_keys *keys)
{
    struct recent_keys larger = *keys;
    larger.room = keys->room ? 2 * keys->room : ROOM_FIRST;
    larger.places = calloc(larger.room, sizeof *larger.places);
    if (!larger.places)
        return 0;
    for (size_t i = 0; i < keys->room; i++)
        if (keys->places[i].block)
            *place_of(&larger, keys->places[i].key_hash) = keys->places[i];
    free(keys->places);
    *keys = larger;
    return 1;
}

struct recent_key *recent_keys_find(const struct recent_keys *keys,
                                    const uint8_t key_hash[HASH_BYTES])
{
    struct recent_key *found = keys->room ? place_of(keys, key_hash) : NULL;
    return found && found->block ? found : NULL;
}

struct recent_key *recent_keys_made(struct recent_keys *keys,
                                    const uint8_t key_hash[HASH_BYTES])
{
    if (2 * (keys->count + 1) > keys->room && !grow(keys))
        return NULL;
    struct recent_key *place = place_of(keys, key_hash);
    if (!place->block) {
        memcpy(place->key_hash, key_hash, HASH_BYTES);
        place->has_row = UNKNOWN;
        place->block = UINT64_MAX; /* taken; the caller says by which */
        keys->count++;
    }
    return place;
}

void recent_keys_drop(struct recent_keys *keys, struct recent_key *key)
{
    size_t mask = keys->room - 1, free_at = (size_t)(key - keys->places);
    keys->count--;
    /* What was pushed on by it moves back, so that every search still ends at a free place. */
    for (size_t at = (free_at + 1) & mask; keys->places[at].block; at = (at + 1) & mask) {
        size_t start = start_of(keys, keys->places[at].key_hash);
        if (((at - start) & mask) >= ((at - free_at) & mask)) {
            keys->places[free_at] = keys->places[at];
            free_at = at;
        }
    }
    keys->places[free_at].block = 0;
}
