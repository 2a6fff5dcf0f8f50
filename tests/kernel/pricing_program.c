/* The pricing kernel without Python: options on stdin, answers on stdout, native int64s, so that any
 * compiler, flag, sanitizer or emulated processor can be asked. */

#include <stdio.h>
#include <stdlib.h>

#include "black.h"

enum { INPUTS = 5, OUTPUTS = 9 };

static int64_t *column(size_t count)
{
    int64_t *numbers = malloc((count ? count : 1) * sizeof *numbers);
    if (!numbers)
        exit(2);
    return numbers;
}

int main(void)
{
    int64_t count;
    if (fread(&count, sizeof count, 1, stdin) != 1 || count < 0)
        return 2;
    size_t n = (size_t)count;
    int64_t *in[INPUTS], *out[OUTPUTS];
    for (int i = 0; i < INPUTS; i++)
        if (fread(in[i] = column(n), 8, n, stdin) != n)
            return 2;
    for (int i = 0; i < OUTPUTS; i++)
        out[i] = column(n);
    uint8_t *declined = malloc(n ? n : 1);
    if (!declined)
        return 2;
    struct black_options options = {in[0], in[1], in[2], in[3], n};
    struct black_options sought = {in[0], in[1], in[4], in[3], n};
    if (!black_options_are_sound(&options, 1))
        return 3;
    black_prices(&options, out[0], out[1], out[2]);
    black_greeks(&options, out[3], out[4], out[5], out[6], declined);
    for (size_t i = 0; i < n; i++)
        out[7][i] = declined[i];
    black_implied(&sought, out[8]);
    for (int i = 0; i < OUTPUTS; i++)
        if (fwrite(out[i], 8, n, stdout) != n)
            return 2;
    for (int i = 0; i < INPUTS; i++)
        free(in[i]);
    for (int i = 0; i < OUTPUTS; i++)
        free(out[i]);
    free(declined);
    return 0;
}
