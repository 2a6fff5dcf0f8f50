#include "commitment.h"

#include "tree.h"

static const uint8_t *bytes_of(PyObject *object)
{
    return (const uint8_t *)PyBytes_AS_STRING(object);
}

static uint8_t *room_of(PyObject *bytes)
{
    return (uint8_t *)PyBytes_AS_STRING(bytes);
}

static int is_hash(PyObject *object)
{
    return PyBytes_CheckExact(object) && PyBytes_GET_SIZE(object) == HASH_BYTES;
}

static PyObject *hash_object(const uint8_t hash[HASH_BYTES])
{
    return PyBytes_FromStringAndSize((const char *)hash, HASH_BYTES);
}

PyObject *commitment_hash(PyObject *module, PyObject *const *parts, Py_ssize_t count)
{
    (void)module;
    struct sha256 hash;
    uint8_t out[HASH_BYTES];
    sha256_begin(&hash);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (PyBytes_CheckExact(parts[i])) {
            sha256_add(&hash, bytes_of(parts[i]), (size_t)PyBytes_GET_SIZE(parts[i]));
            continue;
        }
        Py_buffer buffer;
        if (PyObject_GetBuffer(parts[i], &buffer, PyBUF_SIMPLE) < 0)
            return NULL;
        sha256_add(&hash, buffer.buf, (size_t)buffer.len);
        PyBuffer_Release(&buffer);
    }
    sha256_end(&hash, out);
    return hash_object(out);
}

/* Leaves that are hashed two at a time: one may wait for the next. */
struct leaves {
    struct sha256_input inputs[2];
    int waiting;
};

static void put_leaf(struct leaves *both, const uint8_t *data, size_t length, uint8_t *out)
{
    static const uint8_t mark = 0;
    both->inputs[both->waiting] = (struct sha256_input){&mark, 1, data, length, out};
    if (both->waiting)
        sha256_two(both->inputs);
    both->waiting ^= 1;
}

/* Hash the one that waits, if any does. */
static void put_last_leaf(struct leaves *both)
{
    const struct sha256_input *last = both->inputs;
    if (both->waiting)
        sha256_under(0, last->data, last->length, last->out);
}

PyObject *commitment_merkle_root(PyObject *module, PyObject *leaves)
{
    (void)module;
    PyObject *fast = PySequence_Fast(leaves, "leaves are a sequence of bytes"), *root = NULL;
    if (!fast)
        return NULL;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    uint8_t out[HASH_BYTES] = {0}, *hashes = PyMem_Malloc((size_t)count * HASH_BYTES + 1);
    if (!hashes) {
        PyErr_NoMemory();
        goto done;
    }
    struct leaves both = {.waiting = 0};
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *leaf = PySequence_Fast_GET_ITEM(fast, i);
        if (!PyBytes_Check(leaf)) {
            PyErr_Format(PyExc_TypeError, "a leaf is bytes, not %s", Py_TYPE(leaf)->tp_name);
            goto done;
        }
        put_leaf(&both, bytes_of(leaf), (size_t)PyBytes_GET_SIZE(leaf), hashes + i * HASH_BYTES);
    }
    put_last_leaf(&both);
    if (count)
        tree_list_root(hashes, (size_t)count, out);
    root = hash_object(out);
done:
    PyMem_Free(hashes);
    Py_DECREF(fast);
    return root;
}

enum { CHANGE_LEAF_BYTES = 3 * HASH_BYTES };

/* Store the leaf of one change: key hash, encoded key, old and new value or None. */
static int put_change(PyObject *change, uint8_t leaf[CHANGE_LEAF_BYTES])
{
    if (!PyTuple_Check(change) || PyTuple_GET_SIZE(change) != 4 ||
        !is_hash(PyTuple_GET_ITEM(change, 0)))
        return 0;
    memcpy(leaf, bytes_of(PyTuple_GET_ITEM(change, 0)), HASH_BYTES);
    memset(leaf + HASH_BYTES, 0, 2 * HASH_BYTES);
    struct sha256_input values[2];
    int count = 0;
    for (int i = 1; i < 3; i++) {
        PyObject *value = PyTuple_GET_ITEM(change, i + 1);
        if (value == Py_None)
            continue;
        if (!PyBytes_Check(value))
            return 0;
        values[count++] = (struct sha256_input){NULL, 0, bytes_of(value),
                                                (size_t)PyBytes_GET_SIZE(value),
                                                leaf + i * HASH_BYTES};
    }
    if (count == 2)
        sha256_two(values);
    else if (count == 1)
        sha256_of(values->data, values->length, values->out);
    return 1;
}

