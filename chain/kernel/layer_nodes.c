#include "layer_nodes.h"

#include <string.h>

#define SELF ((const struct layer_nodes *)self)

PyObject *layer_nodes_new(size_t leaves)
{
    size_t room = 0;
    for (int depth = 0; depth <= TREE_DEPTH; depth++)
        room += leaves < (size_t)1 << depth ? leaves : (size_t)1 << depth;
    PyObject *made = LayerNodes_Type.tp_alloc(&LayerNodes_Type, 0);
    if (!made)
        return NULL;
    struct layer_nodes *nodes = (struct layer_nodes *)made;
    nodes->list = PyMem_Malloc(room * sizeof *nodes->list);
    if (!nodes->list) {
        Py_DECREF(made);
        return PyErr_NoMemory();
    }
    return made;
}

/* Places are as good as random, so that one is near where its part of the level is. */
const uint8_t *layer_nodes_find(PyObject *self, uint32_t place)
{
    if (place == 0 || place >= 2 * TREE_BUCKETS)
        return NULL;
    int depth = 31 - __builtin_clz(place);
    const struct tree_node *level = SELF->list + SELF->start[depth];
    size_t low = 0, high = SELF->width[depth], step = 1;
    size_t at = (size_t)(place - (1u << depth)) * high >> depth;
    while (low < high) {
        if (level[at].place == place)
            return level[at].hash;
        if (level[at].place < place) {
            low = at + 1;
            at += step;
        } else {
            high = at;
            at = at > step ? at - step : 0;
        }
        step *= 2;
        if (at < low || at >= high)
            at = low + (high - low) / 2;
    }
    return NULL;
}

void layer_nodes_put(PyObject *self, uint8_t *heap)
{
    size_t count = SELF->start[0] + SELF->width[0];
    for (size_t i = 0; i < count; i++)
        memcpy(heap + (size_t)SELF->list[i].place * HASH_BYTES, SELF->list[i].hash, HASH_BYTES);
}

static void dealloc(PyObject *self)
{
    PyMem_Free(SELF->list);
    Py_TYPE(self)->tp_free(self);
}

static Py_ssize_t length(PyObject *self)
{
    return (Py_ssize_t)(SELF->start[0] + SELF->width[0]);
}

/* Return the hash under a key, NULL for none; what is no place has none. */
static const uint8_t *under(PyObject *self, PyObject *key)
{
    int beyond = 0;
    long long place = PyLong_Check(key) ? PyLong_AsLongLongAndOverflow(key, &beyond) : -1;
    return beyond || place < 0 || place > UINT32_MAX ? NULL
                                                     : layer_nodes_find(self, (uint32_t)place);
}

static PyObject *hash_object(const uint8_t *hash)
{
    return PyBytes_FromStringAndSize((const char *)hash, HASH_BYTES);
}

static PyObject *subscript(PyObject *self, PyObject *key)
{
    const uint8_t *hash = under(self, key);
    if (hash)
        return hash_object(hash);
    PyErr_SetObject(PyExc_KeyError, key);
    return NULL;
}

static int contains(PyObject *self, PyObject *key)
{
    return under(self, key) != NULL;
}

static PyObject *get(PyObject *self, PyObject *key)
{
    const uint8_t *hash = under(self, key);
    return hash ? hash_object(hash) : Py_NewRef(Py_None);
}

static PyObject *items(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *all = PyList_New(length(self));
    for (Py_ssize_t i = 0; all && i < PyList_GET_SIZE(all); i++) {
        const struct tree_node *node = SELF->list + i;
        PyObject *pair = Py_BuildValue("Iy#", node->place, node->hash, (Py_ssize_t)HASH_BYTES);
        if (!pair)
            Py_CLEAR(all);
        else
            PyList_SET_ITEM(all, i, pair);
    }
    return all;
}

/* Return the numbers of the buckets, u16 each, and then their hashes. */
static PyObject *leaves(PyObject *self, PyObject *unused)
{
    (void)unused;
    size_t count = SELF->width[TREE_DEPTH];
    const struct tree_node *node = SELF->list + SELF->start[TREE_DEPTH];
    PyObject *all = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * (2 + HASH_BYTES)));
    if (!all)
        return NULL;
    uint8_t *number = (uint8_t *)PyBytes_AS_STRING(all), *hash = number + 2 * count;
    for (size_t i = 0; i < count; i++, node++, hash += HASH_BYTES) {
        *number++ = (uint8_t)(node->place >> 8); /* which is the bucket and 65,536 */
        *number++ = (uint8_t)node->place;
        memcpy(hash, node->hash, HASH_BYTES);
    }
    return all;
}

static PyMethodDef methods[] = {
    {"leaves", leaves, METH_NOARGS,
     "leaves()\n--\n\nReturn the numbers of all buckets, u16 each, and then their hashes."},
    {"get", get, METH_O, "get(place)\n--\n\nReturn the hash at a place, or None."},
    {"items", items, METH_NOARGS, "items()\n--\n\nReturn every place and its hash."},
    {NULL, NULL, 0, NULL},
};

static PyMappingMethods as_mapping = {.mp_length = length, .mp_subscript = subscript};
static PySequenceMethods as_sequence = {.sq_contains = contains};

PyTypeObject LayerNodes_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.LayerNodes",
    .tp_doc = "Hashes of a layer by heap place; made by derive_layer and seal.",
    .tp_basicsize = sizeof(struct layer_nodes),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = methods,
    .tp_as_mapping = &as_mapping,
    .tp_as_sequence = &as_sequence,
    .tp_dealloc = dealloc,
};
