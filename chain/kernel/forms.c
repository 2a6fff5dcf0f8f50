#include "forms.h"

#include <stdint.h>
#include <structmember.h>

enum code { INTEGER, BOOLEAN, TEXT, BLOB, WIDE, OPTIONAL, REPEATED, RECORD };

enum { NESTING_MAX = 16, PLACED_BYTES = 1024, WIDE_BYTES = 16 };

/* One value as it is declared. 'low' and 'high' bound a number, or a length. */
struct form {
    enum code code;
    int64_t low, high;
    PyTypeObject *type;  /* of a record or a wide number */
    Py_ssize_t count;    /* of parts: fields, or the one that is repeated or optional */
    Py_ssize_t *offsets; /* of fields in the record */
    struct form *parts;
};

static const struct {
    const char *name;
    enum code code;
} CODES[] = {
    {"integer", INTEGER}, {"boolean", BOOLEAN},   {"text", TEXT},         {"blob", BLOB},
    {"wide", WIDE},       {"optional", OPTIONAL}, {"repeated", REPEATED}, {"record", RECORD},
};

static PyObject *ask, *forms; /* of a kind: a capsule of its form, or None */

int forms_use(PyObject *form_of)
{
    Py_XSETREF(ask, Py_NewRef(form_of));
    Py_XSETREF(forms, PyDict_New());
    return forms ? 0 : -1;
}

/* Let go of what a form holds. */
static void let_go(struct form *form)
{
    for (Py_ssize_t i = 0; form->parts && i < form->count; i++)
        let_go(form->parts + i);
    PyMem_Free(form->parts);
    PyMem_Free(form->offsets);
    Py_XDECREF(form->type);
}

static void forget(PyObject *capsule)
{
    struct form *form = PyCapsule_GetPointer(capsule, NULL);
    let_go(form);
    PyMem_Free(form);
}

static int is_wrong(const char *what)
{
    PyErr_Format(PyExc_ValueError, "%s of a form is not known here", what);
    return -1;
}

/* Find where every field of a record lies. */
static int find_offsets(struct form *form, PyObject *names)
{
    form->offsets = PyMem_Calloc((size_t)form->count + 1, sizeof *form->offsets);
    if (!form->offsets) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < form->count; i++) {
        PyObject *member = PyObject_GetAttr((PyObject *)form->type, PyTuple_GET_ITEM(names, i));
        if (!member)
            return -1;
        int known = Py_IS_TYPE(member, &PyMemberDescr_Type);
        if (known)
            form->offsets[i] = ((PyMemberDescrObject *)member)->d_member->offset;
        Py_DECREF(member);
        if (!known)
            return is_wrong("a field");
    }
    return 0;
}

/* Take in (name, low, high, type or None, names of fields, parts). */
static int learn(struct form *form, PyObject *told, int depth)
{
    const char *name;
    PyObject *type, *names, *parts;
    if (depth > NESTING_MAX || !PyTuple_CheckExact(told))
        return is_wrong("the depth");
    if (!PyArg_ParseTuple(told, "sLLOO!O!", &name, &form->low, &form->high, &type, &PyTuple_Type,
                          &names, &PyTuple_Type, &parts))
        return -1;
    size_t i = 0, known = sizeof CODES / sizeof *CODES;
    while (i < known && strcmp(CODES[i].name, name) != 0)
        i++;
    if (i == known || (type != Py_None && !PyType_Check(type)))
        return is_wrong("the name");
    form->code = CODES[i].code;
    form->type = type == Py_None ? NULL : (PyTypeObject *)Py_NewRef(type);
    if ((form->code == RECORD || form->code == WIDE) != (form->type != NULL))
        return is_wrong("the type");
    form->parts = PyMem_Calloc((size_t)PyTuple_GET_SIZE(parts) + 1, sizeof *form->parts);
    if (!form->parts) {
        PyErr_NoMemory();
        return -1;
    }
    for (; form->count < PyTuple_GET_SIZE(parts); form->count++)
        if (learn(form->parts + form->count, PyTuple_GET_ITEM(parts, form->count), depth + 1) < 0) {
            form->count++; /* what it holds is let go too */
            return -1;
        }
    if ((form->code == REPEATED || form->code == OPTIONAL) && form->count != 1)
        return is_wrong("the one part");
    if (form->code == RECORD && PyTuple_GET_SIZE(names) != form->count)
        return is_wrong("the number of fields");
    return form->code == RECORD ? find_offsets(form, names) : 0;
}

