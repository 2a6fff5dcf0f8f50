#include <stdlib.h>

#include "canonical.h"
#include "journal_rows.h"
#include "keys.h"
#include "layer.h"

static const char KEY_TAG[] = "NOVATION/key/1";

static PyObject *name_record_from, *name_encoded_of;

/* Return the name, made the first time. */
static PyObject *named(PyObject **name, const char *text)
{
    if (!*name)
        *name = PyUnicode_InternFromString(text);
    return *name;
}

/* Return what final rows hold, borrowed; NULL for nothing or with an exception. */
static PyObject *held(PyObject *self, PyObject *table, PyObject *key, Py_hash_t hash,
                      PyObject **rows)
{
    struct final_rows *final = (struct final_rows *)self;
    struct shelf_place *at = shelf_find(&final->rows_at, final->rows, table);
    *rows = at ? at->rows : NULL;
    if (at)
        return _PyDict_GetItem_KnownHash(at->rows, key, hash);
    if (!PyErr_Occurred())
        PyErr_SetObject(PyExc_KeyError, table);
    return NULL;
}

PyObject *final_get(PyObject *self, PyObject *table, PyObject *key, Py_hash_t hash)
{
    PyObject *rows, *record = held(self, table, key, hash, &rows);
    if (!record)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    if (!PyBytes_CheckExact(record))
        return Py_NewRef(record);
    if (!named(&name_record_from, "record_from"))
        return NULL;
    Py_INCREF(rows);
    Py_INCREF(record);
    PyObject *read = PyObject_CallMethodOneArg(table, name_record_from, record);
    if (read && _PyDict_SetItem_KnownHash(rows, key, read, hash) < 0)
        Py_CLEAR(read);
    Py_DECREF(record);
    Py_DECREF(rows);
    return read;
}

static PyObject *final_encoded(PyObject *self, PyObject *table, PyObject *key, Py_hash_t hash)
{
    PyObject *rows, *record = held(self, table, key, hash, &rows);
    if (!record)
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    if (PyBytes_CheckExact(record))
        return Py_NewRef(record);
    Py_INCREF(record);
    PyObject *data = canonical_encode(record);
    Py_DECREF(record);
    return data;
}

/* Return the bytes of the record under a key whose hash is known. */
static PyObject *encoded_under(PyObject *view, PyObject *table, PyObject *key, Py_hash_t hash)
{
    while (PyObject_TypeCheck(view, &Journal_Type)) {
        struct journal *journal = (struct journal *)view;
        struct shelf_place *at = shelf_find(&journal->changes_at, journal->changes, table);
        PyObject *record = at ? _PyDict_GetItem_KnownHash(at->rows, key, hash) : NULL;
        if (record) {
            Py_INCREF(record);
            PyObject *data = record == Py_None ? Py_NewRef(Py_None) : canonical_encode(record);
            Py_DECREF(record);
            return data;
        }
        if (PyErr_Occurred())
            return NULL;
        view = journal->parent;
        if (!view)
            return PyErr_Format(PyExc_RuntimeError, "a journal without a parent");
    }
    if (PyObject_TypeCheck(view, &FinalRows_Type))
        return final_encoded(view, table, key, hash);
    if (!named(&name_encoded_of, "encoded_of"))
        return NULL;
    return PyObject_CallMethodObjArgs(view, name_encoded_of, table, key, NULL);
}

PyObject *journal_encoded_of(PyObject *view, PyObject *table, PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    return hash == -1 ? NULL : encoded_under(view, table, key, hash);
}

/* One key whose bytes changed. */
struct sealed {
    uint64_t first;   /* bytes of the key hash, as a number in its order */
    PyObject *change; /* a tuple: key hash, encoded key, old and new bytes */
    uint8_t value_hash[HASH_BYTES];
};

struct sealing {
    struct journal *journal;
    PyTypeObject *kind;
    struct sealed *list;
    size_t count;
};

static const uint8_t *bytes_of(PyObject *object)
{
    return (const uint8_t *)PyBytes_AS_STRING(object);
}

static PyObject *part(const struct sealed *one, int place)
{
    return PyTuple_GET_ITEM(one->change, place);
}

static int by_key_hash(const void *a, const void *b)
{
    uint64_t one = ((const struct sealed *)a)->first, other = ((const struct sealed *)b)->first;
    if (one != other)
        return one < other ? -1 : 1;
    return memcmp(bytes_of(part(a, 0)), bytes_of(part(b, 0)), HASH_BYTES);
}

static int same_bytes(PyObject *a, PyObject *b)
{
    if (a == Py_None || b == Py_None)
        return a == b;
    return PyBytes_GET_SIZE(a) == PyBytes_GET_SIZE(b) &&
           memcmp(bytes_of(a), bytes_of(b), (size_t)PyBytes_GET_SIZE(a)) == 0;
}

