#include "events.h"

#include <stdint.h>

#include "reading.h"

enum { KINDS_MAX = 64, FIELDS_MAX = 16, RECEIPT_FIELDS = 7, EVENT_FIELDS = 3, HASH_BYTES = 32 };

/* One kind of event that is asked for; its fields ascend by place. */
struct kind {
    uint64_t module_number, number;
    PyObject *name; /* the pair of the two numbers, borrowed */
    uint32_t places[FIELDS_MAX];
    uint32_t fields_count;
};

struct asked {
    struct kind kinds[KINDS_MAX];
    uint32_t kinds_count;
};

static int read_kind(struct kind *kind, PyObject *name, PyObject *places)
{
    if (!PyTuple_CheckExact(name) || PyTuple_GET_SIZE(name) != 2 || !PyTuple_CheckExact(places) ||
        PyTuple_GET_SIZE(places) > FIELDS_MAX)
        return 0;
    kind->name = name;
    kind->module_number = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(name, 0));
    kind->number = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(name, 1));
    kind->fields_count = (uint32_t)PyTuple_GET_SIZE(places);
    for (uint32_t i = 0; i < kind->fields_count; i++) {
        kind->places[i] = (uint32_t)PyLong_AsUnsignedLong(PyTuple_GET_ITEM(places, i));
        if (i && kind->places[i - 1] >= kind->places[i])
            return 0;
    }
    return !PyErr_Occurred();
}

/* Read what is asked for. Return 1, or 0 with TypeError: it is nothing that this can look for. */
static int read_asked(struct asked *asked, PyObject *wanted)
{
    Py_ssize_t at = 0;
    PyObject *name, *places;
    asked->kinds_count = 0;
    while (PyDict_Next(wanted, &at, &name, &places))
        if (asked->kinds_count == KINDS_MAX ||
            !read_kind(&asked->kinds[asked->kinds_count++], name, places)) {
            PyErr_SetString(PyExc_TypeError,
                            "kinds of events expected: two numbers, and ascending places of fields");
            return 0;
        }
    return 1;
}

static const struct kind *kind_of(const struct asked *asked, uint64_t module_number,
                                  uint64_t number)
{
    for (uint32_t i = 0; i < asked->kinds_count; i++)
        if (asked->kinds[i].number == number && asked->kinds[i].module_number == module_number)
            return &asked->kinds[i];
    return NULL;
}

/* Pass over the header of an array; return how many values follow. */
static size_t take_array(struct reader *from)
{
    if (from->at && from->at < from->end && (*from->at & 0xf0) != 0x90 && *from->at != 0xdc)
        from->at = NULL;
    return from->at ? pass_header(from) : 0;
}