PyObject *commitment_changes_root(PyObject *module, PyObject *changes)
{
    (void)module;
    if (!PyTuple_Check(changes))
        return PyErr_Format(PyExc_TypeError, "changes are a tuple");
    Py_ssize_t count = PyTuple_GET_SIZE(changes);
    uint8_t out[HASH_BYTES] = {0}, *hashes = PyMem_Malloc((size_t)count * HASH_BYTES + 1);
    if (!hashes)
        return PyErr_NoMemory();
    uint8_t leaf[2][CHANGE_LEAF_BYTES];
    struct leaves both = {.waiting = 0};
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!put_change(PyTuple_GET_ITEM(changes, i), leaf[i & 1])) {
            PyMem_Free(hashes);
            return PyErr_Format(PyExc_TypeError, "change %zd is of another form", i);
        }
        put_leaf(&both, leaf[i & 1], CHANGE_LEAF_BYTES, hashes + i * HASH_BYTES);
    }
    put_last_leaf(&both);
    if (count)
        tree_list_root(hashes, (size_t)count, out);
    PyMem_Free(hashes);
    return hash_object(out);
}

/* Return how many entries some bytes are, or -1 with an exception set. */
static Py_ssize_t entries_count(PyObject *entries)
{
    if (PyBytes_Check(entries) && PyBytes_GET_SIZE(entries) % TREE_ENTRY_BYTES == 0)
        return PyBytes_GET_SIZE(entries) / TREE_ENTRY_BYTES;
    PyErr_SetString(PyExc_ValueError, "entries are bytes, 64 of them for each");
    return -1;
}

static int put_bucket_hash(const uint8_t *entries, size_t count, unsigned depth, uint8_t *out)
{
    if (tree_bucket_hash(entries, count, depth, out))
        return 1;
    PyErr_SetString(PyExc_ValueError, "entries do not ascend by key hash");
    return 0;
}

PyObject *commitment_bucket_hash(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    uint8_t out[HASH_BYTES];
    long depth = TREE_BUCKET_NIBBLES;
    if (count < 1 || count > 2)
        return PyErr_Format(PyExc_TypeError, "entries and a depth expected");
    if (count == 2 && (depth = PyLong_AsLong(args[1])) == -1 && PyErr_Occurred())
        return NULL;
    Py_ssize_t entries = entries_count(args[0]);
    if (entries < 0)
        return NULL;
    if (depth < 0)
        return PyErr_Format(PyExc_ValueError, "a depth of %ld nibbles", depth);
    if (!put_bucket_hash(bytes_of(args[0]), (size_t)entries, (unsigned)depth, out))
        return NULL;
    return hash_object(out);
}

/* What a layer is derived over, borrowed: the whole tree, and layers as pairs of dicts. */
struct below {
    PyObject *buckets, *layers;
    const uint8_t *nodes;
};

/* Return what the topmost layer has under a number, borrowed; NULL where none has, or with an
 * exception set. 'part' is 0 for buckets and 1 for nodes. */
static PyObject *in_layers(const struct below *below, int part, uint32_t number)
{
    Py_ssize_t count = PyTuple_GET_SIZE(below->layers);
    if (count == 0)
        return NULL;
    PyObject *found = NULL, *key = PyLong_FromUnsignedLong(number);
    if (!key)
        return NULL;
    while (!found && count-- && !PyErr_Occurred())
        found = PyDict_GetItemWithError(
            PyTuple_GET_ITEM(PyTuple_GET_ITEM(below->layers, count), part), key);
    Py_DECREF(key);
    return found;
}

static const uint8_t *node_below(void *where, uint32_t place)
{
    const struct below *below = where;
    PyObject *node = in_layers(below, 1, place);
    if (!node)
        return PyErr_Occurred() ? NULL : below->nodes + (size_t)place * HASH_BYTES;
    if (is_hash(node))
        return bytes_of(node);
    PyErr_SetString(PyExc_ValueError, "a node of a layer is no hash");
    return NULL;
}

static int put(PyObject *dict, uint32_t number, PyObject *value)
{
    PyObject *key = value ? PyLong_FromUnsignedLong(number) : NULL;
    int answer = key ? PyDict_SetItem(dict, key, value) : -1;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return answer == 0;
}