/* Add a change from 'old' to 'new', which differ. */
static int add(struct sealing *all, PyObject *encoded, PyObject *old, PyObject *new)
{
    struct sealed *one = all->list + all->count;
    PyObject *value = new == Py_None ? encoded : new; /* so that there are always two */
    PyObject *key_hash = PyBytes_FromStringAndSize(NULL, HASH_BYTES);
    one->change = key_hash ? all->kind->tp_alloc(all->kind, 4) : NULL;
    if (!one->change) {
        Py_XDECREF(key_hash);
        return 0;
    }
    const struct sha256_input inputs[] = {
        {(const uint8_t *)KEY_TAG, sizeof KEY_TAG - 1, bytes_of(encoded),
         (size_t)PyBytes_GET_SIZE(encoded), (uint8_t *)PyBytes_AS_STRING(key_hash)},
        {NULL, 0, bytes_of(value), (size_t)PyBytes_GET_SIZE(value), one->value_hash},
    };
    sha256_two(inputs);
    memcpy(&one->first, bytes_of(key_hash), sizeof one->first);
    one->first = __builtin_bswap64(one->first);
    PyTuple_SET_ITEM(one->change, 0, key_hash);
    PyTuple_SET_ITEM(one->change, 1, Py_NewRef(encoded));
    PyTuple_SET_ITEM(one->change, 2, Py_NewRef(old));
    PyTuple_SET_ITEM(one->change, 3, Py_NewRef(new));
    all->count++;
    return 1;
}

static int is_data(PyObject *data)
{
    if (data && (data == Py_None || PyBytes_CheckExact(data)))
        return 1;
    if (data)
        PyErr_SetString(PyExc_TypeError, "the bytes of a record are bytes");
    return 0;
}

static int seal_row(struct sealing *all, PyObject *met, PyObject *table, PyObject *key,
                    Py_hash_t hash, PyObject *record)
{
    PyObject *encoded = met ? _PyDict_GetItem_KnownHash(met, key, hash) : NULL;
    if (PyErr_Occurred())
        return 0;
    encoded = encoded ? Py_NewRef(encoded) : keys_encoded(table, key);
    PyObject *old = NULL, *new = NULL;
    int sound = is_data(encoded) && encoded != Py_None;
    if (sound) {
        new = record == Py_None ? Py_NewRef(Py_None) : canonical_encode_bounded(NULL, record);
        sound = is_data(new) &&
                is_data(old = encoded_under(all->journal->parent, table, key, hash)) &&
                (same_bytes(old, new) || add(all, encoded, old, new));
    }
    Py_XDECREF(old);
    Py_XDECREF(new);
    Py_XDECREF(encoded);
    return sound;
}

static int seal_table(struct sealing *all, PyObject *table, PyObject *rows)
{
    PyObject *met = all->journal->met, *key, *record;
    met = met && PyDict_CheckExact(met) ? PyDict_GetItemWithError(met, table) : NULL;
    if (met && !PyDict_CheckExact(met))
        met = NULL;
    Py_ssize_t place = 0;
    Py_hash_t hash;
    int sound = !PyErr_Occurred();
    while (sound && _PyDict_Next(rows, &place, &key, &record, &hash)) {
        Py_INCREF(key);
        Py_INCREF(record);
        sound = seal_row(all, met, table, key, hash, record);
        Py_DECREF(key);
        Py_DECREF(record);
    }
    return sound;
}

/* Make every change, in the order of key hashes. */
static int seal_tables(struct sealing *all)
{
    PyObject *table, *rows;
    size_t room = 0;
    for (Py_ssize_t place = 0; PyDict_Next(all->journal->changes, &place, &table, &rows);) {
        if (!PyDict_CheckExact(rows)) {
            PyErr_SetString(PyExc_TypeError, "rows are kept in a dict of dicts");
            return 0;
        }
        room += (size_t)PyDict_GET_SIZE(rows);
    }
    all->list = PyMem_Malloc((room + 1) * sizeof *all->list);
    if (!all->list) {
        PyErr_NoMemory();
        return 0;
    }
    int sound = 1;
    for (Py_ssize_t place = 0; sound && PyDict_Next(all->journal->changes, &place, &table, &rows);) {
        Py_INCREF(table);
        Py_INCREF(rows);
        sound = seal_table(all, table, rows);
        Py_DECREF(table);
        Py_DECREF(rows);
    }
    if (sound)
        qsort(all->list, all->count, sizeof *all->list, by_key_hash);
    return sound;
}

