/* What the files of the journal share: how it is laid out, and what each does for the others. */

#ifndef NOVATION_CHAIN_JOURNAL_ROWS_H
#define NOVATION_CHAIN_JOURNAL_ROWS_H

#include "journal.h"
#include "shelf.h"

/* One change: what was under a key before it, NULL where the journal knew nothing of the key. */
struct entry {
    PyObject *table, *key, *former;
    Py_hash_t hash; /* of the key */
};

struct journal {
    PyObject_HEAD
    PyObject *parent;  /* the state below */
    PyObject *changes; /* table -> key -> record or None */
    PyObject *memory;  /* what follows from this state, until it changes */
    PyObject *met;     /* ordered table -> key that scans have met -> encoded key */
    struct entry *entries;
    Py_ssize_t count, room;
    Py_ssize_t settled; /* entries that were let go of: marks go on counting */
    PyObject *aside;   /* one object of whoever remembers what it read here, until this is sealed */
    uint64_t moves[1 + WATCHED_MAX]; /* changes made or undone: all; of watched tables, by number */
    char is_fixed;
    struct shelf changes_at;
};

struct final_rows {
    PyObject_HEAD
    PyObject *rows; /* table -> key -> record, or its bytes until it is touched */
    struct shelf rows_at;
};

PyObject *journal_get(PyObject *state, PyObject *table, PyObject *key);
int journal_put(PyObject *journal, PyObject *table, PyObject *key, PyObject *record);
Py_ssize_t journal_mark(PyObject *journal);
int journal_rollback(PyObject *journal, Py_ssize_t mark);
int journal_check_since(struct journal *journal, Py_ssize_t mark);

/* Return how many keys have been put or deleted, changed in the end or not. */
Py_ssize_t journal_changed_count(const struct journal *journal);

/* Return a watched table's number, 0 for another. */
int journal_number_of(PyObject *table);
int journal_watch(PyObject *table);
int journal_put_met(PyObject *journal, PyObject *table, PyObject *key, Py_hash_t hash,
                    PyObject *record);

/* Return how many of the entries that are kept a mark is after, -1 with ValueError where what comes
 * after it was settled. */
Py_ssize_t journal_since(const struct journal *journal, Py_ssize_t mark);

/* Let go of all entries; what they changed stays, and nothing goes back to a mark before this. */
void journal_settle(struct journal *journal);

/* The same, and of the room they had. */
void journal_forget(struct journal *journal);

/* Return the record under a key of final rows, decoded if it was bytes; None where there is none. */
PyObject *final_get(PyObject *rows, PyObject *table, PyObject *key, Py_hash_t hash);

/* Return the bytes of the record under a key of a view, None where there is none. */
PyObject *journal_encoded_of(PyObject *view, PyObject *table, PyObject *key);

/* Return (changes, buckets, nodes, root, root of changes) of a journal over a tree and layers: the
 * changes are every key whose bytes differ from the parent's, as tuples of this type, ascending by
 * key hash. Forget how they came. NULL with an exception, and nothing is changed. */
PyObject *journal_seal(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
