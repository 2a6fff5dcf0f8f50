#include "journal.h"

#include "canonical.h"
#include "journal_rows.h"
#include "keys.h"

static PyObject *name_value, *name_ordered, *name_order_key, *name_get, *name_name;

PyObject *journal_get(PyObject *state, PyObject *table, PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1)
        return NULL;
    while (PyObject_TypeCheck(state, &Journal_Type)) {
        struct journal *journal = (struct journal *)state;
        struct shelf_place *at = shelf_find(&journal->changes_at, journal->changes, table);
        PyObject *record = at ? _PyDict_GetItem_KnownHash(at->rows, key, hash) : NULL;
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
static int note(struct journal *journal, PyObject *table, PyObject *key, PyObject *former,
                Py_hash_t hash)
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
        (struct entry){Py_NewRef(table), Py_NewRef(key), Py_XNewRef(former), hash};
    return 0;
}

/* Let the place of a table know what its records are, and whether it is ordered. */
static int learn(struct shelf_place *at)
{
    PyObject *ordered = PyObject_GetAttr(at->table, name_ordered);
    at->is_ordered = ordered ? PyObject_IsTrue(ordered) : -1;
    Py_XDECREF(ordered);
    PyObject *kind = at->is_ordered < 0 ? NULL : PyObject_GetAttr(at->table, name_value);
    Py_XDECREF(kind); /* the table holds it */
    at->kind = kind;
    return kind ? 0 : -1;
}

static int is_of_kind(const struct shelf_place *at, PyObject *record)
{
    if (record == Py_None || at->kind == (PyObject *)Py_TYPE(record))
        return 1;
    PyObject *name = PyObject_GetAttr(at->table, name_name);
    PyObject *kind_name = name ? PyObject_GetAttrString(at->kind, "__name__") : NULL;
    if (kind_name)
        PyErr_Format(PyExc_TypeError, "%S holds %S, not %R", name, kind_name, record);
    Py_XDECREF(kind_name);
    Py_XDECREF(name);
    return 0;
}

/* Change a row and note what was there, NULL for nothing; return 0, or -1 with an exception. */
static int set_noted(struct journal *journal, PyObject *rows, PyObject *table, PyObject *key,
                     Py_hash_t hash, PyObject *former, PyObject *record)
{
    if (note(journal, table, key, former, hash) < 0)
        return -1;
    if (_PyDict_SetItem_KnownHash(rows, key, record, hash) < 0)
        return -1;
    journal->moves[0]++;
    if (journal->memory && PyDict_GET_SIZE(journal->memory))
        PyDict_Clear(journal->memory);
    return 0;
}

/* Put a record, or None for none. Return 0, or -1 with an exception; nothing has changed then. */
static int change(struct journal *journal, PyObject *table, PyObject *key, PyObject *record)
{
    struct shelf_place *at = shelf_find(&journal->changes_at, journal->changes, table);
    struct shelf_place unmet = {table, NULL, NULL, 0, NULL};
    if (!at && PyErr_Occurred())
        return -1;
    if (!at)
        at = &unmet;
    if ((!at->kind && learn(at) < 0) || !is_of_kind(at, record))
        return -1;
    if (journal->is_fixed) {
        PyErr_SetString(PyExc_AssertionError, "a sealed overlay is as fixed as its block");
        return -1;
    }
    int is_ordered = at->is_ordered;
    if (at == &unmet)
        at = shelf_made(&journal->changes_at, journal->changes, table);
    PyObject *rows = at ? at->rows : NULL;
    Py_hash_t hash = at ? PyObject_Hash(key) : -1;
    if (hash == -1)
        return -1;
    Py_INCREF(rows); /* what is asked of Python below may do anything */
    int answer = -1;
    PyObject *former = _PyDict_GetItem_KnownHash(rows, key, hash);
    if (!former && PyErr_Occurred())
        goto done;
    if (!former && is_ordered) { /* first, so that a key of the wrong form changes nothing */
        PyObject *met =
            PyObject_CallMethodObjArgs((PyObject *)journal, name_order_key, table, key, NULL);
        Py_XDECREF(met);
        if (!met)
            goto done;
    }
    journal->moves[journal_number_of(table)]++;
    answer = set_noted(journal, rows, table, key, hash, former, record);
done:
    Py_DECREF(rows);
    return answer;
}

int journal_put(PyObject *journal, PyObject *table, PyObject *key, PyObject *record)
{
    return change((struct journal *)journal, table, key, record ? record : Py_None);
}

int journal_put_met(PyObject *self, PyObject *table, PyObject *key, Py_hash_t hash,
                    PyObject *record)
{
    struct journal *journal = (struct journal *)self;
    if (journal->is_fixed) {
        PyErr_SetString(PyExc_AssertionError, "a sealed overlay is as fixed as its block");
        return -1;
    }
    struct shelf_place *at = shelf_made(&journal->changes_at, journal->changes, table);
    PyObject *former = at ? _PyDict_GetItem_KnownHash(at->rows, key, hash) : NULL;
    if (!former && PyErr_Occurred())
        return -1;
    return set_noted(journal, at->rows, table, key, hash, former, record ? record : Py_None);
}

