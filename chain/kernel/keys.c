#include "keys.h"

#include <stddef.h>
#include <stdint.h>

enum { PARTS_MAX = 8, WRITTEN_MAX = 512 };

enum form { FIXED, TEXT, INTEGER };

struct part {
    enum form form;
    Py_ssize_t size;
};

struct key_writer {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *plainly; /* what Python calls for the same */
    Py_ssize_t parts_count;
    struct part parts[PARTS_MAX];
    uint8_t prefix[2];
};

static PyObject *name_encoded;

int keys_prepare(void)
{
    name_encoded = PyUnicode_InternFromString("encoded");
    return name_encoded && PyType_Ready(&KeyWriter_Type) == 0;
}

/* Return where writing goes on after one part, or NULL if the twin must be asked. */
static uint8_t *put_part(const struct part *part, PyObject *value, uint8_t *at, const uint8_t *end)
{
    Py_ssize_t size = part->size;
    if (part->form == FIXED) {
        if (!PyBytes_CheckExact(value) || PyBytes_GET_SIZE(value) != size || end - at < size)
            return NULL;
        memcpy(at, PyBytes_AS_STRING(value), (size_t)size);
        return at + size;
    }
    if (part->form == TEXT) {
        Py_ssize_t length;
        if (!PyUnicode_CheckExact(value) || PyUnicode_READY(value) < 0 ||
            !PyUnicode_IS_COMPACT_ASCII(value))
            return NULL;
        length = PyUnicode_GET_LENGTH(value);
        const char *text = (const char *)PyUnicode_1BYTE_DATA(value);
        if (length > size || end - at <= length || memchr(text, 0, (size_t)length))
            return NULL;
        memcpy(at, text, (size_t)length + 1); /* with the NUL that Python keeps after it */
        return at + length + 1;
    }
    if (!PyLong_CheckExact(value) || end - at < size)
        return NULL;
    uint64_t number = PyLong_AsUnsignedLongLong(value);
    if (number == UINT64_MAX && PyErr_Occurred()) {
        PyErr_Clear();
        return NULL;
    }
    if (size < 8 && number >> (8 * size))
        return NULL;
    for (Py_ssize_t i = size; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
    return at + size;
}

static PyObject *written(struct key_writer *writer, PyObject *key)
{
    uint8_t buffer[WRITTEN_MAX], *at = buffer + 2;
    const uint8_t *end = buffer + sizeof buffer;
    buffer[0] = writer->prefix[0];
    buffer[1] = writer->prefix[1];
    if (writer->parts_count == 1)
        at = put_part(writer->parts, key, at, end);
    else if (!PyTuple_CheckExact(key) || PyTuple_GET_SIZE(key) != writer->parts_count)
        at = NULL;
    else
        for (Py_ssize_t i = 0; at && i < writer->parts_count; i++)
            at = put_part(writer->parts + i, PyTuple_GET_ITEM(key, i), at, end);
    if (!at)
        return PyObject_CallOneArg(writer->plainly, key);
    return PyBytes_FromStringAndSize((const char *)buffer, at - buffer);
}

PyObject *keys_encoded(PyObject *table, PyObject *key)
{
    PyObject *encoded, *write = PyObject_GetAttr(table, name_encoded);
    if (!write)
        return NULL;
    if (Py_IS_TYPE(write, &KeyWriter_Type))
        encoded = written((struct key_writer *)write, key);
    else
        encoded = PyObject_CallOneArg(write, key);
    Py_DECREF(write);
    if (!encoded || PyBytes_CheckExact(encoded))
        return encoded;
    PyErr_SetString(PyExc_TypeError, "an encoded key is bytes");
    Py_DECREF(encoded);
    return NULL;
}

static PyObject *call(PyObject *self, PyObject *const *args, size_t given, PyObject *names)
{
    if (PyVectorcall_NARGS(given) != 1 || (names && PyTuple_GET_SIZE(names)))
        return PyErr_Format(PyExc_TypeError, "one key expected");
    return written((struct key_writer *)self, args[0]);
}

/* Read the forms and sizes of parts: ("text", 64) and so on. */
static int take_parts(struct key_writer *writer, PyObject *parts)
{
    writer->parts_count = PyTuple_GET_SIZE(parts);
    if (writer->parts_count > PARTS_MAX)
        goto wrong;
    for (Py_ssize_t i = 0; i < writer->parts_count; i++) {
        const char *form;
        Py_ssize_t size;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(parts, i), "sn", &form, &size))
            return 0;
        enum form known = strcmp(form, "text") == 0      ? TEXT
                          : strcmp(form, "integer") == 0 ? INTEGER
                                                         : FIXED;
        if (size < 1 || size > WRITTEN_MAX || (known == INTEGER && size > 8))
            goto wrong;
        writer->parts[i] = (struct part){known, size};
    }
    return 1;
wrong:
    PyErr_SetString(PyExc_ValueError, "parts of a key that are not written here");
    return 0;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    static char *known[] = {"prefix", "parts", "plainly", NULL};
    const char *prefix;
    Py_ssize_t length;
    PyObject *parts, *plainly;
    if (!PyArg_ParseTupleAndKeywords(args, names, "y#O!O", known, &prefix, &length, &PyTuple_Type,
                                     &parts, &plainly))
        return NULL;
    if (length != 2)
        return PyErr_Format(PyExc_ValueError, "a table has two bytes, not %zd", length);
    struct key_writer *writer = (struct key_writer *)type->tp_alloc(type, 0);
    if (!writer)
        return NULL;
    writer->vectorcall = call;
    writer->plainly = Py_NewRef(plainly);
    memcpy(writer->prefix, prefix, 2);
    if (!take_parts(writer, parts))
        Py_CLEAR(writer);
    return (PyObject *)writer;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct key_writer *)self)->plainly);
    return 0;
}

static int clear(PyObject *self)
{
    Py_CLEAR(((struct key_writer *)self)->plainly);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

PyTypeObject KeyWriter_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.KeyWriter",
    .tp_doc = "KeyWriter(prefix, parts, plainly)\n--\n\n"
              "Writes keys of a table: prefix of two bytes, parts as (form, size in bytes).\n\n"
              "Asks 'plainly' for whatever it does not write, and for every refusal.",
    .tp_basicsize = sizeof(struct key_writer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_new = new,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(struct key_writer, vectorcall),
};
