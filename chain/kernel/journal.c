#include "journal.h"

#include "canonical.h"
#include "journal_rows.h"
#include "keys.h"

static PyObject *name_value, *name_ordered, *name_order_key, *name_get, *name_name;

/* Return the rows of a table, borrowed, or NULL: with an exception, or because there are none. */
static PyObject *rows_of(PyObject *dict, PyObject *table)
{
    if (!dict || !PyDict_CheckExact(dict)) {
        PyErr_SetString(PyExc_TypeError, "rows are kept in a dict of dicts");
        return NULL;
    }
    PyObject *rows = PyDict_GetItemWithError(dict, table);
    if (!rows || PyDict_CheckExact(rows))
        return rows;
    PyErr_SetString(PyExc_TypeError, "rows are kept in a dict of dicts");
    return NULL;
}

/* Return the rows of a table, borrowed, made if there are none; NULL with an exception. */
static PyObject *rows_made(PyObject *dict, PyObject *table)
{
    PyObject *rows = rows_of(dict, table);
    if (rows || PyErr_Occurred())
        return rows;
    rows = PyDict_New();
    if (!rows || PyDict_SetItem(dict, table, rows) < 0) {
        Py_XDECREF(rows);
        return NULL;
    }
    Py_DECREF(rows); /* the dict holds it */
    return rows;
}

PyObject *journal_get(PyObject *state, PyObject *table, PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1)
        return NULL;
    while (PyObject_TypeCheck(state, &Journal_Type)) {
        struct journal *journal = (struct journal *)state;
        PyObject *rows = rows_of(journal->changes, table);
        PyObject *record = rows ? _PyDict_GetItem_KnownHash(rows, key, hash) : NULL;
        if (record)
            return Py_NewRef(record);
        if (PyErr_Occurred())
            return NULL;
        state = journal->parent;
        if (!state)
            return PyErr_Format(PyExc_RuntimeError, "a journal without a parent");
    }
    if (PyObject_TypeCheck(state, &FinalRows_Type))
        return final_get(state, table, key, hash);
    return PyObject_CallMethodObjArgs(state, name_get, table, key, NULL);
}

/* Add what was there to the journal; takes no references. Return 0, or -1 without memory. */
static int note(struct journal *journal, PyObject *table, PyObject *key, PyObject *former)
{
    if (journal->count == journal->room) {
        Py_ssize_t room = journal->room ? 2 * journal->room : 32;
        struct entry *entries = PyMem_Resize(journal->entries, struct entry, room);
        if (!entries) {
            PyErr_NoMemory();
            return -1;
        }
        journal->entries = entries;
        journal->room = room;
    }
    journal->entries[journal->count++] =
        (struct entry){Py_NewRef(table), Py_NewRef(key), Py_XNewRef(former)};
    return 0;
}

static int is_ordered(PyObject *table)
{
    PyObject *ordered = PyObject_GetAttr(table, name_ordered);
    int answer = ordered ? PyObject_IsTrue(ordered) : -1;
    Py_XDECREF(ordered);
    return answer;
}

static int change(struct journal *journal, PyObject *table, PyObject *key, PyObject *record)
{
    if (journal->is_fixed) {
        PyErr_SetString(PyExc_AssertionError, "a sealed overlay is as fixed as its block");
        return -1;
    }
    PyObject *rows = rows_made(journal->changes, table);
    Py_hash_t hash = rows ? PyObject_Hash(key) : -1;
    if (hash == -1)
        return -1;
    Py_INCREF(rows); /* what is asked of Python below may do anything */
    int answer = -1;
    PyObject *former = _PyDict_GetItem_KnownHash(rows, key, hash);
    if (!former && PyErr_Occurred())
        goto done;
    int ordered = former ? 0 : is_ordered(table);
    if (ordered < 0)
        goto done;
    if (ordered) { /* first, so that a key of the wrong form changes nothing */
        PyObject *met =
            PyObject_CallMethodObjArgs((PyObject *)journal, name_order_key, table, key, NULL);
        Py_XDECREF(met);
        if (!met)
            goto done;
    }
    if (note(journal, table, key, former) < 0)
        goto done;
    answer = PyDict_SetItem(rows, key, record);
    if (answer == 0 && journal->memory && PyDict_GET_SIZE(journal->memory))
        PyDict_Clear(journal->memory);
done:
    Py_DECREF(rows);
    return answer;
}

int journal_put(PyObject *journal, PyObject *table, PyObject *key, PyObject *record)
{
    if (!record)
        return change((struct journal *)journal, table, key, Py_None);
    PyObject *kind = PyObject_GetAttr(table, name_value);
    if (!kind)
        return -1;
    Py_DECREF(kind); /* the table holds it */
    if (kind == (PyObject *)Py_TYPE(record))
        return change((struct journal *)journal, table, key, record);
    PyObject *name = PyObject_GetAttr(table, name_name);
    PyObject *kind_name = name ? PyObject_GetAttrString(kind, "__name__") : NULL;
    if (kind_name)
        PyErr_Format(PyExc_TypeError, "%S holds %S, not %R", name, kind_name, record);
    Py_XDECREF(kind_name);
    Py_XDECREF(name);
    return -1;
}

