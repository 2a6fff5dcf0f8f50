/* The Python face of account.h: every buffer is held against every other before anything runs. */

#include "standing.h"

#include "account.h"
#include "leans.h"

#define BUFFERS_MAX 28
#define PLACE_MAX ((size_t)INT32_MAX)
#define FUNDING_HIGH_MAX ((int64_t)1 << 56) /* 2^120 in its upper half */

/* Buffers of one call: read-only ones first, then those that are written. */
struct held {
    Py_buffer b[BUFFERS_MAX];
    int count;
};

static void release(struct held *held)
{
    while (held->count > 0)
        PyBuffer_Release(&held->b[--held->count]);
}

static int acquire(struct held *held, PyObject *const *objects, Py_ssize_t given, int count,
                   int read_only)
{
    held->count = 0;
    if (given != count) {
        PyErr_Format(PyExc_TypeError, "%d arguments expected", count);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        int flags = i < read_only ? PyBUF_SIMPLE : PyBUF_WRITABLE;
        if (PyObject_GetBuffer(objects[i], &held->b[i], flags) < 0) {
            release(held);
            return 0;
        }
        held->count++;
    }
    return 1;
}

/* Return 1 if a buffer holds exactly 'count' items of 'item' bytes. */
static int holds(const struct held *held, int index, size_t count, size_t item)
{
    const Py_buffer *b = &held->b[index];
    return (size_t)b->len == count * item && (count == 0 || (uintptr_t)b->buf % item == 0);
}

/* Return 1 if buffers first to last all hold 'count' items of 'item' bytes. */
static int all_hold(const struct held *held, int first, int last, size_t count, size_t item)
{
    for (int i = first; i <= last; i++)
        if (!holds(held, i, count, item))
            return 0;
    return 1;
}

/* Return 1 if no number is below 0, nor above 'most'. */
static int all_within(const int64_t *values, size_t count, int64_t most)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < 0 || values[i] > most)
            return 0;
    return 1;
}

/* Return 1 if no number is farther from 0 than 'most'. */
static int all_near(const int64_t *values, size_t count, int64_t most)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < -most || values[i] > most)
            return 0;
    return 1;
}

/* Return 1 if every account lies within so many positions. */
static int accounts_are_sound(const int32_t *starts, const int32_t *counts, size_t accounts,
                              size_t positions)
{
    for (size_t a = 0; a < accounts; a++)
        if (starts[a] < 0 || counts[a] < 0 || (size_t)starts[a] + (size_t)counts[a] > positions)
            return 0;
    return 1;
}

static int terms_are_sound(const int64_t *terms, size_t rows, size_t families)
{
    for (size_t i = 0; i < rows; i++) {
        const int64_t *term = terms + i * ACCOUNT_TERMS;
        if (term[TERM_KIND] < KIND_INSTRUMENT || term[TERM_KIND] > KIND_OPTION ||
            term[TERM_FAMILY] < 0 || (uint64_t)term[TERM_FAMILY] >= families ||
            !all_within(term + TERM_MARK, 3, ACCOUNT_TERM_MAX))
            return 0;
        if (term[TERM_KIND] == KIND_COLLATERAL && term[TERM_DIVISOR] < 1)
            return 0;
        if ((term[TERM_KIND] == KIND_INSTRUMENT || term[TERM_KIND] == KIND_OPTION) &&
            !(all_near(term + TERM_HIGH, 1, FUNDING_HIGH_MAX) &&
              all_near(term + TERM_DELTA, 1, ACCOUNT_TERM_MAX)))
            return 0;
    }
    return 1;
}

/* What an option's shocked value counts less or more is at most half of it. */
static int families_are_sound(const int64_t *terms, size_t families)
{
    for (size_t f = 0; f < families; f++, terms += FAMILY_TERMS)
        if (!all_within(terms, FAMILY_LONG_CUT, ACCOUNT_TERM_MAX) ||
            !all_within(terms + FAMILY_LONG_CUT, 2, SCAN_WHOLE_PPM / 2))
            return 0;
    return 1;
}

/* In the order in which Python gives them. */
enum { TERMS, ROWS, BOUNDS, NEW, LEANS, PINS, PIN_WEIGHTS, WEIGHTS, FAMILIES, SCALES, STARTS, COUNTS,
       CASH, PLACES, ENTRIES, LOW, HIGH, SIZES, FLAGS, SHOWN, SAYS, LISTED, BUFFERS };

