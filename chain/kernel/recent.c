#include "recent.h"

#include <stddef.h>
#include <stdlib.h>
#include <structmember.h>

#include "recent_keys.h"

/* A block: its row, and for each change the hash of its key and where in the row it begins. */
struct passed {
    PyObject *row;
    size_t count;
    uint32_t *starts;
    uint8_t *key_hashes;
};

struct recent {
    PyObject_HEAD
    unsigned long long settled_height;
    uint64_t last; /* number of the newest block, from 1 */
    struct passed *blocks;
    size_t first, count, room; /* blocks lie in places first to first + count of the room */
    size_t size_bytes;
    struct recent_keys keys;
};

#define SELF ((struct recent *)self)

enum { HEAD_BYTES = 5, ROW_BYTES_MAX = 0x7fffffff };

static uint64_t mixer;

int recent_prepare(void)
{
    PyObject *name = PyUnicode_FromString("places of recent keys");
    Py_hash_t hash = name ? PyObject_Hash(name) : -1; /* differs from process to process */
    Py_XDECREF(name);
    mixer = (uint64_t)hash * UINT64_C(0x9e3779b97f4a7c15) | 1;
    return hash != -1 && PyType_Ready(&Recent_Type) == 0;
}

static uint8_t *put_number(uint8_t *at, uint64_t number, int bytes)
{
    while (bytes--)
        *at++ = (uint8_t)(number >> 8 * bytes);
    return at;
}

/* Write bytes as canonical msgpack, nil for None; return where writing goes on. */
static uint8_t *put_data(uint8_t *at, PyObject *data)
{
    if (data == Py_None) {
        *at++ = 0xc0;
        return at;
    }
    size_t size = (size_t)PyBytes_GET_SIZE(data);
    int wide = size > 0xffff ? 2 : size > 0xff;
    *at++ = (uint8_t)(0xc4 + wide);
    at = put_number(at, size, 1 << wide);
    memcpy(at, PyBytes_AS_STRING(data), size);
    return at + size;
}

/* Read what 'put_data' wrote, new bytes or None; with a place of NULL pass over it. */
static const uint8_t *read_data(const uint8_t *at, PyObject **data)
{
    uint8_t kind = *at++;
    size_t size = 0;
    for (int bytes = kind == 0xc0 ? 0 : 1 << (kind - 0xc4); bytes; bytes--)
        size = size << 8 | *at++;
    if (data)
        *data = kind == 0xc0 ? Py_NewRef(Py_None)
                             : PyBytes_FromStringAndSize((const char *)at, (Py_ssize_t)size);
    return at + size;
}

static uint8_t *put_count(uint8_t *at, size_t count)
{
    if (count < 16) {
        *at++ = (uint8_t)(0x90 | count);
        return at;
    }
    *at++ = count > 0xffff ? 0xdd : 0xdc;
    return put_number(at, count, count > 0xffff ? 4 : 2);
}

/* Return the room that a change takes, or 0 with an exception for what is none. */
static size_t room_of(PyObject *change)
{
    size_t room = 1;
    int sound = PyTuple_Check(change) && PyTuple_GET_SIZE(change) == 4;
    for (Py_ssize_t i = 0; sound && i < 4; i++) {
        PyObject *part = PyTuple_GET_ITEM(change, i);
        int is_bytes = PyBytes_CheckExact(part);
        sound = is_bytes || (i > 1 && part == Py_None);
        if (i && is_bytes)
            room += (size_t)PyBytes_GET_SIZE(part);
        room += i ? HEAD_BYTES : 0;
    }
    if (sound && PyBytes_GET_SIZE(PyTuple_GET_ITEM(change, 0)) == HASH_BYTES)
        return room;
    PyErr_SetString(PyExc_TypeError, "a change is a key hash, a key, and bytes or None twice");
    return 0;
}

static void let_go(struct passed *block)
{
    Py_XDECREF(block->row);
    PyMem_Free(block->starts);
    PyMem_Free(block->key_hashes);
    *block = (struct passed){0};
}

/* Write the row of changes, and note where each of them begins. Return 1, or 0 with an exception. */
static int write_row(PyObject *changes, struct passed *block)
{
    size_t room = HEAD_BYTES;
    block->count = (size_t)PyTuple_GET_SIZE(changes);
    for (size_t i = 0; i < block->count; i++) {
        size_t more = room_of(PyTuple_GET_ITEM(changes, i));
        if (!more)
            return 0;
        room += more;
    }
    if (room > ROW_BYTES_MAX) {
        PyErr_SetString(PyExc_OverflowError, "a block changes less than 2 GiB");
        return 0;
    }
    block->row = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)room);
    block->starts = PyMem_New(uint32_t, block->count + 1);
    block->key_hashes = PyMem_Malloc(block->count * HASH_BYTES + 1);
    if (!block->row || !block->starts || !block->key_hashes) {
        PyErr_NoMemory();
        return 0;
    }
    uint8_t *begin = (uint8_t *)PyBytes_AS_STRING(block->row), *at = put_count(begin, block->count);
    for (size_t i = 0; i < block->count; i++) {
        PyObject *change = PyTuple_GET_ITEM(changes, (Py_ssize_t)i);
        memcpy(block->key_hashes + i * HASH_BYTES, PyBytes_AS_STRING(PyTuple_GET_ITEM(change, 0)),
               HASH_BYTES);
        block->starts[i] = (uint32_t)(at - begin);
        *at++ = 0x93;
        for (Py_ssize_t part = 1; part < 4; part++)
            at = put_data(at, PyTuple_GET_ITEM(change, part));
    }
    return _PyBytes_Resize(&block->row, at - begin) == 0;
}

