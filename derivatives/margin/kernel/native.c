/* The Python face of the kernel: buffers in and out, the GIL released, no arithmetic here. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "scan.h"
#include "standing.h"

/* Of what Python and C have agreed on; level.py asks no kernel of another. */
#define REVISION 6

static int level = 0;

const struct scan_level *scan_level_used(void)
{
    return &scan_levels[level];
}

/* Return 1 if a buffer holds exactly 'count' items of 'item' bytes, else set ValueError. */
static int holds(const Py_buffer *buffer, size_t count, size_t item, const char *name)
{
    if ((size_t)buffer->len == count * item &&
        (count == 0 || (uintptr_t)buffer->buf % item == 0))
        return 1;
    PyErr_Format(PyExc_ValueError, "%s holds %zd bytes, %zu expected", name, buffer->len,
                 count * item);
    return 0;
}

/* Return 1 if every group lies within the positions and every instrument has a row. */
static int places_are_sound(const struct scan_input *input)
{
    size_t positions = input->positions;
    for (size_t g = 0; g < input->groups; g++)
        if (input->starts[g] < 0 || input->starts[g] > input->ends[g] ||
            (size_t)input->ends[g] > positions)
            return 0;
    return positions == 0 ||
           scan_level_used()->farthest(input->instruments, positions) < input->row_count;
}

static int weights_are_sound(const struct scan_input *input)
{
    for (size_t s = 0; s < input->width; s++)
        if (input->weights[s] < 0 || input->weights[s] > SCAN_WHOLE_PPM)
            return 0;
    return 1;
}

/* Return 1 if every bound is one, and store the largest. The sums are safe because of the
 * bounds, so a false one is refused and never believed. */
int scan_bounds_are_sound(struct scan_input *input, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        int64_t bound = input->bounds[i];
        if (bound < 2)
            return 0;
        int64_t least = 2 - bound, most = bound - 2;
        const int64_t *row = input->rows + i * input->width;
        for (size_t s = 0; s < input->width; s++)
            if (row[s] < least || row[s] > most)
                return 0;
        if ((uint64_t)bound > input->bound_max)
            input->bound_max = (uint64_t)bound;
    }
    return 1;
}

enum { STARTS, ENDS, INSTRUMENTS, SIZES, ROWS, BOUNDS, WEIGHTS, WORST, DECLINED, LOSSES, BUFFERS };

static int fill(struct scan_input *input, Py_buffer *b, int with_losses)
{
    size_t width = (size_t)b[WEIGHTS].len / 8;
    size_t positions = (size_t)b[SIZES].len / 8;
    size_t rows = (size_t)b[BOUNDS].len / 8;
    if (width == 0 || width % 8 != 0 || width > SCAN_WIDTH_MAX) {
        PyErr_SetString(PyExc_ValueError, "width is a multiple of 8, at most 64");
        return 0;
    }
    size_t groups = (size_t)b[STARTS].len / 4;
    if (!holds(&b[STARTS], groups, 4, "starts") || !holds(&b[ENDS], groups, 4, "ends") ||
        !holds(&b[INSTRUMENTS], positions, 4, "instruments") ||
        !holds(&b[SIZES], positions, 8, "sizes") || !holds(&b[BOUNDS], rows, 8, "bounds") ||
        !holds(&b[ROWS], rows * width, 8, "rows") || !holds(&b[WEIGHTS], width, 8, "weights") ||
        !holds(&b[WORST], groups, 8, "worst") || !holds(&b[DECLINED], groups, 1, "declined") ||
        (with_losses && !holds(&b[LOSSES], groups * width, 8, "losses")))
        return 0;
    *input = (struct scan_input){.starts = b[STARTS].buf, .ends = b[ENDS].buf,
                                 .instruments = b[INSTRUMENTS].buf, .sizes = b[SIZES].buf,
                                 .rows = b[ROWS].buf, .bounds = b[BOUNDS].buf,
                                 .weights = b[WEIGHTS].buf, .groups = groups, .width = width,
                                 .row_count = rows, .positions = positions};
    return 1;
}

/* What one call needs besides its buffers; without memory for it the wide rows do, as they do
 * where one of them needs 64 bits. */
struct room {
    int32_t *narrow;
    int16_t *halves;
};

#define LINE 64

static void make_room(const struct scan_input *input, struct room *room)
{
    size_t padded = scan_blocks(input->width) * SCAN_BLOCK;
    room->narrow = PyMem_RawMalloc(input->row_count * input->width * sizeof *room->narrow + 1);
    room->halves = PyMem_RawMalloc(input->row_count * padded * 2 * sizeof *room->halves + LINE);
}

static void let_go(struct room *room)
{
    PyMem_RawFree(room->narrow);
    PyMem_RawFree(room->halves);
}

/* Scan, and return how many groups were declined, or SCAN_UNSOUND: then nothing is answered. Rows
 * are halved where that is little beside the groups; many.c looks at groups and places itself. */
