#include <string.h>

#include "canonical.h"
#include "frame_parts.h"

enum { NUMBER_BYTES_MAX = 9, HASH_BYTES = 32 };

/* Write an integer that is not negative in its shortest form; return the place behind it. */
static char *put_number(char *to, uint64_t value)
{
    int size = value < 0x80 ? 0 : value <= UINT8_MAX ? 1 : value <= UINT16_MAX ? 2
               : value <= UINT32_MAX                 ? 4
                                                     : 8;
    static const uint8_t headers[] = {0, 0xcc, 0xcd, 0, 0xce, 0, 0, 0, 0xcf};
    if (!size) {
        *to++ = (char)value;
        return to;
    }
    *to++ = (char)headers[size];
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        *to++ = (char)(value >> shift);
    return to;
}

/* Write the header of an array; return the place behind it. */
static char *put_array(char *to, size_t count)
{
    int size = count < 16 ? 0 : count <= UINT16_MAX ? 2 : 4;
    *to++ = (char)(size == 0 ? 0x90 | count : size == 2 ? 0xdc : 0xdd);
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        *to++ = (char)(count >> shift);
    return to;
}

/* Make room for so many bytes more of what is told. */
static int make_room(struct frame *frame, size_t size)
{
    if (frame->told_room - frame->told_bytes >= size)
        return 1;
    size_t room = 2 * (frame->told_room + size);
    char *told = PyMem_Realloc(frame->told, room);
    if (!told) {
        PyErr_NoMemory();
        return 0;
    }
    frame->told = told;
    frame->told_room = room;
    return 1;
}

/* Write an event behind those that were told before. */
static int write_event(struct frame *frame, PyObject *module, PyObject *number, PyObject *data)
{
    int64_t module_number, event_number;
    if (read_number(module, &module_number) != DONE || module_number < 0 ||
        read_number(number, &event_number) != DONE || event_number < 0 ||
        !PyBytes_CheckExact(data)) {
        PyErr_SetString(PyExc_TypeError, "an event has two numbers and bytes");
        return 0;
    }
    size_t size = (size_t)PyBytes_GET_SIZE(data);
    if (!make_room(frame, 1 + 2 * NUMBER_BYTES_MAX + size))
        return 0;
    char *to = put_array(frame->told + frame->told_bytes, 3);
    to = put_number(put_number(to, (uint64_t)module_number), (uint64_t)event_number);
    memcpy(to, PyBytes_AS_STRING(data), size);
    frame->told_bytes = (size_t)(to - frame->told) + size;
    return 1;
}

/* Write what an event's receipt says of it. */
static int write_emitted(struct frame *frame, PyObject *event)
{
    PyObject *type = (PyObject *)Py_TYPE(event);
    PyObject *number_of = PyDict_GetItemWithError(frame->numbers, type);
    if (!number_of || !PyTuple_CheckExact(number_of) || PyTuple_GET_SIZE(number_of) != 2) {
        if (!PyErr_Occurred())
            PyErr_SetObject(PyExc_KeyError, type);
        return 0;
    }
    PyObject *data = canonical_encode_bounded(NULL, event);
    int written = data && write_event(frame, PyTuple_GET_ITEM(number_of, 0),
                                      PyTuple_GET_ITEM(number_of, 1), data);
    Py_XDECREF(data);
    return written;
}

/* Write events as receipts hold them, and return how many they are; -1 with an exception. */
static Py_ssize_t write_all(struct frame *frame, PyObject *events)
{
    PyObject *told = PySequence_Tuple(events);
    Py_ssize_t count = told ? PyTuple_GET_SIZE(told) : -1;
    frame->told_bytes = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (!write_emitted(frame, PyTuple_GET_ITEM(told, i)))
            count = -1;
    Py_XDECREF(told);
    return count;
}

/* Return the bytes of a receipt with the events that were written, or NULL with an exception. */
static PyObject *receipt_bytes(struct frame *frame, PyObject *id, uint64_t index, uint64_t kind,
                               size_t count)
{
    char head[3 + HASH_BYTES + 2 * NUMBER_BYTES_MAX + 2 + 5], *to = head;
    to = put_array(to, 7);
    *to++ = (char)0xc4;
    *to++ = HASH_BYTES;
    memcpy(to, PyBytes_AS_STRING(id), HASH_BYTES);
    to = put_number(put_number(to + HASH_BYTES, index), kind);
    to = put_number(to, 0);               /* code: applied */
    to = put_array(put_array(to, 0), count); /* no facts, and the events */
    size_t size = (size_t)(to - head);
    PyObject *whole =
        PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(size + frame->told_bytes + 1));
    if (whole) {
        memcpy(PyBytes_AS_STRING(whole), head, size);
        if (frame->told_bytes)
            memcpy(PyBytes_AS_STRING(whole) + size, frame->told, frame->told_bytes);
        PyBytes_AS_STRING(whole)[size + frame->told_bytes] = 0; /* no fee */
    }
    return whole;
}

PyObject *frame_receipt(struct frame *frame, PyObject *transaction, PyObject *events)
{
    int64_t kind;
    PyObject *id = field(transaction, TRANSACTION, TRANSACTION_ID);
    PyObject *kind_object =
        field(field(transaction, TRANSACTION, TRANSACTION_BODY), BODY, BODY_KIND);
    if (read_number(kind_object, &kind) != DONE || kind < 0 || !PyBytes_CheckExact(id) ||
        PyBytes_GET_SIZE(id) != HASH_BYTES)
        return PyErr_Format(PyExc_TypeError, "a transaction has an id and a kind");
    Py_ssize_t count = write_all(frame, events), place = PyList_GET_SIZE(frame->encoded_receipts);
    return count < 0 ? NULL : receipt_bytes(frame, id, (uint64_t)place, (uint64_t)kind, (size_t)count);
}