/* Return the text between two places; NULL if it is none, or without memory. */
static PyObject *text_of(const uint8_t *start, const uint8_t *end)
{
    PyObject *text = PyUnicode_DecodeUTF8((const char *)start, end - start, NULL);
    if (!text && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
        PyErr_Clear();
    return text;
}

/* Return the text or the integer that is next; NULL for anything else, or with an exception. */
static PyObject *take_field(struct reader *from)
{
    const uint8_t *start = from->at;
    pass_value(from);
    if (!from->at)
        return NULL;
    uint8_t header = *start;
    size_t header_bytes = (header & 0xe0) == 0xa0 ? 1 : header == 0xd9 ? 2 : header == 0xda ? 3 : 0;
    if (header_bytes)
        return text_of(start + header_bytes, from->at);
    if (header < 0x80 || header >= 0xe0)
        return PyLong_FromLong((int8_t)header);
    if (header < 0xcc || header > 0xd3)
        return NULL;
    uint64_t digits = 0;
    int size = 1 << (header & 3);
    for (int i = 1; i <= size; i++)
        digits = digits << 8 | start[i];
    if (header < 0xd0)
        return PyLong_FromUnsignedLongLong(digits);
    int unused = 64 - 8 * size;
    return PyLong_FromLongLong((int64_t)(digits << unused) >> unused);
}

/* Return one event as a row: its place, the kind of its receipt, its name, its fields. */
static PyObject *row_of(struct reader *from, const struct kind *kind, Py_ssize_t place,
                        uint64_t receipt_kind)
{
    enum { BEFORE_FIELDS = 3 };
    PyObject *row = PyTuple_New(BEFORE_FIELDS + kind->fields_count);
    PyObject *first = PyLong_FromSsize_t(place), *second = PyLong_FromUnsignedLongLong(receipt_kind);
    if (!row || !first || !second) {
        Py_XDECREF(row);
        Py_XDECREF(first);
        Py_XDECREF(second);
        return NULL;
    }
    PyTuple_SET_ITEM(row, 0, first);
    PyTuple_SET_ITEM(row, 1, second);
    PyTuple_SET_ITEM(row, 2, Py_NewRef(kind->name));
    size_t fields_count = take_array(from);
    uint32_t found = 0;
    for (size_t field = 0; from->at && field < fields_count; field++) {
        if (found == kind->fields_count || field != kind->places[found]) {
            pass_value(from);
            continue;
        }
        PyObject *value = take_field(from);
        if (!value) {
            from->at = NULL;
            break;
        }
        PyTuple_SET_ITEM(row, BEFORE_FIELDS + found++, value);
    }
    if (from->at && found == kind->fields_count)
        return row;
    from->at = NULL;
    Py_DECREF(row);
    return NULL;
}

/* Add the wanted events of one receipt. Return how many events it has; -1 if it cannot be read, or
 * with an exception. */
static Py_ssize_t add_told(const struct asked *asked, PyObject *receipt, Py_ssize_t first,
                           PyObject *rows)
{
    const uint8_t *start = (const uint8_t *)PyBytes_AS_STRING(receipt);
    struct reader from = {start, start + PyBytes_GET_SIZE(receipt)};
    expect(&from, 0x90 | RECEIPT_FIELDS);
    take_bytes(&from, HASH_BYTES);
    take_integer(&from); /* its index */
    uint64_t receipt_kind = take_integer(&from);
    take_integer(&from); /* its code */
    pass_value(&from);   /* the facts of a refusal */
    size_t events_count = take_array(&from);
    for (size_t i = 0; from.at && i < events_count; i++) {
        expect(&from, 0x90 | EVENT_FIELDS);
        uint64_t module_number = take_integer(&from);
        const struct kind *kind = kind_of(asked, module_number, take_integer(&from));
        if (!kind) {
            pass_value(&from);
            continue;
        }
        PyObject *row = row_of(&from, kind, first + (Py_ssize_t)i, receipt_kind);
        int is_added = row && PyList_Append(rows, row) == 0;
        Py_XDECREF(row);
        if (!is_added)
            return -1;
    }
    take_integer(&from); /* its fee */
    return from.at == from.end ? (Py_ssize_t)events_count : -1;
}

PyObject *events_told(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    struct asked asked;
    if (count != 2 || !PyTuple_CheckExact(args[0]) || !PyDict_CheckExact(args[1]))
        return PyErr_Format(PyExc_TypeError, "a tuple of receipts and a dict of kinds expected");
    if (!read_asked(&asked, args[1]))
        return NULL;
    PyObject *rows = PyList_New(0);
    Py_ssize_t told_count = 0;
    for (Py_ssize_t i = 0; rows && i < PyTuple_GET_SIZE(args[0]); i++) {
        PyObject *receipt = PyTuple_GET_ITEM(args[0], i);
        Py_ssize_t added = PyBytes_CheckExact(receipt)
                               ? add_told(&asked, receipt, told_count, rows)
                               : -1;
        if (added < 0)
            Py_CLEAR(rows);
        told_count += added;
    }
    if (rows)
        return Py_BuildValue("nN", told_count, rows);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}