/* Fill the input and return 1 if all of it is sound. */
static int fill(struct account_input *input, const struct held *held,
                const struct scan_level *used)
{
    const Py_buffer *b = held->b;
    size_t rows = (size_t)b[BOUNDS].len / 8, families = (size_t)b[FAMILIES].len / (8 * FAMILY_TERMS);
    size_t accounts = (size_t)b[FLAGS].len, positions = (size_t)b[SIZES].len / 8;
    size_t width = families ? (size_t)b[WEIGHTS].len / 8 / families : 0;
    size_t pin_width = families ? (size_t)b[PIN_WEIGHTS].len / 8 / families : 0;
    if (pin_width % 8 != 0 || pin_width > ACCOUNT_PINS_MAX)
        return 0;
    if (width == 0 || width % 8 != 0 || width > SCAN_WIDTH_MAX ||
        families > ACCOUNT_FAMILIES_MAX || positions > PLACE_MAX || accounts > PLACE_MAX)
        return 0;
    if (!holds(held, TERMS, rows * ACCOUNT_TERMS, 8) || !holds(held, ROWS, rows * width, 8) ||
        !holds(held, BOUNDS, rows, 8) || !holds(held, NEW, rows, 1) ||
        !holds(held, LEANS, rows * LEAN_TERMS, 8) || !holds(held, PINS, rows * pin_width, 8) ||
        !holds(held, PIN_WEIGHTS, families * pin_width, 8) ||
        !holds(held, WEIGHTS, families * width, 8) || !holds(held, FAMILIES, families * FAMILY_TERMS, 8) ||
        !holds(held, SCALES, SCALES_COUNT, 8) || !all_hold(held, STARTS, COUNTS, accounts, 4) ||
        !holds(held, CASH, accounts, 8) || !holds(held, PLACES, positions, 4) ||
        !all_hold(held, ENTRIES, SIZES, positions, 8) || !holds(held, FLAGS, accounts, 1) ||
        !holds(held, SHOWN, accounts * FIGURES, 8) || !holds(held, SAYS, accounts, 1) ||
        !holds(held, LISTED, accounts, 4))
        return 0;
    const int64_t *scales = b[SCALES].buf;
    *input = (struct account_input){
        .scan = {.instruments = b[PLACES].buf, .sizes = b[SIZES].buf, .rows = b[ROWS].buf,
                 .bounds = b[BOUNDS].buf, .width = width},
        .sizes = b[SIZES].buf, .terms = b[TERMS].buf, .changed = b[NEW].buf,
        .rows = rows, .leans = b[LEANS].buf, .pins = b[PINS].buf,
        .pin_weights = b[PIN_WEIGHTS].buf, .pin_width = pin_width,
        .weights = b[WEIGHTS].buf, .family_terms = b[FAMILIES].buf, .families = families,
        .maintenance_ppm = scales[SCALE_MAINTENANCE], .recovery_ppm = scales[SCALE_RECOVERY],
        .offset_ppm = scales[SCALE_OFFSET], .floor_ppm = scales[SCALE_FLOOR],
        .starts = b[STARTS].buf, .counts = b[COUNTS].buf, .cash = b[CASH].buf,
        .flags = b[FLAGS].buf, .accounts = accounts, .entries = b[ENTRIES].buf,
        .funding_low = b[LOW].buf, .funding_high = b[HIGH].buf, .figures = b[SHOWN].buf,
        .says = b[SAYS].buf, .listed = b[LISTED].buf};
    return scan_bounds_are_sound(&input->scan, rows) &&
           all_within(input->weights, families * width, SCAN_WHOLE_PPM) &&
           all_within(input->pin_weights, families * pin_width, SCAN_WHOLE_PPM) &&
           leans_are_sound(input) && families_are_sound(input->family_terms, families) &&
           all_within(scales, SCALE_OFFSET, ACCOUNT_TERM_MAX) &&
           all_within(scales + SCALE_OFFSET, 2, SCAN_WHOLE_PPM) &&
           terms_are_sound(input->terms, rows, families) &&
           accounts_are_sound(input->starts, input->counts, accounts, positions) &&
           (positions == 0 || used->farthest(b[PLACES].buf, positions) < rows) &&
           all_near(input->funding_high, positions, FUNDING_HIGH_MAX);
}