Py_ssize_t journal_mark(PyObject *journal)
{
    return ((struct journal *)journal)->count;
}

static void drop(struct entry *entry)
{
    Py_DECREF(entry->table);
    Py_DECREF(entry->key);
    Py_XDECREF(entry->former);
}

int journal_rollback(PyObject *self, Py_ssize_t mark)
{
    struct journal *journal = (struct journal *)self;
    if (mark < 0) {
        PyErr_SetString(PyExc_ValueError, "a mark is a place in the journal");
        return -1;
    }
    if (journal->memory)
        PyDict_Clear(journal->memory);
    while (journal->count > mark) {
        struct entry entry = journal->entries[--journal->count];
        PyObject *rows = rows_of(journal->changes, entry.table);
        int answer = -1;
        if (rows)
            answer = entry.former ? PyDict_SetItem(rows, entry.key, entry.former)
                                  : PyDict_DelItem(rows, entry.key);
        drop(&entry);
        if (answer < 0)
            return -1;
    }
    return 0;
}

/* Return what is known of a key, (record, encoded key, data), borrowed, if it is of this form. */
static PyObject *known_of(PyObject *checked, PyObject *key)
{
    PyObject *known = PyDict_GetItemWithError(checked, key);
    if (!known || (PyTuple_CheckExact(known) && PyTuple_GET_SIZE(known) == 3))
        return known;
    PyErr_SetString(PyExc_TypeError, "what was checked is a tuple of three");
    return NULL;
}

/* Return (record, encoded key, data) of a key, a new reference: the known one where it is of this
 * very record. */
PyObject *journal_checked(PyObject *known, PyObject *table, PyObject *key, PyObject *record)
{
    if (known && PyTuple_GET_ITEM(known, 0) == record)
        return Py_NewRef(known);
    PyObject *answer = NULL, *data = NULL;
    PyObject *encoded = known ? Py_NewRef(PyTuple_GET_ITEM(known, 1)) : keys_encoded(table, key);
    if (encoded)
        data = record == Py_None ? Py_NewRef(Py_None) : canonical_encode_bounded(NULL, record);
    if (data)
        answer = PyTuple_Pack(3, record, encoded, data);
    Py_XDECREF(encoded);
    Py_XDECREF(data);
    return answer;
}

static int check_entry(struct journal *journal, PyObject *table, PyObject *key)
{
    PyObject *rows = rows_of(journal->changes, table), *checked = NULL, *made = NULL;
    PyObject *record = rows ? PyDict_GetItemWithError(rows, key) : NULL;
    if (!record && !PyErr_Occurred())
        PyErr_SetObject(PyExc_KeyError, key);
    if (!record)
        return -1;
    Py_INCREF(record);
    checked = rows_made(journal->checked, table);
    if (checked) {
        Py_INCREF(checked);
        PyObject *known = known_of(checked, key);
        if (known || !PyErr_Occurred()) {
            Py_XINCREF(known);
            made = journal_checked(known, table, key, record);
            if (made && made != known && PyDict_SetItem(checked, key, made) < 0)
                Py_CLEAR(made);
            Py_XDECREF(known);
        }
        Py_DECREF(checked);
    }
    Py_DECREF(record);
    Py_XDECREF(made);
    return made ? 0 : -1;
}

int journal_check_since(struct journal *journal, Py_ssize_t mark)
{
    for (Py_ssize_t i = mark < 0 ? 0 : mark; i < journal->count; i++) {
        PyObject *table = Py_NewRef(journal->entries[i].table);
        PyObject *key = Py_NewRef(journal->entries[i].key);
        int answer = check_entry(journal, table, key);
        Py_DECREF(table);
        Py_DECREF(key);
        if (answer < 0)
            return -1;
    }
    return 0;
}

void journal_forget(struct journal *journal)
{
    while (journal->count)
        drop(&journal->entries[--journal->count]);
    PyMem_Free(journal->entries);
    journal->entries = NULL;
    journal->room = 0;
}

static int is_journal(PyObject *state)
{
    return PyObject_TypeCheck(state, &Journal_Type);
}

static const struct journal_calls CALLS = {
    JOURNAL_REVISION, is_journal, journal_get, journal_put, journal_mark, journal_rollback,
};

int journal_prepare(PyObject *module)
{
    name_value = PyUnicode_InternFromString("value");
    name_ordered = PyUnicode_InternFromString("ordered");
    name_order_key = PyUnicode_InternFromString("order_key");
    name_get = PyUnicode_InternFromString("get");
    name_name = PyUnicode_InternFromString("name");
    if (!name_value || !name_ordered || !name_order_key || !name_get || !name_name)
        return 0;
    if (PyModule_AddType(module, &Journal_Type) < 0 || PyModule_AddType(module, &FinalRows_Type) < 0)
        return 0;
    PyObject *capsule = PyCapsule_New((void *)&CALLS, JOURNAL_CAPSULE, NULL);
    if (capsule && PyModule_AddObject(module, "journal_calls", capsule) == 0)
        return 1;
    Py_XDECREF(capsule);
    return 0;
}
