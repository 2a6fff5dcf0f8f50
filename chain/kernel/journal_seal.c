#include <stdlib.h>

#include "canonical.h"
#include "journal_rows.h"
#include "keys.h"
#include "sha256.h"

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
        struct shelf_place *at = shelf_find(&journal->data_at, journal->data, table);
        PyObject *data = at ? _PyDict_GetItem_KnownHash(at->rows, key, hash) : NULL;
        if (data)
            return Py_NewRef(data);
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

/* One change on its way into the order of key hashes. */
struct sealed {
    PyObject *change, *hashed;
    uint8_t key_hash[HASH_BYTES];
};

struct sealing {
    struct journal *journal;
    PyTypeObject *kind;
    PyObject *data;
    struct sealed *list;
    size_t count;
};

static int by_key_hash(const void *a, const void *b)
{
    return memcmp(((const struct sealed *)a)->key_hash, ((const struct sealed *)b)->key_hash,
                  HASH_BYTES);
}

static int same_bytes(PyObject *a, PyObject *b)
{
    if (a == Py_None || b == Py_None)
        return a == b;
    return PyBytes_GET_SIZE(a) == PyBytes_GET_SIZE(b) &&
           memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)PyBytes_GET_SIZE(a)) == 0;
}

static PyObject *hash_object(const uint8_t hash[HASH_BYTES])
{
    return PyBytes_FromStringAndSize((const char *)hash, HASH_BYTES);
}

/* Add a change from 'old' to 'new', which differ. */
static int add(struct sealing *all, PyObject *encoded, PyObject *old, PyObject *new)
{
    struct sealed *one = all->list + all->count;
    uint8_t value_hash[HASH_BYTES];
    PyObject *value = new == Py_None ? encoded : new; /* so that there are always two */
    const struct sha256_input inputs[] = {
        {(const uint8_t *)KEY_TAG, sizeof KEY_TAG - 1, (const uint8_t *)PyBytes_AS_STRING(encoded),
         (size_t)PyBytes_GET_SIZE(encoded), one->key_hash},
        {NULL, 0, (const uint8_t *)PyBytes_AS_STRING(value), (size_t)PyBytes_GET_SIZE(value),
         value_hash},
    };
    sha256_two(inputs);
    PyObject *key_object = hash_object(one->key_hash);
    PyObject *value_object = new == Py_None ? Py_NewRef(Py_None) : hash_object(value_hash);
    one->change = all->kind->tp_alloc(all->kind, 4);
    one->hashed = key_object && value_object ? PyTuple_Pack(2, key_object, value_object) : NULL;
    Py_XDECREF(value_object);
    if (!one->change || !one->hashed) {
        Py_CLEAR(one->change);
        Py_CLEAR(one->hashed);
        Py_XDECREF(key_object);
        return 0;
    }
    PyTuple_SET_ITEM(one->change, 0, key_object);
    PyTuple_SET_ITEM(one->change, 1, Py_NewRef(encoded));
    PyTuple_SET_ITEM(one->change, 2, Py_NewRef(old));
    PyTuple_SET_ITEM(one->change, 3, Py_NewRef(new));
    all->count++;
    return 1;
}

static int is_data(PyObject *data)
{
    if (data == Py_None || PyBytes_CheckExact(data))
        return 1;
    PyErr_SetString(PyExc_TypeError, "the bytes of a record are bytes");
    return 0;
}

static int seal_row(struct sealing *all, PyObject *known_of, PyObject *data_of, PyObject *table,
                    PyObject *key, Py_hash_t hash, PyObject *record)
{
    PyObject *known = known_of ? _PyDict_GetItem_KnownHash(known_of, key, hash) : NULL;
    if (PyErr_Occurred())
        return 0;
    Py_XINCREF(known);
    PyObject *made = journal_checked(known, table, key, record), *old = NULL;
    Py_XDECREF(known);
    if (!made)
        return 0;
    PyObject *encoded = PyTuple_GET_ITEM(made, 1), *new = PyTuple_GET_ITEM(made, 2);
    int sound = is_data(new) && is_data(encoded) && encoded != Py_None &&
                _PyDict_SetItem_KnownHash(data_of, key, new, hash) == 0 &&
                (old = encoded_under(all->journal->parent, table, key, hash)) && is_data(old);
    if (sound && !same_bytes(old, new))
        sound = add(all, encoded, old, new);
    Py_XDECREF(old);
    Py_DECREF(made);
    return sound;
}