PyObject *standing_stand(PyObject *module, PyObject *const *objects, Py_ssize_t given)
{
    (void)module;
    struct held held;
    if (!acquire(&held, objects, given, BUFFERS, SIZES))
        return NULL;
    struct account_input input;
    const struct scan_level *used = scan_level_used();
    if (!fill(&input, &held, used)) {
        release(&held);
        PyErr_SetString(PyExc_ValueError,
                        "a buffer is of a wrong size or its numbers out of range");
        return NULL;
    }
    size_t found, rows = (size_t)held.b[BOUNDS].len / 8;
    int32_t *narrow = PyMem_RawMalloc(rows * input.scan.width * sizeof *narrow + 1);
    Py_BEGIN_ALLOW_THREADS
    input.scan.narrow = narrow && scan_narrow(&input.scan, rows, narrow) ? narrow : NULL;
    found = account_pass(&input, used->one);
    Py_END_ALLOW_THREADS
    PyMem_RawFree(narrow);
    release(&held);
    return Py_BuildValue("nn", (Py_ssize_t)found, (Py_ssize_t)input.looked);
}

/* In the order in which Python gives them. */
enum { GAIN_TERMS, GAIN_MOVED, GAIN_BEFORE_LOW, GAIN_BEFORE_HIGH, GAIN_STARTS, GAIN_COUNTS,
       GAIN_PLACES, GAIN_SIZES, GAIN_LOW, GAIN_HIGH, GAIN_FLAGS, GAIN_FIGURES, GAIN_SAYS,
       GAIN_GAINS, GAIN_HELD, GAIN_BUFFERS };

static int fill_gains(struct gain_input *input, const struct held *held,
                      const struct scan_level *used)
{
    const Py_buffer *b = held->b;
    size_t rows = (size_t)b[GAIN_MOVED].len / 8, accounts = (size_t)b[GAIN_FLAGS].len;
    size_t positions = (size_t)b[GAIN_SIZES].len / 8;
    if (positions > PLACE_MAX || accounts > PLACE_MAX ||
        !holds(held, GAIN_TERMS, rows * ACCOUNT_TERMS, 8) ||
        !all_hold(held, GAIN_MOVED, GAIN_BEFORE_HIGH, rows, 8) ||
        !all_hold(held, GAIN_STARTS, GAIN_COUNTS, accounts, 4) ||
        !holds(held, GAIN_PLACES, positions, 4) ||
        !all_hold(held, GAIN_SIZES, GAIN_HIGH, positions, 8) ||
        !holds(held, GAIN_FIGURES, accounts * FIGURES, 8) ||
        !holds(held, GAIN_SAYS, accounts, 1) || !holds(held, GAIN_GAINS, accounts, 8) ||
        !holds(held, GAIN_HELD, accounts, 4))
        return 0;
    *input = (struct gain_input){
        .terms = b[GAIN_TERMS].buf, .moved = b[GAIN_MOVED].buf,
        .before_low = b[GAIN_BEFORE_LOW].buf, .before_high = b[GAIN_BEFORE_HIGH].buf,
        .starts = b[GAIN_STARTS].buf, .counts = b[GAIN_COUNTS].buf,
        .places = b[GAIN_PLACES].buf, .sizes = b[GAIN_SIZES].buf,
        .funding_low = b[GAIN_LOW].buf, .funding_high = b[GAIN_HIGH].buf,
        .flags = b[GAIN_FLAGS].buf, .figures = b[GAIN_FIGURES].buf,
        .says = b[GAIN_SAYS].buf, .accounts = accounts};
    for (size_t i = 0; i < rows; i++) {
        const int64_t *term = input->terms + i * ACCOUNT_TERMS;
        if (term[TERM_KIND] != KIND_COLLATERAL && !all_near(term + TERM_HIGH, 1, FUNDING_HIGH_MAX))
            return 0;
    }
    return all_near(input->before_high, rows, FUNDING_HIGH_MAX) &&
           all_near(input->funding_high, positions, FUNDING_HIGH_MAX) &&
           accounts_are_sound(input->starts, input->counts, accounts, positions) &&
           (positions == 0 || used->farthest(b[GAIN_PLACES].buf, positions) < rows);
}

PyObject *standing_gain(PyObject *module, PyObject *const *objects, Py_ssize_t given)
{
    (void)module;
    struct held held;
    if (!acquire(&held, objects, given, GAIN_BUFFERS, GAIN_GAINS))
        return NULL;
    struct gain_input input;
    if (!fill_gains(&input, &held, scan_level_used())) {
        release(&held);
        PyErr_SetString(PyExc_ValueError,
                        "a buffer is of a wrong size or its numbers out of range");
        return NULL;
    }
    size_t declined;
    Py_BEGIN_ALLOW_THREADS
    declined = gain_pass(&input, held.b[GAIN_GAINS].buf, held.b[GAIN_HELD].buf);
    Py_END_ALLOW_THREADS
    release(&held);
    return PyLong_FromSize_t(declined);
}
