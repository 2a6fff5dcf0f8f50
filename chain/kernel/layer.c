#include "layer.h"

#include <string.h>

enum { AHEAD = 8 };

static const uint8_t *bytes_of(PyObject *object)
{
    return (const uint8_t *)PyBytes_AS_STRING(object);
}

static int is_hash(PyObject *object)
{
    return PyBytes_CheckExact(object) && PyBytes_GET_SIZE(object) == HASH_BYTES;
}

static PyObject *hash_object(const uint8_t hash[HASH_BYTES])
{
    return PyBytes_FromStringAndSize((const char *)hash, HASH_BYTES);
}

/* A layer's buckets, or the nodes of one that Python made, are a dict by number. Return what it has,
 * borrowed; NULL where it has nothing, or with an exception. */
static PyObject *in_dict(PyObject *dict, uint32_t number)
{
    if (PyDict_GET_SIZE(dict) == 0)
        return NULL;
    PyObject *key = PyLong_FromUnsignedLong(number);
    PyObject *found = key ? PyDict_GetItemWithError(dict, key) : NULL;
    Py_XDECREF(key);
    return found;
}

static int is_layer(PyObject *pair)
{
    return PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2 &&
           PyDict_Check(PyTuple_GET_ITEM(pair, 0)) &&
           (Py_IS_TYPE(PyTuple_GET_ITEM(pair, 1), &LayerNodes_Type) ||
            PyDict_Check(PyTuple_GET_ITEM(pair, 1)));
}

int layer_below(struct below *below, PyObject *buckets, PyObject *nodes, PyObject *layers)
{
    int sound = PyList_Check(buckets) && PyList_GET_SIZE(buckets) == TREE_BUCKETS &&
                PyByteArray_Check(nodes) &&
                PyByteArray_GET_SIZE(nodes) == 2 * TREE_BUCKETS * HASH_BYTES &&
                PyTuple_Check(layers);
    for (Py_ssize_t i = 0; sound && i < PyTuple_GET_SIZE(layers); i++)
        sound = is_layer(PyTuple_GET_ITEM(layers, i));
    if (!sound) {
        PyErr_SetString(PyExc_TypeError, "buckets, nodes and layers of a tree expected");
        return 0;
    }
    *below = (struct below){buckets, layers, (const uint8_t *)PyByteArray_AS_STRING(nodes)};
    return 1;
}

/* Return the entries of a bucket as the topmost layer has them, borrowed; NULL with an exception. */
static PyObject *bucket_below(const struct below *below, uint32_t bucket)
{
    for (Py_ssize_t i = PyTuple_GET_SIZE(below->layers); i-- > 0;) {
        PyObject *found = in_dict(PyTuple_GET_ITEM(PyTuple_GET_ITEM(below->layers, i), 0), bucket);
        if (found || PyErr_Occurred())
            return found;
    }
    return PyList_GET_ITEM(below->buckets, bucket);
}

static const uint8_t *node_below(void *where, uint32_t place)
{
    const struct below *below = where;
    for (Py_ssize_t i = PyTuple_GET_SIZE(below->layers); i-- > 0;) {
        PyObject *nodes = PyTuple_GET_ITEM(PyTuple_GET_ITEM(below->layers, i), 1);
        if (Py_IS_TYPE(nodes, &LayerNodes_Type)) {
            const uint8_t *hash = layer_nodes_find(nodes, place);
            if (hash)
                return hash;
            continue;
        }
        PyObject *node = in_dict(nodes, place);
        if (node && is_hash(node))
            return bytes_of(node);
        if (node)
            PyErr_SetString(PyExc_ValueError, "a node of a layer is no hash");
        if (PyErr_Occurred())
            return NULL;
    }
    return below->nodes + (size_t)place * HASH_BYTES;
}

