#include "commitment.h"

#include "tree.h"

static const uint8_t *bytes_of(PyObject *object)
{
    return (const uint8_t *)PyBytes_AS_STRING(object);
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
    struct tree_leaves both = {.waiting = 0};
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *leaf = PySequence_Fast_GET_ITEM(fast, i);
        if (!PyBytes_Check(leaf)) {
            PyErr_Format(PyExc_TypeError, "a leaf is bytes, not %s", Py_TYPE(leaf)->tp_name);
            goto done;
        }
        tree_put_leaf(&both, bytes_of(leaf), (size_t)PyBytes_GET_SIZE(leaf), hashes + i * HASH_BYTES);
    }
    tree_put_last_leaf(&both);
    if (count)
        tree_list_root(hashes, (size_t)count, out);
    root = hash_object(out);
done:
    PyMem_Free(hashes);
    Py_DECREF(fast);
    return root;
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