static int seal_table(struct sealing *all, PyObject *table, PyObject *rows)
{
    PyObject *checked = all->journal->checked, *known_of = NULL, *data_of = PyDict_New();
    int sound = data_of && PyDict_SetItem(all->data, table, data_of) == 0;
    if (sound && checked && PyDict_CheckExact(checked))
        known_of = PyDict_GetItemWithError(checked, table);
    if (known_of && !PyDict_CheckExact(known_of))
        known_of = NULL;
    PyObject *key, *record;
    Py_ssize_t place = 0;
    Py_hash_t hash;
    while (sound && _PyDict_Next(rows, &place, &key, &record, &hash)) {
        Py_INCREF(key);
        Py_INCREF(record);
        sound = seal_row(all, known_of, data_of, table, key, hash, record);
        Py_DECREF(key);
        Py_DECREF(record);
    }
    Py_XDECREF(data_of);
    return sound && !PyErr_Occurred();
}

/* Return (changes, hashed) in the order of key hashes; takes over what the list holds. */
static PyObject *in_order(struct sealing *all)
{
    PyObject *changes = PyTuple_New((Py_ssize_t)all->count);
    PyObject *hashed = PyList_New((Py_ssize_t)all->count);
    if (changes && hashed) {
        qsort(all->list, all->count, sizeof *all->list, by_key_hash);
        for (size_t i = 0; i < all->count; i++) {
            PyTuple_SET_ITEM(changes, i, all->list[i].change);
            PyList_SET_ITEM(hashed, i, all->list[i].hashed);
        }
        all->count = 0;
    }
    PyObject *answer = changes && hashed ? PyTuple_Pack(2, changes, hashed) : NULL;
    Py_XDECREF(changes);
    Py_XDECREF(hashed);
    return answer;
}

PyObject *journal_seal(struct journal *journal, PyTypeObject *kind)
{
    if (!journal->changes || !PyDict_CheckExact(journal->changes) || !journal->parent ||
        !PyType_IsSubtype(kind, &PyTuple_Type))
        return PyErr_Format(PyExc_TypeError, "a journal with a parent and a tuple type expected");
    PyObject *table, *rows, *answer = NULL;
    size_t room = 0;
    for (Py_ssize_t place = 0; PyDict_Next(journal->changes, &place, &table, &rows);) {
        if (!PyDict_CheckExact(rows))
            return PyErr_Format(PyExc_TypeError, "rows are kept in a dict of dicts");
        room += (size_t)PyDict_GET_SIZE(rows);
    }
    struct sealing all = {journal, kind, PyDict_New(), PyMem_Calloc(room + 1, sizeof *all.list), 0};
    int sound = all.data && (all.list || PyErr_NoMemory());
    for (Py_ssize_t place = 0; sound && PyDict_Next(journal->changes, &place, &table, &rows);) {
        Py_INCREF(table);
        Py_INCREF(rows);
        sound = seal_table(&all, table, rows);
        Py_DECREF(table);
        Py_DECREF(rows);
    }
    if (sound)
        answer = in_order(&all);
    while (all.count) {
        Py_DECREF(all.list[--all.count].change);
        Py_DECREF(all.list[all.count].hashed);
    }
    if (answer) {
        Py_XSETREF(journal->data, Py_NewRef(all.data));
        if (journal->checked)
            PyDict_Clear(journal->checked);
        shelf_clear(&journal->checked_at);
        Py_CLEAR(journal->aside);
        journal_forget(journal);
    }
    Py_XDECREF(all.data);
    PyMem_Free(all.list);
    return answer;
}