/* Make one bucket anew, with its hash as a leaf, at the latest with the next one. */
static int change_bucket(const struct below *below, const struct tree_change *changes, size_t count,
                         PyObject *buckets, struct tree_buckets *pair, struct tree_node *leaf,
                         const uint8_t **former)
{
    uint32_t bucket = (uint32_t)changes->key_hash[0] << 8 | changes->key_hash[1];
    PyObject *before = bucket_below(below, bucket);
    if (!before)
        return 0;
    if (!PyBytes_Check(before) || PyBytes_GET_SIZE(before) % TREE_ENTRY_BYTES != 0) {
        PyErr_SetString(PyExc_ValueError, "entries are bytes, 64 of them for each");
        return 0;
    }
    size_t held = (size_t)PyBytes_GET_SIZE(before) / TREE_ENTRY_BYTES;
    Py_ssize_t room = (Py_ssize_t)(held + count) * TREE_ENTRY_BYTES;
    PyObject *after = PyBytes_FromStringAndSize(NULL, room);
    if (!after)
        return 0;
    uint8_t *entries = (uint8_t *)PyBytes_AS_STRING(after);
    size_t made = tree_changed(bytes_of(before), held, changes, count, entries, former);
    Py_ssize_t size = (Py_ssize_t)made * TREE_ENTRY_BYTES;
    if (size != room && _PyBytes_Resize(&after, size) < 0)
        return 0;
    leaf->place = TREE_BUCKETS + bucket;
    int sound = tree_put_bucket(pair, bytes_of(after), made, leaf->hash);
    if (!sound)
        PyErr_SetString(PyExc_ValueError, "entries do not ascend by key hash");
    PyObject *number = sound ? PyLong_FromUnsignedLong(bucket) : NULL;
    sound = number && PyDict_SetItem(buckets, number, after) == 0;
    Py_XDECREF(number);
    Py_DECREF(after);
    return sound;
}

/* Store how many buckets changes are in. */
static size_t buckets_of(const struct tree_change *changes, size_t count)
{
    size_t width = 1;
    for (size_t i = 1; i < count; i++)
        width += memcmp(changes[i - 1].key_hash, changes[i].key_hash, 2) != 0;
    return width;
}

/* Ask memory for a bucket, and for what stands beside the way up from it, before they are read: they
 * lie anywhere. What a layer below has instead is not found sooner. */
static void ask_ahead(const struct below *below, const struct tree_change *change)
{
    uint32_t bucket = (uint32_t)change->key_hash[0] << 8 | change->key_hash[1];
    const char *entries = PyBytes_AS_STRING(PyList_GET_ITEM(below->buckets, bucket));
    for (int line = 0; line < 3; line++)
        __builtin_prefetch(entries + 64 * line);
    for (uint32_t place = TREE_BUCKETS + bucket; place >= TREE_BUCKETS / 32; place >>= 1)
        __builtin_prefetch(below->nodes + (size_t)(place ^ 1) * HASH_BYTES);
}

/* Make the buckets that changes are in, and what is above them. */
static int derive(const struct below *below, const struct tree_change *changes, size_t count,
                  PyObject *buckets, struct layer_nodes *nodes, const uint8_t **former)
{
    struct tree_node *level = nodes->list;
    struct tree_buckets pair = {.waiting = 0};
    size_t width = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count; next++)
            if (memcmp(changes[first].key_hash, changes[next].key_hash, 2) != 0)
                break;
        for (size_t i = first; i < next; i++)
            if (i + AHEAD < count)
                ask_ahead(below, changes + i + AHEAD);
        if (!change_bucket(below, changes + first, next - first, buckets, &pair, level + width++,
                           former ? former + first : NULL))
            return 0;
    }
    tree_put_last_bucket(&pair);
    for (int depth = TREE_DEPTH; depth >= 0; depth--) {
        nodes->start[depth] = (uint32_t)(level - nodes->list);
        nodes->width[depth] = (uint32_t)width;
        if (!depth)
            break;
        struct tree_node *above = level + width;
        width = tree_level_above(level, width, node_below, (void *)below, above);
        if (!width)
            return 0;
        level = above;
    }
    return 1;
}

PyObject *layer_derive(const struct below *below, const struct tree_change *changes, size_t count,
                       const uint8_t **former)
{
    PyObject *root = NULL, *buckets = PyDict_New();
    PyObject *nodes = layer_nodes_new(buckets_of(changes, count));
    struct layer_nodes *packed = (struct layer_nodes *)nodes;
    if (buckets && nodes && derive(below, changes, count, buckets, packed, former))
        root = hash_object(packed->list[packed->start[0]].hash);
    PyObject *answer = root ? PyTuple_Pack(3, buckets, nodes, root) : NULL;
    Py_XDECREF(buckets);
    Py_XDECREF(nodes);
    Py_XDECREF(root);
    return answer;
}