/* Return every change as an entry of a layer: key hash, and new value hash or zeros. */
static PyObject *packed_changes(const struct sealing *all)
{
    PyObject *packed = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(all->count * TREE_ENTRY_BYTES));
    uint8_t *entry = packed ? (uint8_t *)PyBytes_AS_STRING(packed) : NULL;
    for (size_t i = 0; packed && i < all->count; i++, entry += TREE_ENTRY_BYTES) {
        const struct sealed *one = all->list + i;
        memcpy(entry, bytes_of(part(one, 0)), HASH_BYTES);
        if (part(one, 3) == Py_None)
            memset(entry + HASH_BYTES, 0, HASH_BYTES);
        else
            memcpy(entry + HASH_BYTES, one->value_hash, HASH_BYTES);
    }
    return packed;
}

/* Store the root over key hash, old and new value hash of every change. */
static int root_of_changes(const struct sealing *all, const uint8_t *changes, const uint8_t *former,
                           uint8_t root[HASH_BYTES])
{
    enum { LEAF_BYTES = 3 * HASH_BYTES };
    uint8_t leaf[2][LEAF_BYTES], *hashes = PyMem_Malloc(all->count * HASH_BYTES);
    if (!hashes) {
        PyErr_NoMemory();
        return 0;
    }
    struct tree_leaves both = {.waiting = 0};
    for (size_t i = 0; i < all->count; i++, changes += TREE_ENTRY_BYTES, former += HASH_BYTES) {
        uint8_t *to = leaf[i & 1];
        PyObject *old = part(all->list + i, 2);
        memcpy(to, changes, HASH_BYTES);
        memset(to + HASH_BYTES, 0, HASH_BYTES);
        if (old != Py_None && !tree_is_none(former))
            memcpy(to + HASH_BYTES, former, HASH_BYTES);
        else if (old != Py_None) /* the tree is of other rows than these */
            sha256_of(bytes_of(old), (size_t)PyBytes_GET_SIZE(old), to + HASH_BYTES);
        memcpy(to + 2 * HASH_BYTES, changes + HASH_BYTES, HASH_BYTES);
        tree_put_leaf(&both, to, LEAF_BYTES, hashes + i * HASH_BYTES);
    }
    tree_put_last_leaf(&both);
    tree_list_root(hashes, all->count, root);
    PyMem_Free(hashes);
    return 1;
}

/* Return nodes and root over packed changes, and store the root of the changes. */
static PyObject *layer_of(const struct sealing *all, const struct below *below,
                          const uint8_t *changes, uint8_t root[HASH_BYTES])
{
    if (!all->count)
        return layer_of_none(below);
    uint8_t *former = PyMem_Malloc(all->count * HASH_BYTES);
    if (!former)
        return PyErr_NoMemory();
    PyObject *layer = layer_derive(below, changes, all->count, former);
    if (layer && !root_of_changes(all, changes, former, root))
        Py_CLEAR(layer);
    PyMem_Free(former);
    return layer;
}

/* Return the answer, and take over the changes. */
static PyObject *sealed_of(struct sealing *all, const struct below *below)
{
    uint8_t root[HASH_BYTES] = {0};
    PyObject *changes = PyTuple_New((Py_ssize_t)all->count), *packed = packed_changes(all),
             *layer = NULL, *answer = NULL;
    if (changes && packed)
        layer = layer_of(all, below, bytes_of(packed), root);
    if (layer)
        answer = Py_BuildValue("OOOOy#", changes, packed, PyTuple_GET_ITEM(layer, 0),
                               PyTuple_GET_ITEM(layer, 1), (const char *)root,
                               (Py_ssize_t)HASH_BYTES);
    for (size_t i = 0; answer && i < all->count; i++)
        PyTuple_SET_ITEM(changes, (Py_ssize_t)i, all->list[i].change);
    if (answer)
        all->count = 0;
    Py_XDECREF(packed);
    Py_XDECREF(layer);
    Py_XDECREF(changes);
    return answer;
}

PyObject *journal_seal(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    struct below below;
    if (given != 5 || !PyObject_TypeCheck(args[0], &Journal_Type) || !PyType_Check(args[1]) ||
        !PyType_IsSubtype((PyTypeObject *)args[1], &PyTuple_Type))
        return PyErr_Format(PyExc_TypeError, "a journal, a tuple type and a tree expected");
    struct journal *journal = (struct journal *)args[0];
    if (!journal->changes || !PyDict_CheckExact(journal->changes) || !journal->parent)
        return PyErr_Format(PyExc_TypeError, "a journal with changes and a parent expected");
    if (!layer_below(&below, args[2], args[3], args[4]))
        return NULL;
    struct sealing all = {journal, (PyTypeObject *)args[1], NULL, 0};
    PyObject *answer = seal_tables(&all) ? sealed_of(&all, &below) : NULL;
    while (all.count)
        Py_DECREF(all.list[--all.count].change);
    PyMem_Free(all.list);
    if (answer) {
        Py_CLEAR(journal->aside);
        journal_forget(journal);
    }
    return answer;
}