/* Make one bucket anew, with its hash as a leaf. */
static int change_bucket(const struct below *below, const struct tree_change *changes, size_t count,
                         PyObject *buckets, struct tree_node *leaf)
{
    uint32_t bucket = (uint32_t)changes->key_hash[0] << 8 | changes->key_hash[1];
    PyObject *before = in_layers(below, 0, bucket);
    if (!before && PyErr_Occurred())
        return 0;
    if (!before)
        before = PyList_GET_ITEM(below->buckets, bucket);
    Py_ssize_t held = entries_count(before);
    if (held < 0)
        return 0;
    Py_ssize_t room = (held + (Py_ssize_t)count) * TREE_ENTRY_BYTES;
    PyObject *after = PyBytes_FromStringAndSize(NULL, room);
    if (!after)
        return 0;
    size_t made = tree_changed(bytes_of(before), (size_t)held, changes, count, room_of(after));
    Py_ssize_t size = (Py_ssize_t)made * TREE_ENTRY_BYTES;
    if (size != room && _PyBytes_Resize(&after, size) < 0)
        return 0;
    leaf->place = TREE_BUCKETS + bucket;
    if (!put_bucket_hash(bytes_of(after), made, TREE_BUCKET_NIBBLES, leaf->hash)) {
        Py_DECREF(after);
        return 0;
    }
    return put(buckets, bucket, after);
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

static int put_nodes(PyObject *nodes, const struct tree_node *level, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!put(nodes, level[i].place, hash_object(level[i].hash)))
            return 0;
    return 1;
}

/* Add buckets and nodes that 'count' > 0 changes make, and return the root; NULL on failure. */
static PyObject *derive(struct below *below, const struct tree_change *changes, size_t count,
                        PyObject *buckets, PyObject *nodes)
{
    PyObject *root = NULL;
    struct tree_node *both = PyMem_Malloc(2 * count * sizeof *both);
    if (!both)
        return PyErr_NoMemory();
    struct tree_node *level = both, *above = both + count;
    size_t width = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count; next++)
            if (memcmp(changes[first].key_hash, changes[next].key_hash, 2) != 0)
                break;
        if (!change_bucket(below, changes + first, next - first, buckets, level + width++))
            goto done;
    }
    while (put_nodes(nodes, level, width) && level->place != 1) {
        width = tree_level_above(level, width, node_below, below, above);
        if (!width)
            goto done;
        struct tree_node *other = level;
        level = above;
        above = other;
    }
    if (!PyErr_Occurred())
        root = hash_object(level->hash);
done:
    PyMem_Free(both);
    return root;
}

static int layers_are_sound(PyObject *layers)
{
    if (!PyTuple_Check(layers))
        return 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(layers); i++) {
        PyObject *pair = PyTuple_GET_ITEM(layers, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2 ||
            !PyDict_Check(PyTuple_GET_ITEM(pair, 0)) || !PyDict_Check(PyTuple_GET_ITEM(pair, 1)))
            return 0;
    }
    return 1;
}

/* Return the place that a number is, below a bound; the bound for what is none. */
static size_t place_below(PyObject *number, size_t bound)
{
    size_t place = PyLong_CheckExact(number) ? PyLong_AsSize_t(number) : bound;
    if (PyErr_Occurred())
        PyErr_Clear();
    return place < bound ? place : bound;
}

static int layer_is_sound(PyObject *buckets, PyObject *nodes)
{
    PyObject *number, *value;
    for (Py_ssize_t at = 0; PyDict_Next(buckets, &at, &number, &value);)
        if (place_below(number, TREE_BUCKETS) == TREE_BUCKETS || !PyBytes_CheckExact(value))
            return 0;
    for (Py_ssize_t at = 0; PyDict_Next(nodes, &at, &number, &value);)
        if (place_below(number, 2 * TREE_BUCKETS) == 2 * TREE_BUCKETS || !is_hash(value))
            return 0;
    return 1;
}