static size_t scanned(struct scan_input *input, struct room *room, int64_t *losses,
                      int64_t *worst, uint8_t *declined)
{
    const struct scan_level *used = scan_level_used();
    if (!weights_are_sound(input) || !scan_bounds_are_sound(input, input->row_count))
        return SCAN_UNSOUND;
    input->narrow = room->narrow && scan_narrow(input, input->row_count, room->narrow)
                        ? room->narrow
                        : NULL;
    if (used->many && !losses && room->halves && 4 * input->row_count <= input->groups &&
        !scan_is_weighing(input)) {
        int16_t *halves = room->halves + (-(uintptr_t)room->halves % LINE) / sizeof *halves;
        input->halves = scan_halve(input, halves) ? halves : NULL;
    }
    if (input->halves)
        return used->many(input, worst, declined);
    if (!places_are_sound(input))
        return SCAN_UNSOUND;
    return used->groups(input, losses, worst, declined);
}

PyDoc_STRVAR(scan_doc,
             "scan(starts, ends, instruments, sizes, rows, bounds, weights, worst, declined, losses)\n"
             "--\n\n"
             "Store the worst loss of each group in worst, and return how many were declined.\n\n"
             "All are buffers of native integers (int32 starts, ends and instruments, uint8 declined,\n"
             "int64 the rest); losses may be None. Refuses: ValueError, for a buffer of a wrong\n"
             "size or a number out of range; then nothing is answered.");

static PyObject *scan(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer b[BUFFERS];
    memset(b, 0, sizeof b);
    PyObject *losses = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*w*w*O", &b[0], &b[1], &b[2], &b[3], &b[4],
                          &b[5], &b[6], &b[7], &b[8], &losses))
        return NULL;
    PyObject *answer = NULL;
    int with_losses = losses != Py_None;
    struct scan_input input;
    if (with_losses && PyObject_GetBuffer(losses, &b[LOSSES], PyBUF_WRITABLE) < 0)
        goto done;
    if (!fill(&input, b, with_losses))
        goto done;
    size_t refused;
    struct room room;
    make_room(&input, &room);
    Py_BEGIN_ALLOW_THREADS
    refused = scanned(&input, &room, with_losses ? b[LOSSES].buf : NULL, b[WORST].buf,
                      b[DECLINED].buf);
    Py_END_ALLOW_THREADS
    let_go(&room);
    if (refused == SCAN_UNSOUND)
        PyErr_SetString(PyExc_ValueError,
                        "starts, ends, instruments, bounds or weights are out of range");
    else
        answer = PyLong_FromSize_t(refused);
done:
    for (int i = 0; i < BUFFERS; i++)
        if (b[i].obj)
            PyBuffer_Release(&b[i]);
    return answer;
}

PyDoc_STRVAR(use_level_doc, "use_level(level)\n--\n\n"
                            "Run at this level from now on: 0 portable, 1 AVX2, 2 AVX-512, 3 VNNI.\n\n"
                            "Refuses: ValueError, for one that this processor cannot run.");

static PyObject *use_level(PyObject *module, PyObject *argument)
{
    (void)module;
    long asked = PyLong_AsLong(argument);
    if (asked == -1 && PyErr_Occurred())
        return NULL;
    if (asked < 0 || asked > scan_level_max())
        return PyErr_Format(PyExc_ValueError, "level %ld, at most %d here", asked,
                            scan_level_max());
    level = (int)asked;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(level_max_doc, "level_max()\n--\n\nReturn the widest level that runs here.");

static PyObject *level_max(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLong(scan_level_max());
}

PyDoc_STRVAR(stand_doc,
             "stand(terms, rows, bounds, new, leans, pins, pin_weights, weights, families, scales,\n"
             "      starts, counts, cash, places, entries, funding_low, funding_high, sizes, flags, figures, says, listed)\n"
             "--\n\n"
             "Look anew at who is stale or holds what is new, as account.h says.\n\n"
             "Return how many accounts stand in listed, and how many were looked at. Refuses:\n"
             "ValueError, for a buffer of a wrong size or numbers out of range; then nothing was\n"
             "stored.");

PyDoc_STRVAR(gain_doc,
             "gain(terms, moved, before_low, before_high, starts, counts, places, sizes,\n"
             "     funding_low, funding_high, flags, figures, says, gains, held)\n"
             "--\n\n"
             "Store what positions brought each account in a block, as account.h says, after stand.\n\n"
             "Return how many were declined: their gain is -1. Refuses: as stand does.");

static PyMethodDef methods[] = {
    {"gain", (PyCFunction)(void (*)(void))standing_gain, METH_FASTCALL, gain_doc},
    {"stand", (PyCFunction)(void (*)(void))standing_stand, METH_FASTCALL, stand_doc},
    {"scan", scan, METH_VARARGS, scan_doc},
    {"use_level", use_level, METH_O, use_level_doc},
    {"level_max", level_max, METH_NOARGS, level_max_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "native", "Worst losses of many portfolios, in exact integers.", -1,
    methods,               NULL,     NULL,
    NULL,                  NULL,
};

PyMODINIT_FUNC PyInit_native(void)
{
    level = scan_level_max();
    PyObject *module = PyModule_Create(&definition);
    if (module && PyModule_AddIntConstant(module, "REVISION", REVISION) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