PyObject *layer_of_none(const struct below *below)
{
    const uint8_t *root = node_below((void *)below, 1);
    return root ? Py_BuildValue("{}{}y#", (const char *)root, (Py_ssize_t)HASH_BYTES) : NULL;
}

/* Read changes, (key hash, value hash or None), strictly ascending. */
static int take_changes(PyObject *listed, struct tree_change *changes)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(listed); i++) {
        PyObject *pair = PyList_GET_ITEM(listed, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2 ||
            !is_hash(PyTuple_GET_ITEM(pair, 0)))
            goto wrong;
        PyObject *value = PyTuple_GET_ITEM(pair, 1);
        if (value != Py_None && !is_hash(value))
            goto wrong;
        changes[i].key_hash = bytes_of(PyTuple_GET_ITEM(pair, 0));
        changes[i].value_hash = value == Py_None ? NULL : bytes_of(value);
        if (i && memcmp(changes[i - 1].key_hash, changes[i].key_hash, HASH_BYTES) >= 0)
            goto wrong;
    }
    return 1;
wrong:
    PyErr_SetString(PyExc_ValueError, "changes are pairs of hashes, ascending by key hash");
    return 0;
}

PyObject *layer_of_changes(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    struct below below;
    if (given != 4 || !PyList_Check(args[3]) || PyList_GET_SIZE(args[3]) == 0)
        return PyErr_Format(PyExc_TypeError, "buckets, nodes, layers and changes expected");
    if (!layer_below(&below, args[0], args[1], args[2]))
        return NULL;
    size_t count = (size_t)PyList_GET_SIZE(args[3]);
    struct tree_change *changes = PyMem_Malloc(count * sizeof *changes);
    if (!changes)
        return PyErr_NoMemory();
    PyObject *answer =
        take_changes(args[3], changes) ? layer_derive(&below, changes, count, NULL) : NULL;
    PyMem_Free(changes);
    return answer;
}

/* Return the place that a number is, below a bound; the bound for what is none. */
static size_t place_below(PyObject *number, size_t bound)
{
    size_t place = PyLong_CheckExact(number) ? PyLong_AsSize_t(number) : bound;
    if (PyErr_Occurred())
        PyErr_Clear();
    return place < bound ? place : bound;
}

static int is_sound(PyObject *buckets, PyObject *nodes)
{
    PyObject *number, *value;
    for (Py_ssize_t at = 0; PyDict_Next(buckets, &at, &number, &value);)
        if (place_below(number, TREE_BUCKETS) == TREE_BUCKETS || !PyBytes_CheckExact(value))
            return 0;
    if (Py_IS_TYPE(nodes, &LayerNodes_Type))
        return 1;
    if (!PyDict_CheckExact(nodes))
        return 0;
    for (Py_ssize_t at = 0; PyDict_Next(nodes, &at, &number, &value);)
        if (place_below(number, 2 * TREE_BUCKETS) == 2 * TREE_BUCKETS || !is_hash(value))
            return 0;
    return 1;
}

PyObject *layer_fold(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    struct below below;
    PyObject *none = PyTuple_New(0);
    int sound = none && given == 4 && layer_below(&below, args[0], args[1], none);
    Py_XDECREF(none);
    if (!sound || !PyDict_CheckExact(args[2]) || !is_sound(args[2], args[3]))
        return PyErr_Format(PyExc_TypeError, "a tree and a layer of it expected");
    PyObject *number, *value;
    for (Py_ssize_t at = 0; PyDict_Next(args[2], &at, &number, &value);)
        PyList_SetItem(args[0], (Py_ssize_t)PyLong_AsSize_t(number), Py_NewRef(value));
    uint8_t *heap = (uint8_t *)PyByteArray_AS_STRING(args[1]);
    if (Py_IS_TYPE(args[3], &LayerNodes_Type))
        layer_nodes_put(args[3], heap);
    else
        for (Py_ssize_t at = 0; PyDict_Next(args[3], &at, &number, &value);)
            memcpy(heap + PyLong_AsSize_t(number) * HASH_BYTES, bytes_of(value), HASH_BYTES);
    Py_RETURN_NONE;
}