/* Return the form of a kind, or NULL: with an exception, or because it has none. */
static const struct form *form_of(PyObject *kind)
{
    PyObject *held = PyDict_GetItemWithError(forms, kind), *told = NULL, *made = NULL;
    if (!held && !PyErr_Occurred() && (told = PyObject_CallOneArg(ask, kind))) {
        struct form *form = told == Py_None ? NULL : PyMem_Calloc(1, sizeof *form);
        if (told == Py_None)
            made = Py_NewRef(Py_None);
        else if (!form)
            PyErr_NoMemory();
        else if (learn(form, told, 0) == 0)
            made = PyCapsule_New(form, NULL, forget);
        if (form && !made) {
            let_go(form);
            PyMem_Free(form);
        }
        if (made && PyDict_SetItem(forms, kind, made) == 0)
            held = made; /* the dict holds it */
        Py_XDECREF(made);
        Py_DECREF(told);
    }
    return held && held != Py_None ? PyCapsule_GetPointer(held, NULL) : NULL;
}

/* Bytes that are being written: in place at first, in memory of their own when they are more. */
struct writer {
    uint8_t *start, *at, *end;
    uint8_t placed[PLACED_BYTES];
};

/* Make room for so many bytes more. Return 0 without memory. */
static int make_room(struct writer *to, size_t size)
{
    size_t written = (size_t)(to->at - to->start), room = 2 * (written + size);
    uint8_t *start = to->start == to->placed ? PyMem_Malloc(room) : PyMem_Realloc(to->start, room);
    if (!start)
        return 0;
    if (to->start == to->placed)
        memcpy(start, to->placed, written);
    to->start = start;
    to->at = start + written;
    to->end = start + room;
    return 1;
}

static inline int has_room(struct writer *to, size_t size)
{
    return (size_t)(to->end - to->at) >= size || make_room(to, size);
}

static inline void put_byte(struct writer *to, unsigned byte)
{
    *to->at++ = (uint8_t)byte;
}

/* Write a header and the last bytes of a number, big-endian; there is room. */
static inline void put_number(struct writer *to, unsigned header, uint64_t value, int size)
{
    uint64_t digits = __builtin_bswap64(value << (64 - 8 * size));
    put_byte(to, header);
    memcpy(to->at, &digits, (size_t)size);
    to->at += size;
}

static inline int put_integer(struct writer *to, int64_t value)
{
    if (!has_room(to, 9))
        return 0;
    uint64_t bits = (uint64_t)value;
    if (value >= -32 && value < 128)
        put_byte(to, (uint8_t)bits);
    else if (value < 0 && value >= INT8_MIN)
        put_number(to, 0xd0, bits, 1);
    else if (value < 0 && value >= INT16_MIN)
        put_number(to, 0xd1, bits, 2);
    else if (value < 0 && value >= INT32_MIN)
        put_number(to, 0xd2, bits, 4);
    else if (value < 0)
        put_number(to, 0xd3, bits, 8);
    else if (bits >> 8 == 0)
        put_number(to, 0xcc, bits, 1);
    else if (bits >> 16 == 0)
        put_number(to, 0xcd, bits, 2);
    else if (bits >> 32 == 0)
        put_number(to, 0xce, bits, 4);
    else
        put_number(to, 0xcf, bits, 8);
    return 1;
}

/* Write the header of so many items, then room is left for 'size' bytes: 'few' if at most
 * 'few_max', else the first of 8, 16 and 32 bits that holds it, 'eight' where there is one. */
static inline int put_length(struct writer *to, unsigned few, size_t few_max, unsigned eight,
                             unsigned more, size_t count, size_t size)
{
    if (count > UINT32_MAX || !has_room(to, 5 + size))
        return 0;
    if (count < few_max)
        put_byte(to, few | (unsigned)count);
    else if (eight && count >> 8 == 0)
        put_number(to, eight, count, 1);
    else if (count >> 16 == 0)
        put_number(to, more, count, 2);
    else
        put_number(to, more + 1, count, 4);
    return 1;
}

static inline int put_bytes(struct writer *to, const char *from, size_t size)
{
    memcpy(to->at, from, size);
    to->at += size;
    return 1;
}

static inline int put_blob(struct writer *to, const char *from, size_t size)
{
    return put_length(to, 0, 0, 0xc4, 0xc5, size, size) && put_bytes(to, from, size);
}

static inline int is_within(const struct form *form, int64_t figure)
{
    return figure >= form->low && figure <= form->high;
}

