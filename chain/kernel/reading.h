/* How canonical bytes are read where they lie. */

#ifndef NOVATION_CHAIN_READING_H
#define NOVATION_CHAIN_READING_H

#include <stddef.h>
#include <stdint.h>

enum { NESTING_MAX = 64 };

/* Bytes that are being read; 'at' is NULL once they were not of the common form. */
struct reader {
    const uint8_t *at, *end;
};

static inline const uint8_t *take(struct reader *from, size_t size)
{
    const uint8_t *start = from->at;
    if (!start || (size_t)(from->end - start) < size)
        return from->at = NULL;
    from->at = start + size;
    return start;
}

static inline void expect(struct reader *from, uint8_t byte)
{
    const uint8_t *found = take(from, 1);
    if (found && *found != byte)
        from->at = NULL;
}

/* Read byte string of exactly this size, at most 255, under its shortest header. */
static inline const uint8_t *take_bytes(struct reader *from, size_t size)
{
    expect(from, 0xc4);
    expect(from, (uint8_t)size);
    return take(from, size);
}

/* Read an integer that is not negative, in its shortest form. */
static inline uint64_t take_integer(struct reader *from)
{
    const uint8_t *header = take(from, 1);
    if (!header)
        return 0;
    if (*header < 0x80)
        return *header;
    if (*header < 0xcc || *header > 0xcf) {
        from->at = NULL;
        return 0;
    }
    size_t size = (size_t)1 << (*header - 0xcc);
    const uint8_t *digits = take(from, size);
    uint64_t number = 0;
    for (size_t i = 0; digits && i < size; i++)
        number = number << 8 | digits[i];
    if (number < 0x80 || (size > 1 && number >> (4 * size) == 0))
        from->at = NULL;
    return number;
}

static inline size_t length_of(struct reader *from, size_t size)
{
    const uint8_t *digits = take(from, size);
    size_t length = 0;
    for (size_t i = 0; digits && i < size; i++)
        length = length << 8 | digits[i];
    return length;
}

/* Pass over one header and its bytes; return how many values follow that belong to it. */
static inline size_t pass_header(struct reader *from)
{
    const uint8_t *found = take(from, 1);
    uint8_t header = found ? *found : 0xc1;
    if (header < 0x80 || header >= 0xe0 || header == 0xc0 || header == 0xc2 || header == 0xc3)
        return 0;
    if (header >= 0x90 && header < 0xa0)
        return header & 15;
    if (header >= 0xa0 && header < 0xc0)
        take(from, header & 31);
    else if (header >= 0xc4 && header <= 0xc6)
        take(from, length_of(from, (size_t)1 << (header - 0xc4)));
    else if (header >= 0xcc && header <= 0xd3)
        take(from, (size_t)1 << (header & 3));
    else if (header >= 0xd9 && header <= 0xdb)
        take(from, length_of(from, (size_t)1 << (header - 0xd9)));
    else if (header == 0xdc)
        return length_of(from, 2);
    else
        from->at = NULL; /* floats, maps, extensions, arrays of more: for Python to name */
    return 0;
}

/* Pass over one value of any form that records have. */
static inline void pass_value(struct reader *from)
{
    size_t left[NESTING_MAX] = {1};
    int depth = 0;
    while (from->at && depth >= 0) {
        if (left[depth]-- == 0) {
            depth--;
            continue;
        }
        size_t inner = pass_header(from);
        if (inner && ++depth == NESTING_MAX)
            from->at = NULL;
        else if (inner)
            left[depth] = inner;
    }
}

#endif