/* Have room for one more block. Return 1, or 0 with an exception. */
static int make_room(struct recent *recent)
{
    if (recent->first + recent->count < recent->room)
        return 1;
    if (recent->first >= recent->room / 2 && recent->room) {
        memmove(recent->blocks, recent->blocks + recent->first,
                recent->count * sizeof *recent->blocks);
        recent->first = 0;
        return 1;
    }
    size_t room = recent->room ? 2 * recent->room : 64;
    struct passed *more = PyMem_Resize(recent->blocks, struct passed, room);
    if (!more) {
        PyErr_NoMemory();
        return 0;
    }
    recent->blocks = more;
    recent->room = room;
    return 1;
}

/* Take in a block, whose keys are known to have rows or not known at all. */
static PyObject *take_as(struct recent *recent, PyObject *changes, enum has_row known)
{
    if (!PyTuple_Check(changes))
        return PyErr_Format(PyExc_TypeError, "a tuple of changes expected");
    struct passed block = {0};
    if (!make_room(recent) || !write_row(changes, &block))
        goto failed;
    recent->last++;
    for (size_t i = 0; i < block.count; i++) {
        struct recent_key *key =
            recent_keys_made(&recent->keys, block.key_hashes + i * HASH_BYTES);
        if (!key) {
            PyErr_NoMemory();
            goto failed;
        }
        key->block = recent->last;
        if (known == PRESENT)
            key->has_row = known;
    }
    recent->blocks[recent->first + recent->count++] = block;
    recent->size_bytes += (size_t)PyBytes_GET_SIZE(block.row);
    return Py_NewRef(block.row);
failed:
    let_go(&block);
    return NULL;
}

static PyObject *take(PyObject *self, PyObject *changes)
{
    return take_as(SELF, changes, UNKNOWN);
}

static PyObject *take_again(PyObject *self, PyObject *changes)
{
    return take_as(SELF, changes, PRESENT);
}

/* Let a change be no longer recent; add it to what is settled if it is to be written. */
static int pass(struct recent *recent, const struct passed *block, size_t i, uint64_t number,
                PyObject *settled)
{
    const uint8_t *key_hash = block->key_hashes + i * HASH_BYTES;
    struct recent_key *key = recent_keys_find(&recent->keys, key_hash);
    if (!key) {
        PyErr_SetString(PyExc_RuntimeError, "a recent change whose key is not known");
        return -1;
    }
    const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(block->row) + block->starts[i] + 1;
    const uint8_t *old = read_data(at, NULL), *new = read_data(old, NULL);
    if (key->has_row == UNKNOWN)
        key->has_row = *old == 0xc0 ? ABSENT : PRESENT;
    if (key->block != number)
        return 0;
    int is_to_write = key->has_row == PRESENT || *new != 0xc0;
    recent_keys_drop(&recent->keys, key);
    if (!is_to_write)
        return 0;
    PyObject *encoded = NULL, *data = NULL;
    read_data(at, &encoded);
    read_data(new, &data);
    PyObject *row = encoded && data ? Py_BuildValue("y#OO", key_hash, (Py_ssize_t)HASH_BYTES,
                                                    encoded, data)
                                    : NULL;
    int answer = row ? PyList_Append(settled, row) : -1;
    Py_XDECREF(encoded);
    Py_XDECREF(data);
    Py_XDECREF(row);
    return answer;
}

static PyObject *settle(PyObject *self, PyObject *args)
{
    unsigned long long blocks_max, bytes_max;
    if (!PyArg_ParseTuple(args, "KK", &blocks_max, &bytes_max))
        return NULL;
    PyObject *settled = PyList_New(0);
    while (settled &&
           (SELF->count > blocks_max || (SELF->size_bytes > bytes_max && SELF->count > 1))) {
        struct passed *block = SELF->blocks + SELF->first;
        uint64_t number = SELF->last - SELF->count + 1;
        for (size_t i = 0; settled && i < block->count; i++)
            if (pass(SELF, block, i, number, settled) < 0)
                Py_CLEAR(settled);
        SELF->size_bytes -= (size_t)PyBytes_GET_SIZE(block->row);
        let_go(block);
        SELF->first++;
        SELF->count--;
        SELF->settled_height++;
    }
    return settled;
}

static int init(PyObject *self, PyObject *args, PyObject *names)
{
    static char *known[] = {"settled_height", NULL};
    return PyArg_ParseTupleAndKeywords(args, names, "K", known, &SELF->settled_height) ? 0 : -1;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *self = PyType_GenericNew(type, args, names);
    if (self)
        SELF->keys.mixer = mixer;
    return self;
}

static void dealloc(PyObject *self)
{
    for (size_t i = 0; i < SELF->count; i++)
        let_go(SELF->blocks + SELF->first + i);
    PyMem_Free(SELF->blocks);
    free(SELF->keys.places);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef methods[] = {
    {"take", take, METH_O, "take(changes)\n--\n\nTake in the next block, and return its row."},
    {"take_again", take_again, METH_O,
     "take_again(changes)\n--\n\nTake in a block from disk; any of its keys may have a row."},
    {"settle", settle, METH_VARARGS,
     "settle(blocks_max, bytes_max)\n--\n\n"
     "Let older blocks be recent no longer; return key hash, key and data of what is to write."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"settled_height", T_ULONGLONG, offsetof(struct recent, settled_height), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject Recent_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.Recent",
    .tp_doc = "Recent(settled_height)\n--\n\nAs chain.state.recent.PlainRecent.",
    .tp_basicsize = sizeof(struct recent),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = new,
    .tp_init = init,
    .tp_dealloc = dealloc,
    .tp_methods = methods,
    .tp_members = members,
};
