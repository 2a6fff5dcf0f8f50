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

/* The nodes of a layer that Python made are a dict by place. Return what it has, borrowed; NULL where
 * it has nothing, or with an exception. */
static PyObject *in_dict(PyObject *dict, uint32_t number)
{
    if (PyDict_GET_SIZE(dict) == 0)
        return NULL;
    PyObject *key = PyLong_FromUnsignedLong(number);
    PyObject *found = key ? PyDict_GetItemWithError(dict, key) : NULL;
    Py_XDECREF(key);
    return found;
}

/* Return how many entries some bytes are, or -1 for what are none; no exception is set. */
static Py_ssize_t entries_in(PyObject *entries)
{
    if (!PyBytes_CheckExact(entries) || PyBytes_GET_SIZE(entries) % TREE_ENTRY_BYTES != 0)
        return -1;
    return PyBytes_GET_SIZE(entries) / TREE_ENTRY_BYTES;
}

static int is_layer(PyObject *pair)
{
    return PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2 &&
           entries_in(PyTuple_GET_ITEM(pair, 0)) >= 0 &&
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

static uint32_t bucket_of(const uint8_t *key_hash)
{
    return (uint32_t)key_hash[0] << 8 | key_hash[1];
}

/* Return how many changes, of those from the first on, are in its bucket. */
static size_t in_one_bucket(const uint8_t *changes, size_t count)
{
    size_t found = 1;
    while (found < count && memcmp(changes, changes + found * TREE_ENTRY_BYTES, 2) == 0)
        found++;
    return found;
}

/* Memory that grows to what is asked of it. */
struct room {
    uint8_t *bytes;
    size_t size;
};

/* Return memory for so many entries, or NULL with an exception. What was in it is lost. */
static uint8_t *room_for(struct room *room, size_t entries)
{
    if (room->size < entries * TREE_ENTRY_BYTES) {
        PyMem_Free(room->bytes);
        room->size = 2 * entries * TREE_ENTRY_BYTES;
        room->bytes = PyMem_Malloc(room->size);
        if (!room->bytes) {
            room->size = 0;
            PyErr_NoMemory();
        }
    }
    return room->bytes;
}

/* A bucket is made where it is hashed: two may wait for that, and two are for what layers make. */
struct making {
    const struct below *below;
    struct tree_buckets pair;
    struct room made[2], layered[2];
};

/* Return the entries of a bucket with what every layer changes in it, and store how many they are.
 * NULL with an exception. */
static const uint8_t *entries_below(struct making *making, const uint8_t *key_hash, size_t *count)
{
    PyObject *bucket = PyList_GET_ITEM(making->below->buckets, bucket_of(key_hash));
    Py_ssize_t held = entries_in(bucket);
    if (held < 0) {
        PyErr_SetString(PyExc_ValueError, "entries are bytes, 64 of them for each");
        return NULL;
    }
    const uint8_t *entries = bytes_of(bucket), first[HASH_BYTES] = {key_hash[0], key_hash[1]};
    PyObject *layers = making->below->layers;
    *count = (size_t)held;
    for (Py_ssize_t i = 0, side = 0; i < PyTuple_GET_SIZE(layers); i++) {
        PyObject *changed = PyTuple_GET_ITEM(PyTuple_GET_ITEM(layers, i), 0);
        size_t all = (size_t)entries_in(changed), start = tree_place_of(bytes_of(changed), all, first);
        const uint8_t *changes = bytes_of(changed) + start * TREE_ENTRY_BYTES;
        if (start == all || memcmp(changes, first, 2) != 0)
            continue;
        size_t here = in_one_bucket(changes, all - start);
        uint8_t *out = room_for(making->layered + side, *count + here);
        if (!out)
            return NULL;
        *count = tree_changed(entries, *count, changes, here, out, NULL);
        entries = out;
        side ^= 1;
    }
    return entries;
}

/* Make one bucket anew, with its hash as a leaf, at the latest with the next one. */
static int change_bucket(struct making *making, const uint8_t *changes, size_t count,
                         struct tree_node *leaf, uint8_t *former)
{
    size_t held;
    const uint8_t *before = entries_below(making, changes, &held);
    uint8_t *after = before ? room_for(making->made + making->pair.waiting, held + count) : NULL;
    if (!after)
        return 0;
    size_t made = tree_changed(before, held, changes, count, after, former);
    leaf->place = TREE_BUCKETS + bucket_of(changes);
    if (tree_put_bucket(&making->pair, after, made, leaf->hash))
        return 1;
    PyErr_SetString(PyExc_ValueError, "entries do not ascend by key hash");
    return 0;
}

/* Return how many buckets changes are in. */
static size_t buckets_of(const uint8_t *changes, size_t count)
{
    size_t width = 0;
    for (size_t first = 0; first < count; width++)
        first += in_one_bucket(changes + first * TREE_ENTRY_BYTES, count - first);
    return width;
}

/* Ask memory for a bucket, and for what stands beside the way up from it, before they are read: they
 * lie anywhere. */
static void ask_ahead(const struct below *below, const uint8_t *key_hash)
{
    uint32_t bucket = bucket_of(key_hash);
    const char *entries = PyBytes_AS_STRING(PyList_GET_ITEM(below->buckets, bucket));
    for (int line = 0; line < 3; line++)
        __builtin_prefetch(entries + 64 * line);
    for (uint32_t place = TREE_BUCKETS + bucket; place >= TREE_BUCKETS / 32; place >>= 1)
        __builtin_prefetch(below->nodes + (size_t)(place ^ 1) * HASH_BYTES);
}

/* Make the leaves of the buckets that changes are in, and return how many they are; 0 with an
 * exception. */
static size_t make_leaves(struct making *making, const uint8_t *changes, size_t count,
                          struct tree_node *leaves, uint8_t *former)
{
    size_t width = 0;
    for (size_t first = 0, here; first < count; first += here) {
        here = in_one_bucket(changes + first * TREE_ENTRY_BYTES, count - first);
        for (size_t i = first + AHEAD; i < first + here + AHEAD && i < count; i++)
            ask_ahead(making->below, changes + i * TREE_ENTRY_BYTES);
        if (!change_bucket(making, changes + first * TREE_ENTRY_BYTES, here, leaves + width++,
                           former ? former + first * HASH_BYTES : NULL))
            return 0;
    }
    tree_put_last_bucket(&making->pair);
    return width;
}

/* Make what is above changed buckets, and them. */
static int derive(const struct below *below, const uint8_t *changes, size_t count,
                  struct layer_nodes *nodes, uint8_t *former)
{
    struct making making = {.below = below};
    struct tree_node *level = nodes->list;
    size_t width = make_leaves(&making, changes, count, level, former);
    for (int i = 0; i < 2; i++) {
        PyMem_Free(making.made[i].bytes);
        PyMem_Free(making.layered[i].bytes);
    }
    for (int depth = TREE_DEPTH; width && depth >= 0; depth--) {
        nodes->start[depth] = (uint32_t)(level - nodes->list);
        nodes->width[depth] = (uint32_t)width;
        if (!depth)
            break;
        struct tree_node *above = level + width;
        width = tree_level_above(level, width, node_below, (void *)below, above);
        level = above;
    }
    return width > 0;
}

PyObject *layer_derive(const struct below *below, const uint8_t *changes, size_t count,
                       uint8_t *former)
{
    PyObject *nodes = layer_nodes_new(buckets_of(changes, count)), *answer = NULL;
    struct layer_nodes *packed = (struct layer_nodes *)nodes;
    if (nodes && derive(below, changes, count, packed, former))
        answer = Py_BuildValue("Oy#", nodes, (const char *)packed->list[packed->start[0]].hash,
                               (Py_ssize_t)HASH_BYTES);
    Py_XDECREF(nodes);
    return answer;
}

PyObject *layer_of_none(const struct below *below)
{
    const uint8_t *root = node_below((void *)below, 1);
    return root ? Py_BuildValue("{}y#", (const char *)root, (Py_ssize_t)HASH_BYTES) : NULL;
}

static int ascend(const uint8_t *entries, size_t count)
{
    for (size_t i = 1; i < count; i++, entries += TREE_ENTRY_BYTES)
        if (memcmp(entries, entries + TREE_ENTRY_BYTES, HASH_BYTES) >= 0)
            return 0;
    return 1;
}

PyObject *layer_of_changes(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    struct below below;
    if (given != 4 || entries_in(args[3]) <= 0)
        return PyErr_Format(PyExc_TypeError, "buckets, nodes, layers and changes expected");
    if (!layer_below(&below, args[0], args[1], args[2]))
        return NULL;
    size_t count = (size_t)entries_in(args[3]);
    if (!ascend(bytes_of(args[3]), count))
        return PyErr_Format(PyExc_ValueError, "changes do not ascend by key hash");
    return layer_derive(&below, bytes_of(args[3]), count, NULL);
}

/* Return the place that a number is, below a bound; the bound for what is none. */
static size_t place_below(PyObject *number, size_t bound)
{
    size_t place = PyLong_CheckExact(number) ? PyLong_AsSize_t(number) : bound;
    if (PyErr_Occurred())
        PyErr_Clear();
    return place < bound ? place : bound;
}

static int is_sound(PyObject *changes, PyObject *nodes)
{
    PyObject *number, *value;
    if (entries_in(changes) < 0 || !ascend(bytes_of(changes), (size_t)entries_in(changes)))
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

/* Put another value hash where it stands in a bucket that nobody else has. Return 0, with nothing
 * changed, where it is not as simple. Nobody asks bytes of a bucket for their hash in Python. */
static int put_in_place(PyObject *bucket, size_t held, const uint8_t *change)
{
    if (Py_REFCNT(bucket) != 1 || tree_is_none(change + HASH_BYTES))
        return 0;
    size_t place = tree_place_of(bytes_of(bucket), held, change);
    uint8_t *entry = (uint8_t *)PyBytes_AS_STRING(bucket) + place * TREE_ENTRY_BYTES;
    if (place == held || memcmp(entry, change, HASH_BYTES) != 0)
        return 0;
    memcpy(entry + HASH_BYTES, change + HASH_BYTES, HASH_BYTES);
    return 1;
}

/* Change one bucket of the tree. */
static int fold_bucket(PyObject *buckets, const uint8_t *changes, size_t count)
{
    uint32_t number = bucket_of(changes);
    PyObject *before = PyList_GET_ITEM(buckets, number);
    Py_ssize_t held = entries_in(before);
    if (held < 0) {
        PyErr_SetString(PyExc_ValueError, "entries are bytes, 64 of them for each");
        return 0;
    }
    if (count == 1 && put_in_place(before, (size_t)held, changes))
        return 1;
    Py_ssize_t room = (held + (Py_ssize_t)count) * TREE_ENTRY_BYTES;
    PyObject *after = PyBytes_FromStringAndSize(NULL, room);
    if (!after)
        return 0;
    Py_ssize_t size = TREE_ENTRY_BYTES *
                      (Py_ssize_t)tree_changed(bytes_of(before), (size_t)held, changes, count,
                                               (uint8_t *)PyBytes_AS_STRING(after), NULL);
    if (size != room && _PyBytes_Resize(&after, size) < 0)
        return 0;
    return PyList_SetItem(buckets, (Py_ssize_t)number, after) == 0;
}

PyObject *layer_fold(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    struct below below;
    PyObject *none = PyTuple_New(0);
    int sound = none && given == 4 && layer_below(&below, args[0], args[1], none);
    Py_XDECREF(none);
    if (!sound || !is_sound(args[2], args[3]))
        return PyErr_Format(PyExc_TypeError, "a tree and a layer of it expected");
    const uint8_t *changes = bytes_of(args[2]);
    size_t count = (size_t)entries_in(args[2]);
    for (size_t first = 0, here; first < count; first += here) {
        const uint8_t *change = changes + first * TREE_ENTRY_BYTES;
        here = in_one_bucket(change, count - first);
        if (!fold_bucket(args[0], change, here))
            return NULL;
    }
    uint8_t *heap = (uint8_t *)PyByteArray_AS_STRING(args[1]);
    PyObject *number, *value;
    if (Py_IS_TYPE(args[3], &LayerNodes_Type))
        layer_nodes_put(args[3], heap);
    else
        for (Py_ssize_t at = 0; PyDict_Next(args[3], &at, &number, &value);)
            memcpy(heap + PyLong_AsSize_t(number) * HASH_BYTES, bytes_of(value), HASH_BYTES);
    Py_RETURN_NONE;
}
