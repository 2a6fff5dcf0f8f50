#include "sha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

typedef void (*compress_blocks)(uint32_t state[8], const uint8_t *data, size_t blocks);
typedef void (*compress_both)(uint32_t state[2][8], const uint8_t *const data[2], size_t blocks);

static const uint32_t ROUNDS[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_word(uint8_t *bytes, uint32_t word)
{
    bytes[0] = (uint8_t)(word >> 24);
    bytes[1] = (uint8_t)(word >> 16);
    bytes[2] = (uint8_t)(word >> 8);
    bytes[3] = (uint8_t)word;
}

static uint32_t turned(uint32_t word, int bits)
{
    return word >> bits | word << (32 - bits);
}

static void compress_portable(uint32_t state[8], const uint8_t *data, size_t blocks)
{
    for (; blocks; blocks--, data += 64) {
        uint32_t w[64], s[8];
        for (int i = 0; i < 16; i++)
            w[i] = word_at(data + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t near = w[i - 2], far = w[i - 15];
            w[i] = w[i - 16] + (turned(far, 7) ^ turned(far, 18) ^ far >> 3) + w[i - 7] +
                   (turned(near, 17) ^ turned(near, 19) ^ near >> 10);
        }
        memcpy(s, state, sizeof s);
        for (int i = 0; i < 64; i++) {
            uint32_t one = s[7] + (turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25)) +
                           ((s[4] & s[5]) ^ (~s[4] & s[6])) + ROUNDS[i] + w[i];
            uint32_t two = (turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22)) +
                           ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof *s);
            s[4] += one;
            s[0] = one + two;
        }
        for (int i = 0; i < 8; i++)
            state[i] += s[i];
    }
}

static void compress_two_portable(uint32_t state[2][8], const uint8_t *const data[2],
                                  size_t blocks)
{
    compress_portable(state[0], data[0], blocks);
    compress_portable(state[1], data[1], blocks);
}

#if defined(__x86_64__)
__attribute__((target("sha,sse4.1,ssse3"))) static void
compress_native(uint32_t state[8], const uint8_t *data, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; blocks; blocks--, data += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[16];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            if (i < 4)
                w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + i), swap);
            else
                w[i] = _mm_sha256msg2_epu32(
                    _mm_add_epi32(_mm_sha256msg1_epu32(w[i - 4], w[i - 3]),
                                  _mm_alignr_epi8(w[i - 1], w[i - 2], 4)),
                    w[i - 1]);
            __m128i four = _mm_add_epi32(w[i], _mm_load_si128((const __m128i *)ROUNDS + i));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, four);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(four, 0x0E));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1B);
    high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

/* The rounds of one hash wait for each other; those of two do not. */
__attribute__((target("sha,sse4.1,ssse3"))) static void
compress_two_native(uint32_t state[2][8], const uint8_t *const data[2], size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i abef[2], cdgh[2];
    for (int k = 0; k < 2; k++) {
        __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state[k]), 0xB1);
        __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state[k] + 4)), 0x1B);
        abef[k] = _mm_alignr_epi8(low, high, 8);
        cdgh[k] = _mm_blend_epi16(high, low, 0xF0);
    }
    for (size_t block = 0; block < blocks; block++) {
        const __m128i abef_before[2] = {abef[0], abef[1]}, cdgh_before[2] = {cdgh[0], cdgh[1]};
        __m128i w[2][16];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            const __m128i rounds = _mm_load_si128((const __m128i *)ROUNDS + i);
            __m128i four[2];
#pragma GCC unroll 2
            for (int k = 0; k < 2; k++) {
                const __m128i *words = (const __m128i *)(data[k] + 64 * block);
                if (i < 4)
                    w[k][i] = _mm_shuffle_epi8(_mm_loadu_si128(words + i), swap);
                else
                    w[k][i] = _mm_sha256msg2_epu32(
                        _mm_add_epi32(_mm_sha256msg1_epu32(w[k][i - 4], w[k][i - 3]),
                                      _mm_alignr_epi8(w[k][i - 1], w[k][i - 2], 4)),
                        w[k][i - 1]);
                four[k] = _mm_add_epi32(w[k][i], rounds);
            }
            cdgh[0] = _mm_sha256rnds2_epu32(cdgh[0], abef[0], four[0]);
            cdgh[1] = _mm_sha256rnds2_epu32(cdgh[1], abef[1], four[1]);
            abef[0] = _mm_sha256rnds2_epu32(abef[0], cdgh[0], _mm_shuffle_epi32(four[0], 0x0E));
            abef[1] = _mm_sha256rnds2_epu32(abef[1], cdgh[1], _mm_shuffle_epi32(four[1], 0x0E));
        }
        for (int k = 0; k < 2; k++) {
            abef[k] = _mm_add_epi32(abef[k], abef_before[k]);
            cdgh[k] = _mm_add_epi32(cdgh[k], cdgh_before[k]);
        }
    }
    for (int k = 0; k < 2; k++) {
        __m128i low = _mm_shuffle_epi32(abef[k], 0x1B), high = _mm_shuffle_epi32(cdgh[k], 0xB1);
        _mm_storeu_si128((__m128i *)state[k], _mm_blend_epi16(low, high, 0xF0));
        _mm_storeu_si128((__m128i *)(state[k] + 4), _mm_alignr_epi8(high, low, 8));
    }
}

int sha256_level_max(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) ? 1 : 0;
}

static compress_blocks compress = compress_portable;
static compress_both compress_two = compress_two_portable;

void sha256_use_level(int level)
{
    int native = level > 0 && sha256_level_max() > 0;
    compress = native ? compress_native : compress_portable;
    compress_two = native ? compress_two_native : compress_two_portable;
}
#else
int sha256_level_max(void)
{
    return 0;
}

