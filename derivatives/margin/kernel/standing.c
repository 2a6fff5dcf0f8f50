/* The Python face of value.h: every buffer is held against every other before anything runs. */

#include "standing.h"

#include "value.h"

#define BUFFERS_MAX 16
#define PLACE_MAX ((size_t)INT32_MAX)

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

/* Return 1 if every place is one of 'count'. */
static int all_below(const int32_t *places, size_t length, size_t count)
{
    uint32_t farthest = 0;
    for (size_t i = 0; i < length; i++)
        if ((uint32_t)places[i] > farthest)
            farthest = (uint32_t)places[i];
    return length == 0 || farthest < count;
}

/* Return 1 if no number is below 'least', nor above 2^62. */
static int all_within(const int64_t *values, size_t count, int64_t least)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < least || values[i] > (int64_t)1 << 62)
            return 0;
    return 1;
}

/* Return 1 if every group lies within so many positions. */
static int groups_are_sound(const int32_t *starts, const int32_t *ends, size_t groups,
                            size_t positions)
{
    for (size_t g = 0; g < groups; g++)
        if (starts[g] < 0 || starts[g] > ends[g] || (size_t)ends[g] > positions)
            return 0;
    return 1;
}

static int terms_are_sound(const int64_t *terms, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        const int64_t *term = terms + i * VALUE_TERMS;
        if (term[TERM_KIND] < KIND_INSTRUMENT || term[TERM_KIND] > KIND_DECLINED ||
            !all_within(term + TERM_MARK, 3, 0) ||
            (term[TERM_KIND] == KIND_COLLATERAL && term[TERM_DIVISOR] < 1))
            return 0;
    }
    return 1;
}

static PyObject *refused(struct held *held)
{
    release(held);
    PyErr_SetString(PyExc_ValueError, "a buffer is of a wrong size or its numbers out of range");
    return NULL;
}

PyObject *standing_value(PyObject *module, PyObject *const *objects, Py_ssize_t given)
{
    enum { STARTS, ENDS, ACCOUNTS, PLACES, ENTRIES, LOW, HIGH, TERMS, SIZES, NETS, EQUITY };
    enum { DECLINED = EQUITY + 4, COUNT };
    (void)module;
    struct held held;
    if (!acquire(&held, objects, given, COUNT, SIZES))
        return NULL;
    const Py_buffer *b = held.b;
    size_t groups = (size_t)b[STARTS].len / 4, positions = (size_t)b[PLACES].len / 4;
    size_t rows = (size_t)b[TERMS].len / (8 * VALUE_TERMS), accounts = (size_t)b[DECLINED].len;
    if (positions > PLACE_MAX || !all_hold(&held, STARTS, ACCOUNTS, groups, 4) ||
        !holds(&held, PLACES, positions, 4) || !all_hold(&held, ENTRIES, HIGH, positions, 8) ||
        !holds(&held, TERMS, rows * VALUE_TERMS, 8) || !holds(&held, SIZES, positions, 8) ||
        !holds(&held, NETS, groups, 8) || !all_hold(&held, EQUITY, EQUITY + 3, accounts, 8) ||
        !groups_are_sound(b[STARTS].buf, b[ENDS].buf, groups, positions) ||
        !all_below(b[ACCOUNTS].buf, groups, accounts) ||
        !all_below(b[PLACES].buf, positions, rows) || !terms_are_sound(b[TERMS].buf, rows))
        return refused(&held);
    struct value_input input = {
        b[STARTS].buf, b[ENDS].buf, b[ACCOUNTS].buf, b[PLACES].buf,     b[SIZES].buf,
        b[ENTRIES].buf, b[LOW].buf, b[HIGH].buf,     b[TERMS].buf,      groups,
        b[NETS].buf,   b[EQUITY].buf, b[EQUITY + 1].buf, b[EQUITY + 2].buf, b[EQUITY + 3].buf,
        b[DECLINED].buf};
    Py_BEGIN_ALLOW_THREADS
    value_groups(&input);
    Py_END_ALLOW_THREADS
    release(&held);
    Py_RETURN_NONE;
}

PyObject *standing_charge(PyObject *module, PyObject *const *objects, Py_ssize_t given)
{
    enum { ACCOUNTS, NETS, WORST, GROUP_DECLINED, BASIS, RISK, DECLINED, COUNT };
    (void)module;
    struct held held;
    if (!acquire(&held, objects, given, COUNT, RISK))
        return NULL;
    const Py_buffer *b = held.b;
    size_t groups = (size_t)b[ACCOUNTS].len / 4, accounts = (size_t)b[DECLINED].len;
    if (!holds(&held, ACCOUNTS, groups, 4) || !all_hold(&held, NETS, WORST, groups, 8) ||
        !holds(&held, GROUP_DECLINED, groups, 1) || !holds(&held, BASIS, 1, 8) ||
        !holds(&held, RISK, accounts, 8) || !all_below(b[ACCOUNTS].buf, groups, accounts) ||
        !all_within(b[BASIS].buf, 1, 0) || !all_within(b[WORST].buf, groups, 0))
        return refused(&held);
    struct charge_input input = {b[ACCOUNTS].buf,       b[NETS].buf, b[WORST].buf,
                                 b[GROUP_DECLINED].buf, groups,      *(int64_t *)b[BASIS].buf,
                                 b[RISK].buf,           b[DECLINED].buf};
    Py_BEGIN_ALLOW_THREADS
    charge_groups(&input);
    Py_END_ALLOW_THREADS
    release(&held);
    Py_RETURN_NONE;
}

PyObject *standing_judge(PyObject *module, PyObject *const *objects, Py_ssize_t given)
{
    enum { EQUITY, INDEX_EQUITY, SOLVENCY, RISK, MARKETS, TERMS, FLAGS, CHARGED, RECOVERED };
    enum { DECLINED = RECOVERED + 1, CHANGED, COUNT };
    (void)module;
    struct held held;
    if (!acquire(&held, objects, given, COUNT, CHARGED))
        return NULL;
    const Py_buffer *b = held.b;
    size_t accounts = (size_t)b[FLAGS].len, rows = (size_t)b[TERMS].len / (8 * JUDGE_TERMS);
    if (!all_hold(&held, EQUITY, RISK, accounts, 8) || !holds(&held, MARKETS, accounts, 4) ||
        !holds(&held, TERMS, rows * JUDGE_TERMS, 8) || !holds(&held, CHARGED, accounts, 8) ||
        !holds(&held, RECOVERED, accounts, 8) || !holds(&held, DECLINED, accounts, 1) ||
        !holds(&held, CHANGED, accounts, 4) || !all_below(b[MARKETS].buf, accounts, rows) ||
        !all_within(b[TERMS].buf, rows * JUDGE_TERMS, 0) ||
        !all_within(b[RISK].buf, accounts, 0))
        return refused(&held);
    struct judge_input input = {b[EQUITY].buf,  b[INDEX_EQUITY].buf, b[SOLVENCY].buf,
                                b[RISK].buf,    b[MARKETS].buf,      b[TERMS].buf,
                                b[FLAGS].buf,   accounts,            b[CHARGED].buf,
                                b[RECOVERED].buf, b[DECLINED].buf,   b[CHANGED].buf};
    size_t found;
    Py_BEGIN_ALLOW_THREADS
    found = judge_accounts(&input);
    Py_END_ALLOW_THREADS
    release(&held);
    return PyLong_FromSize_t(found);
}