PyObject *commitment_fold(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    if (given != 4 || !PyList_Check(args[0]) || PyList_GET_SIZE(args[0]) != TREE_BUCKETS ||
        !PyByteArray_Check(args[1]) ||
        PyByteArray_GET_SIZE(args[1]) != 2 * TREE_BUCKETS * HASH_BYTES ||
        !PyDict_CheckExact(args[2]) || !PyDict_CheckExact(args[3]) ||
        !layer_is_sound(args[2], args[3]))
        return PyErr_Format(PyExc_TypeError, "a tree and a layer of it expected");
    PyObject *number, *value;
    for (Py_ssize_t at = 0; PyDict_Next(args[2], &at, &number, &value);)
        PyList_SetItem(args[0], (Py_ssize_t)PyLong_AsSize_t(number), Py_NewRef(value));
    char *heap = PyByteArray_AS_STRING(args[1]);
    for (Py_ssize_t at = 0; PyDict_Next(args[3], &at, &number, &value);)
        memcpy(heap + PyLong_AsSize_t(number) * HASH_BYTES, bytes_of(value), HASH_BYTES);
    Py_RETURN_NONE;
}

PyObject *commitment_derive_layer(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    if (given != 4 || !PyList_Check(args[0]) || PyList_GET_SIZE(args[0]) != TREE_BUCKETS ||
        !PyByteArray_Check(args[1]) ||
        PyByteArray_GET_SIZE(args[1]) != 2 * TREE_BUCKETS * HASH_BYTES ||
        !layers_are_sound(args[2]) || !PyList_Check(args[3]) || PyList_GET_SIZE(args[3]) == 0)
        return PyErr_Format(PyExc_TypeError, "buckets, nodes, layers and changes expected");
    struct below below = {args[0], args[2], (const uint8_t *)PyByteArray_AS_STRING(args[1])};
    size_t count = (size_t)PyList_GET_SIZE(args[3]);
    PyObject *root = NULL, *buckets = PyDict_New(), *nodes = PyDict_New();
    struct tree_change *changes = PyMem_Malloc(count * sizeof *changes);
    if (!changes)
        PyErr_NoMemory();
    if (changes && buckets && nodes && take_changes(args[3], changes))
        root = derive(&below, changes, count, buckets, nodes);
    PyMem_Free(changes);
    PyObject *answer = root ? PyTuple_Pack(3, buckets, nodes, root) : NULL;
    Py_XDECREF(buckets);
    Py_XDECREF(nodes);
    Py_XDECREF(root);
    return answer;
}

/* Cut ascending entries into 65,536 buckets, and store their hashes at 'leaves'. */
static PyObject *cut(const uint8_t *entries, size_t count, uint8_t *leaves)
{
    PyObject *buckets = PyList_New(TREE_BUCKETS);
    size_t start = 0;
    for (uint32_t bucket = 0; buckets && bucket < TREE_BUCKETS; bucket++) {
        const uint8_t *first = entries + start * TREE_ENTRY_BYTES, *at = first;
        while (start < count && ((uint32_t)at[0] << 8 | at[1]) == bucket) {
            start++;
            at += TREE_ENTRY_BYTES;
        }
        PyObject *cut = PyBytes_FromStringAndSize((const char *)first, at - first);
        if (!cut) {
            Py_CLEAR(buckets);
            break;
        }
        PyList_SET_ITEM(buckets, bucket, cut);
        if (!put_bucket_hash(first, (size_t)(at - first) / TREE_ENTRY_BYTES, TREE_BUCKET_NIBBLES,
                             leaves + (size_t)bucket * HASH_BYTES))
            Py_CLEAR(buckets);
    }
    if (buckets && start != count) {
        PyErr_SetString(PyExc_ValueError, "entries do not ascend by key hash");
        Py_CLEAR(buckets);
    }
    return buckets;
}

PyObject *commitment_filled(PyObject *module, PyObject *entries)
{
    (void)module;
    Py_ssize_t count = entries_count(entries);
    if (count < 0)
        return NULL;
    PyObject *nodes = PyByteArray_FromStringAndSize(NULL, 2 * TREE_BUCKETS * HASH_BYTES);
    if (!nodes)
        return NULL;
    uint8_t *heap = (uint8_t *)PyByteArray_AS_STRING(nodes);
    PyObject *buckets = cut(bytes_of(entries), (size_t)count, heap + TREE_BUCKETS * HASH_BYTES);
    PyObject *answer = NULL;
    if (buckets) {
        tree_fill(heap);
        answer = PyTuple_Pack(2, buckets, nodes);
        Py_DECREF(buckets);
    }
    Py_DECREF(nodes);
    return answer;
}
