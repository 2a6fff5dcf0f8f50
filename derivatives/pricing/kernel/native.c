/* The Python face of the kernel: buffers in and out, the GIL released, no arithmetic here. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "black.h"

enum { INPUTS = 4, BUFFERS_MAX = 9 };

static const char *const NAMES[BUFFERS_MAX] = {
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
};

/* Take 'count' buffers of as many items as the first, int64 but for a last one of bytes if 'bytes'
 * says so; those after the inputs are written. Return 1, or 0 with an exception set. */
static int take(PyObject *const *args, Py_ssize_t given, int count, int bytes, Py_buffer *b)
{
    if (given != count) {
        PyErr_Format(PyExc_TypeError, "%d buffers expected, %zd given", count, given);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        int narrow = bytes && i == count - 1;
        if (PyObject_GetBuffer(args[i], &b[i], i < INPUTS ? PyBUF_SIMPLE : PyBUF_WRITABLE) < 0)
            return 0;
        if (b[i].len != (narrow ? b[0].len / 8 : b[0].len) || b[0].len % 8 != 0 ||
            (!narrow && b[i].len && (uintptr_t)b[i].buf % 8 != 0)) {
            PyErr_Format(PyExc_ValueError, "the %s buffer holds %zd bytes, for %zd options",
                         NAMES[i], b[i].len, b[0].len / 8);
            return 0;
        }
    }
    return 1;
}

static void give_back(Py_buffer *b)
{
    for (int i = 0; i < BUFFERS_MAX; i++)
        if (b[i].obj)
            PyBuffer_Release(&b[i]);
}

/* Return 1 and fill 'options', or 0 with ValueError set for one that is out of range. */
static int fill(struct black_options *options, const Py_buffer *b, int with_volatilities)
{
    *options = (struct black_options){b[0].buf, b[1].buf, b[2].buf, b[3].buf,
                                      (size_t)b[0].len / 8};
    if (black_options_are_sound(options, with_volatilities))
        return 1;
    PyErr_SetString(PyExc_ValueError, "a forward, strike, volatility or term is out of range");
    return 0;
}

PyDoc_STRVAR(prices_doc, "prices(forwards, strikes, volatilities, terms, low, near, high)\n--\n\n"
                         "Store the price of every call and its bracket, as black.h says.\n\n"
                         "All are buffers of native int64. Refuses: ValueError, for a buffer of a\n"
                         "wrong size or a number out of range; then nothing was stored.");

static PyObject *prices(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    Py_buffer b[BUFFERS_MAX] = {0};
    struct black_options options;
    PyObject *answer = NULL;
    if (take(args, given, 7, 0, b) && fill(&options, b, 1)) {
        Py_BEGIN_ALLOW_THREADS
        black_prices(&options, b[4].buf, b[5].buf, b[6].buf);
        Py_END_ALLOW_THREADS
        answer = Py_NewRef(Py_None);
    }
    give_back(b);
    return answer;
}

PyDoc_STRVAR(greeks_doc, "greeks(forwards, strikes, volatilities, terms, delta, gamma, vega, theta,\n"
                         "       declined)\n--\n\n"
                         "Store how every call moves, and return how many were declined.\n\n"
                         "As prices does, with a last buffer of bytes.");

static PyObject *greeks(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    Py_buffer b[BUFFERS_MAX] = {0};
    struct black_options options;
    PyObject *answer = NULL;
    if (take(args, given, 9, 1, b) && fill(&options, b, 1)) {
        size_t refused;
        Py_BEGIN_ALLOW_THREADS
        refused = black_greeks(&options, b[4].buf, b[5].buf, b[6].buf, b[7].buf, b[8].buf);
        Py_END_ALLOW_THREADS
        answer = PyLong_FromSize_t(refused);
    }
    give_back(b);
    return answer;
}

PyDoc_STRVAR(implied_doc, "implied(forwards, strikes, prices, terms, volatilities)\n--\n\n"
                          "Store the volatility that every call's price stands for, -1 for none.\n\n"
                          "As prices does.");

static PyObject *implied(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    Py_buffer b[BUFFERS_MAX] = {0};
    struct black_options options;
    PyObject *answer = NULL;
    if (take(args, given, 5, 0, b) && fill(&options, b, 0)) {
        Py_BEGIN_ALLOW_THREADS
        black_implied(&options, b[4].buf);
        Py_END_ALLOW_THREADS
        answer = Py_NewRef(Py_None);
    }
    give_back(b);
    return answer;
}

static PyMethodDef methods[] = {
    {"prices", (PyCFunction)(void (*)(void))prices, METH_FASTCALL, prices_doc},
    {"greeks", (PyCFunction)(void (*)(void))greeks, METH_FASTCALL, greeks_doc},
    {"implied", (PyCFunction)(void (*)(void))implied, METH_FASTCALL, implied_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "native", "Black-76 for many options, in whole numbers.", -1,
    methods,               NULL,     NULL,
    NULL,                  NULL,
};

PyMODINIT_FUNC PyInit_native(void)
{
    return PyModule_Create(&definition);
}