Py_ssize_t journal_mark(PyObject *journal)
{
    return ((struct journal *)journal)->settled + ((struct journal *)journal)->count;
}

Py_ssize_t journal_since(const struct journal *journal, Py_ssize_t mark)
{
    if (mark >= journal->settled)
        return mark - journal->settled;
    PyErr_SetString(PyExc_ValueError, "what was settled before a mark is for good");
    return -1;
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
    Py_ssize_t kept = journal_since(journal, mark);
    if (kept < 0)
        return -1;
    if (journal->memory)
        PyDict_Clear(journal->memory);
    journal->moves[0]++;
    while (journal->count > kept) {
        struct entry entry = journal->entries[--journal->count];
        journal->moves[journal_number_of(entry.table)]++;
        struct shelf_place *at = shelf_find(&journal->changes_at, journal->changes, entry.table);
        int answer = -1;
        if (at && entry.former)
            answer = _PyDict_SetItem_KnownHash(at->rows, entry.key, entry.former, entry.hash);
        else if (at)
            answer = _PyDict_DelItem_KnownHash(at->rows, entry.key, entry.hash);
        drop(&entry);
        if (answer < 0)
            return -1;
    }
    return 0;
}

/* Records that were just found to have their form: a list changes the same rows again and again. */
enum { SOUND_MAX = 64 };

static PyObject **sound_place(PyObject **sound, PyObject *record)
{
    return sound + ((uintptr_t)record >> 4 ^ (uintptr_t)record >> 10) % SOUND_MAX;
}

/* Hold a key against its form. */
static int check_key(struct shelf_place *at, PyObject *key)
{
    if (!at->form && !(at->form = keys_form(at->table)))
        return -1;
    if (keys_fit(at->form, key))
        return 0;
    PyObject *encoded = keys_encoded(at->table, key);
    Py_XDECREF(encoded);
    return encoded ? 0 : -1;
}

/* Hold what is now under the key of an entry against its form, and the key where it is new here:
 * one that was there before has been looked at. */
static int check_entry(struct journal *journal, const struct entry *entry, PyObject **sound)
{
    struct shelf_place *at = shelf_find(&journal->changes_at, journal->changes, entry->table);
    PyObject *record = at ? _PyDict_GetItem_KnownHash(at->rows, entry->key, entry->hash) : NULL;
    if (!record) {
        if (!PyErr_Occurred())
            PyErr_SetObject(PyExc_KeyError, entry->key);
        return -1;
    }
    Py_INCREF(record);
    PyObject **place = sound_place(sound, record);
    int answer = entry->former ? 0 : check_key(at, entry->key);
    if (answer == 0 && record != Py_None && *place != record) {
        answer = canonical_is_bounded(record) ? 0 : -1;
        *place = record;
    }
    Py_DECREF(record); /* the journal holds it */
    return answer;
}

int journal_check_since(struct journal *journal, Py_ssize_t mark)
{
    PyObject *sound[SOUND_MAX] = {NULL};
    Py_ssize_t first = journal_since(journal, mark);
    for (Py_ssize_t i = first; first >= 0 && i < journal->count; i++) {
        struct entry entry = journal->entries[i];
        Py_INCREF(entry.table);
        Py_INCREF(entry.key);
        int answer = check_entry(journal, &entry, sound);
        Py_DECREF(entry.table);
        Py_DECREF(entry.key);
        if (answer < 0)
            return -1;
    }
    return first < 0 ? -1 : 0;
}

Py_ssize_t journal_changed_count(const struct journal *journal)
{
    Py_ssize_t count = 0, place = 0;
    PyObject *table, *rows;
    while (journal->changes && PyDict_Next(journal->changes, &place, &table, &rows))
        count += PyDict_CheckExact(rows) ? PyDict_GET_SIZE(rows) : 0;
    return count;
}

void journal_settle(struct journal *journal)
{
    journal->settled += journal->count;
    while (journal->count)
        drop(&journal->entries[--journal->count]);
}

void journal_forget(struct journal *journal)
{
    journal_settle(journal);
    PyMem_Free(journal->entries);
    journal->entries = NULL;
    journal->room = 0;
}

static int is_journal(PyObject *state)
{
    return PyObject_TypeCheck(state, &Journal_Type);
}

static const uint64_t *moves(PyObject *self)
{
    return ((struct journal *)self)->moves;
}

static PyObject **aside(PyObject *self)
{
    return &((struct journal *)self)->aside;
}

static const struct journal_calls CALLS = {
    JOURNAL_REVISION, is_journal, journal_get, journal_put, journal_mark, journal_rollback,
    journal_watch, moves, journal_put_met, aside,
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