static const compress_blocks compress = compress_portable;
static const compress_both compress_two = compress_two_portable;

void sha256_use_level(int level)
{
    (void)level;
}
#endif

static const uint32_t FIRST[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void sha256_begin(struct sha256 *hash)
{
    memcpy(hash->state, FIRST, sizeof FIRST);
    hash->length = 0;
}

void sha256_add(struct sha256 *hash, const uint8_t *data, size_t length)
{
    if (!length)
        return;
    size_t held = hash->length & 63;
    hash->length += length;
    if (held) {
        size_t taken = 64 - held < length ? 64 - held : length;
        memcpy(hash->block + held, data, taken);
        if (held + taken < 64)
            return;
        compress(hash->state, hash->block, 1);
        data += taken;
        length -= taken;
    }
    if (length >= 64)
        compress(hash->state, data, length / 64);
    if (length & 63)
        memcpy(hash->block, data + (length & ~(size_t)63), length & 63);
}

static void put_state(const uint32_t state[8], uint8_t out[HASH_BYTES])
{
    for (int i = 0; i < 8; i++)
        put_word(out + 4 * i, state[i]);
}

void sha256_end(struct sha256 *hash, uint8_t out[HASH_BYTES])
{
    size_t held = hash->length & 63;
    hash->block[held++] = 0x80;
    if (held > 56) {
        memset(hash->block + held, 0, 64 - held);
        compress(hash->state, hash->block, 1);
        held = 0;
    }
    memset(hash->block + held, 0, 56 - held);
    uint64_t bits = hash->length << 3;
    put_word(hash->block + 56, (uint32_t)(bits >> 32));
    put_word(hash->block + 60, (uint32_t)bits);
    compress(hash->state, hash->block, 1);
    put_state(hash->state, out);
}

void sha256_of(const uint8_t *data, size_t length, uint8_t out[HASH_BYTES])
{
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, data, length);
    sha256_end(&hash, out);
}

void sha256_under(uint8_t first, const uint8_t *data, size_t length, uint8_t out[HASH_BYTES])
{
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, &first, 1);
    sha256_add(&hash, data, length);
    sha256_end(&hash, out);
}

/* Put two children, marked as such and closed, into two blocks that are zeros. */
static void put_children(const uint8_t *left, const uint8_t *right, uint8_t blocks[128])
{
    blocks[0] = 1;
    memcpy(blocks + 1, left, HASH_BYTES);
    memcpy(blocks + 1 + HASH_BYTES, right, HASH_BYTES);
    blocks[65] = 0x80;
    blocks[126] = 2; /* 520 bits */
    blocks[127] = 8;
}

void sha256_node(const uint8_t *left, const uint8_t *right, uint8_t out[HASH_BYTES])
{
    uint8_t blocks[128] = {0};
    uint32_t state[8];
    memcpy(state, FIRST, sizeof state);
    put_children(left, right, blocks);
    compress(state, blocks, 2);
    put_state(state, out);
}

void sha256_two_nodes(const struct sha256_children nodes[2])
{
    uint8_t blocks[2][128] = {{0}};
    const uint8_t *const data[2] = {blocks[0], blocks[1]};
    uint32_t state[2][8];
    for (int k = 0; k < 2; k++) {
        memcpy(state[k], FIRST, sizeof FIRST);
        put_children(nodes[k].left, nodes[k].right, blocks[k]);
    }
    compress_two(state, data, 2);
    put_state(state[0], nodes[0].out);
    put_state(state[1], nodes[1].out);
}

enum { SHORT_BLOCKS = 64, CLOSING_BYTES = 9 };

static int is_short(const struct sha256_input *input)
{
    size_t most = 64 * SHORT_BLOCKS - CLOSING_BYTES;
    return input->prefix_length <= most && input->length <= most - input->prefix_length;
}

/* Put a short input into blocks, closed, and return how many they are. */
static size_t put_input(const struct sha256_input *input, uint8_t *blocks)
{
    size_t length = input->prefix_length + input->length;
    size_t count = (length + CLOSING_BYTES + 63) / 64;
    if (input->prefix_length)
        memcpy(blocks, input->prefix, input->prefix_length);
    if (input->length)
        memcpy(blocks + input->prefix_length, input->data, input->length);
    blocks[length] = 0x80;
    memset(blocks + length + 1, 0, 64 * count - length - 1);
    put_word(blocks + 64 * count - 4, (uint32_t)(length << 3));
    return count;
}

static void hash_input(const struct sha256_input *input, uint8_t out[HASH_BYTES])
{
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, input->prefix, input->prefix_length);
    sha256_add(&hash, input->data, input->length);
    sha256_end(&hash, out);
}

void sha256_two(const struct sha256_input inputs[2])
{
    if (!is_short(inputs) || !is_short(inputs + 1)) {
        uint8_t first[HASH_BYTES];
        hash_input(inputs, first);
        hash_input(inputs + 1, inputs[1].out);
        memcpy(inputs[0].out, first, HASH_BYTES);
        return;
    }
    uint8_t blocks[2][64 * SHORT_BLOCKS];
    const uint8_t *const data[2] = {blocks[0], blocks[1]};
    uint32_t state[2][8];
    size_t count[2], both;
    for (int k = 0; k < 2; k++) {
        memcpy(state[k], FIRST, sizeof FIRST);
        count[k] = put_input(inputs + k, blocks[k]);
    }
    both = count[0] < count[1] ? count[0] : count[1];
    compress_two(state, data, both);
    for (int k = 0; k < 2; k++) {
        if (count[k] > both)
            compress(state[k], blocks[k] + 64 * both, count[k] - both);
        put_state(state[k], inputs[k].out);
    }
}
