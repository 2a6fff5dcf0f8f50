#include "keys.h"

#include <stddef.h>
#include <stdint.h>

enum { PARTS_MAX = 8, WRITTEN_MAX = 512 };

enum kind { FIXED, TEXT, INTEGER };

struct part {
    enum kind kind;
    Py_ssize_t size;
};

struct key_form {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *write_plainly, *read_plainly; /* what Python calls for the same */
    PyObject *last[PARTS_MAX]; /* texts read last: a table repeats few of them */
    Py_ssize_t parts_count;
    struct part parts[PARTS_MAX];
    uint8_t prefix[2];
};

static PyObject *name_encoded;

int keys_prepare(void)
{
    name_encoded = PyUnicode_InternFromString("encoded");
    return name_encoded && PyType_Ready(&KeyForm_Type) == 0;
}

/* Return where writing goes on after one part, or NULL if the twin must be asked. */
static uint8_t *put_part(const struct part *part, PyObject *value, uint8_t *at, const uint8_t *end)
{
    Py_ssize_t size = part->size;
    if (part->kind == FIXED) {
        if (!PyBytes_CheckExact(value) || PyBytes_GET_SIZE(value) != size || end - at < size)
            return NULL;
        memcpy(at, PyBytes_AS_STRING(value), (size_t)size);
        return at + size;
    }
    if (part->kind == TEXT) {
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

/* Write a key. Return how many bytes it has, 0 if the twin must be asked. */
static Py_ssize_t put_key(struct key_form *form, PyObject *key, uint8_t buffer[WRITTEN_MAX])
{
    uint8_t *at = buffer + 2;
    const uint8_t *end = buffer + WRITTEN_MAX;
    buffer[0] = form->prefix[0];
    buffer[1] = form->prefix[1];
    if (form->parts_count == 1)
        at = put_part(form->parts, key, at, end);
    else if (!PyTuple_CheckExact(key) || PyTuple_GET_SIZE(key) != form->parts_count)
        at = NULL;
    else
        for (Py_ssize_t i = 0; at && i < form->parts_count; i++)
            at = put_part(form->parts + i, PyTuple_GET_ITEM(key, i), at, end);
    return at ? at - buffer : 0;
}

static PyObject *written(struct key_form *form, PyObject *key)
{
    uint8_t buffer[WRITTEN_MAX];
    Py_ssize_t size = put_key(form, key, buffer);
    if (!size)
        return PyObject_CallOneArg(form->write_plainly, key);
    return PyBytes_FromStringAndSize((const char *)buffer, size);
}

/* Return the text of some bytes, or NULL, also with an exception, if the twin must be asked. */
static PyObject *text_of(PyObject **last, const char *at, Py_ssize_t length)
{
    if (*last && PyUnicode_GET_LENGTH(*last) == length &&
        memcmp(PyUnicode_1BYTE_DATA(*last), at, (size_t)length) == 0)
        return Py_NewRef(*last);
    PyObject *text = PyUnicode_DecodeUTF8(at, length, NULL);
    if (text && PyUnicode_IS_COMPACT_ASCII(text))
        Py_XSETREF(*last, Py_NewRef(text));
    return text;
}

/* Return the value of one part and move on, or NULL as above. */
static PyObject *take_part(struct key_form *form, Py_ssize_t place, const char **at,
                           const char *end)
{
    const struct part *part = form->parts + place;
    const char *start = *at;
    Py_ssize_t size = part->size;
    if (part->kind == TEXT) {
        const char *stop = memchr(start, 0, (size_t)(end - start));
        if (!stop || stop - start > size)
            return NULL;
        *at = stop + 1;
        return text_of(&form->last[place], start, stop - start);
    }
    if (end - start < size)
        return NULL;
    *at = start + size;
    if (part->kind == FIXED)
        return PyBytes_FromStringAndSize(start, size);
    uint64_t number = 0;
    for (Py_ssize_t i = 0; i < size; i++)
        number = number << 8 | (uint8_t)start[i];
    return PyLong_FromUnsignedLongLong(number);
}

/* Return the parts of a key, or NULL as above. */
static PyObject *parts_of(struct key_form *form, const char *at, const char *end)
{
    PyObject *values = PyTuple_New(form->parts_count);
    for (Py_ssize_t i = 0; values && i < form->parts_count; i++) {
        PyObject *value = take_part(form, i, &at, end);
        if (!value)
            Py_CLEAR(values);
        else
            PyTuple_SET_ITEM(values, i, value);
    }
    if (values && at != end)
        Py_CLEAR(values);
    return values;
}

PyObject *keys_read(PyObject *self, PyObject *encoded)
{
    struct key_form *form = (struct key_form *)self;
    PyObject *values = NULL;
    if (PyBytes_CheckExact(encoded) && PyBytes_GET_SIZE(encoded) >= 2 &&
        memcmp(PyBytes_AS_STRING(encoded), form->prefix, 2) == 0) {
        const char *start = PyBytes_AS_STRING(encoded);
        values = parts_of(form, start + 2, start + PyBytes_GET_SIZE(encoded));
    }
    if (!values) {
        PyErr_Clear();
        return PyObject_CallOneArg(form->read_plainly, encoded);
    }
    if (form->parts_count != 1)
        return values;
    PyObject *only = Py_NewRef(PyTuple_GET_ITEM(values, 0));
    Py_DECREF(values);
    return only;
}

PyObject *keys_form(PyObject *table)
{
    PyObject *write = PyObject_GetAttr(table, name_encoded);
    Py_XDECREF(write); /* the table holds it */
    return !write || Py_IS_TYPE(write, &KeyForm_Type) ? write : Py_None;
}

int keys_fit(PyObject *form, PyObject *key)
{
    uint8_t buffer[WRITTEN_MAX];
    return Py_IS_TYPE(form, &KeyForm_Type) && put_key((struct key_form *)form, key, buffer) != 0;
}

PyObject *keys_encoded(PyObject *table, PyObject *key)
{
    PyObject *encoded, *write = PyObject_GetAttr(table, name_encoded);
    if (!write)
        return NULL;
    if (Py_IS_TYPE(write, &KeyForm_Type))
        encoded = written((struct key_form *)write, key);
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
    return written((struct key_form *)self, args[0]);
}

/* Read the forms and sizes of parts: ("text", 64) and so on. */
static int take_parts(struct key_form *form, PyObject *parts)
{
    form->parts_count = PyTuple_GET_SIZE(parts);
    if (form->parts_count > PARTS_MAX)
        goto wrong;
    for (Py_ssize_t i = 0; i < form->parts_count; i++) {
        const char *name;
        Py_ssize_t size;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(parts, i), "sn", &name, &size))
            return 0;
        enum kind known = strcmp(name, "text") == 0      ? TEXT
                          : strcmp(name, "integer") == 0 ? INTEGER
                                                         : FIXED;
        if (size < 1 || size > WRITTEN_MAX || (known == INTEGER && size > 8))
            goto wrong;
        form->parts[i] = (struct part){known, size};
    }
    return 1;
wrong:
    PyErr_SetString(PyExc_ValueError, "parts of a key that are not written here");
    return 0;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    static char *known[] = {"prefix", "parts", "write_plainly", "read_plainly", NULL};
    const char *prefix;
    Py_ssize_t length;
    PyObject *parts, *write_plainly, *read_plainly;
    if (!PyArg_ParseTupleAndKeywords(args, names, "y#O!OO", known, &prefix, &length, &PyTuple_Type,
                                     &parts, &write_plainly, &read_plainly))
        return NULL;
    if (length != 2)
        return PyErr_Format(PyExc_ValueError, "a table has two bytes, not %zd", length);
    struct key_form *form = (struct key_form *)type->tp_alloc(type, 0);
    if (!form)
        return NULL;
    form->vectorcall = call;
    form->write_plainly = Py_NewRef(write_plainly);
    form->read_plainly = Py_NewRef(read_plainly);
    memcpy(form->prefix, prefix, 2);
    if (!take_parts(form, parts))
        Py_CLEAR(form);
    return (PyObject *)form;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct key_form *)self)->write_plainly);
    Py_VISIT(((struct key_form *)self)->read_plainly);
    return 0;
}

static int clear(PyObject *self)
{
    Py_CLEAR(((struct key_form *)self)->write_plainly);
    Py_CLEAR(((struct key_form *)self)->read_plainly);
    for (int i = 0; i < PARTS_MAX; i++)
        Py_CLEAR(((struct key_form *)self)->last[i]);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef methods[] = {
    {"read", keys_read, METH_O, "read(encoded_key)\n--\n\nReturn the key that these bytes are."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject KeyForm_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.KeyForm",
    .tp_doc = "KeyForm(prefix, parts, write_plainly, read_plainly)\n--\n\n"
              "Writes keys of a table and reads them: parts are (form, size in bytes).\n\n"
              "Asks the last two for whatever it does not know, and for every refusal.",
    .tp_basicsize = sizeof(struct key_form),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_new = new,
    .tp_methods = methods,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(struct key_form, vectorcall),
};