/* Read a number. Return 0 for what is none of 64 bits. */
static inline int read_number(PyObject *value, int64_t *number)
{
    int beyond = 0;
    if (!PyLong_CheckExact(value))
        return 0;
    const PyLongObject *whole = (const PyLongObject *)value;
    Py_ssize_t size = Py_SIZE(whole);
    if (size >= -1 && size <= 1)
        *number = size * (int64_t)whole->ob_digit[0];
    else if (size == 2)
        *number = (int64_t)whole->ob_digit[1] << PyLong_SHIFT | whole->ob_digit[0];
    else
        *number = PyLong_AsLongLongAndOverflow(value, &beyond);
    return !beyond;
}

static int put_wide(struct writer *to, const struct form *form, PyObject *value)
{
    uint8_t digits[WIDE_BYTES];
    if (!Py_IS_TYPE(value, form->type))
        return 0;
    if (_PyLong_AsByteArray((PyLongObject *)value, digits, sizeof digits, 0, 1) < 0) {
        PyErr_Clear();
        return 0;
    }
    return put_blob(to, (const char *)digits, sizeof digits);
}

static inline int put_text(struct writer *to, const struct form *form, PyObject *value)
{
    if (!PyUnicode_CheckExact(value) || !PyUnicode_IS_COMPACT_ASCII(value))
        return 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(value);
    return is_within(form, length) &&
           put_length(to, 0xa0, 32, 0xd9, 0xda, (size_t)length, (size_t)length) &&
           put_bytes(to, (const char *)((PyASCIIObject *)value + 1), (size_t)length);
}

static int put_record(struct writer *to, const struct form *form, PyObject *value);
static int put_repeated(struct writer *to, const struct form *form, PyObject *value);

/* Write one value. Return 0 where another is to write the whole; no exception is set. */
static inline int put(struct writer *to, const struct form *form, PyObject *value)
{
    int64_t number;
    if (form->code == OPTIONAL) {
        if (value == Py_None) {
            if (!has_room(to, 1))
                return 0;
            put_byte(to, 0xc0);
            return 1;
        }
        form = form->parts;
    }
    switch (form->code) {
    case INTEGER:
        return read_number(value, &number) && is_within(form, number) && put_integer(to, number);
    case BOOLEAN:
        if (!PyBool_Check(value) || !has_room(to, 1))
            return 0;
        put_byte(to, value == Py_True ? 0xc3 : 0xc2);
        return 1;
    case TEXT:
        return put_text(to, form, value);
    case BLOB:
        return PyBytes_CheckExact(value) && is_within(form, PyBytes_GET_SIZE(value)) &&
               put_blob(to, PyBytes_AS_STRING(value), (size_t)PyBytes_GET_SIZE(value));
    case WIDE:
        return put_wide(to, form, value);
    case REPEATED:
        return put_repeated(to, form, value);
    case RECORD:
        return put_record(to, form, value);
    default: /* optional twice: no declaration says so */
        return 0;
    }
}

static int put_repeated(struct writer *to, const struct form *form, PyObject *value)
{
    if (!PyTuple_CheckExact(value) || !is_within(form, PyTuple_GET_SIZE(value)))
        return 0;
    Py_ssize_t count = PyTuple_GET_SIZE(value);
    int done = put_length(to, 0x90, 16, 0, 0xdc, (size_t)count, 0);
    for (Py_ssize_t i = 0; done && i < count; i++)
        done = put(to, form->parts, PyTuple_GET_ITEM(value, i));
    return done;
}

static int put_record(struct writer *to, const struct form *form, PyObject *value)
{
    if (!Py_IS_TYPE(value, form->type))
        return 0;
    int done = put_length(to, 0x90, 16, 0, 0xdc, (size_t)form->count, 0);
    for (Py_ssize_t i = 0; done && i < form->count; i++) {
        PyObject *field = *(PyObject **)((char *)value + form->offsets[i]);
        done = field && put(to, form->parts + i, field);
    }
    return done;
}

/* Write a record; return 0 where another is to, or with an exception. Whoever asks frees. */
static int write_whole(struct writer *to, PyObject *record)
{
    const struct form *form = forms ? form_of((PyObject *)Py_TYPE(record)) : NULL;
    to->start = to->at = to->placed;
    to->end = to->placed + sizeof to->placed;
    return form && put_record(to, form, record);
}

static void end(struct writer *to)
{
    if (to->start != to->placed)
        PyMem_Free(to->start);
}

PyObject *forms_write(PyObject *record)
{
    struct writer to;
    PyObject *data = NULL;
    if (write_whole(&to, record))
        data = PyBytes_FromStringAndSize((const char *)to.start, to.at - to.start);
    end(&to);
    return data;
}

int forms_fit(PyObject *record)
{
    struct writer to;
    int fits = write_whole(&to, record);
    end(&to);
    return fits;
}
