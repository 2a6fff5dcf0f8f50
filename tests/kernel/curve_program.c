/* Answer from standard input to standard output what chain/kernel's field and curve make of it, for
 * tests/kernel/test_curve.py to hold against whole numbers of Python:
 *
 *     curve field    two numbers of five limbs -> their product, the square and the tight form of the first,
 *                    the difference: each as 32 bytes
 *     curve sums     a key, S and k -> 1, and [S]B - [k]A at every level; or 0, and zeros */

#include <stdio.h>
#include <stdlib.h>

#include "curve.h"

static void answer(const void *bytes, size_t length)
{
    if (fwrite(bytes, 1, length, stdout) != length)
        abort();
}

static void answer_field(const struct field *number)
{
    uint8_t bytes[FIELD_BYTES];
    field_write(number, bytes);
    answer(bytes, sizeof bytes);
}

static void strike_field(void)
{
    struct field numbers[2];
    while (fread(numbers, sizeof numbers, 1, stdin) == 1) {
        const struct field product = field_times(&numbers[0], &numbers[1]);
        const struct field square = field_square(&numbers[0]), tight = field_tight(&numbers[0]);
        const struct field second = field_tight(&numbers[1]), less = field_less(&tight, &second);
        answer_field(&product);
        answer_field(&square);
        answer_field(&tight);
        answer_field(&less);
    }
}

static void strike_sums(void)
{
    static struct curve_key key;
    uint8_t asked[3][CURVE_BYTES];
    curve_begin();
    while (fread(asked, sizeof asked, 1, stdin) == 1) {
        uint8_t encoded[2][CURVE_BYTES] = {{0}};
        const uint8_t is_point = (uint8_t)curve_key_of(&key, asked[0]);
        for (int level = 0; is_point && level < 2; level++) {
            curve_use_level(level);
            const struct curve_point sum = curve_sum(&key, asked[1], asked[2]);
            curve_encode(&sum, encoded + level, 1);
        }
        answer(&is_point, 1);
        answer(encoded, sizeof encoded);
    }
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "field") == 0)
        strike_field();
    else if (count == 2 && strcmp(arguments[1], "sums") == 0)
        strike_sums();
    else
        return 2;
    return fflush(stdout) == 0 ? 0 : 1;
}
