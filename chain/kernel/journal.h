/* What an open block changes: docs/specs/state.md, STATE-004 to STATE-006. Its twin is
 * chain/state/journal.py; an Overlay and the Tables are made from the types here.
 *
 * Another extension of this project reads and changes state through 'struct journal_calls', which
 * the module gives as a capsule named JOURNAL_CAPSULE:
 *
 *     PyImport_ImportModule("chain.kernel.native"), then
 *     const struct journal_calls *state = PyCapsule_Import(JOURNAL_CAPSULE, 0);
 *     if (state && state->revision == JOURNAL_REVISION && state->is_journal(overlay)) ...
 *
 * All of it is called with the GIL held. Whoever finds no capsule, or another revision, or state of
 * another type (a view that hides a compartment, say), calls get and put of Python. */

#ifndef NOVATION_CHAIN_JOURNAL_H
#define NOVATION_CHAIN_JOURNAL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#define JOURNAL_CAPSULE "chain.kernel.native.journal_calls"
#define JOURNAL_REVISION 2
#define WATCHED_MAX 63

struct journal_calls {
    int revision;

    /* Return whether state is read and changed here: an Overlay, and nothing made from it that
     * reads otherwise. */
    int (*is_journal)(PyObject *state);

    /* Return the record under a key, None where there is none, NULL with an exception. A new
     * reference. */
    PyObject *(*get)(PyObject *journal, PyObject *table, PyObject *key);

    /* Put a record, or take away what is there where the record is NULL, into the journal. Return
     * 0, or -1 with an exception; then nothing changed. References stay the caller's. */
    int (*put)(PyObject *journal, PyObject *table, PyObject *key, PyObject *record);

    /* Return the place in the journal that is now. */
    Py_ssize_t (*mark)(PyObject *journal);

    /* Undo every change after a mark. Return 0, or -1 with an exception. */
    int (*rollback)(PyObject *journal, Py_ssize_t mark);

    /* Have a table's changes counted in every journal, for whoever remembers what it read. Return
     * its number, 1 to WATCHED_MAX, the same each time, or -1 with an exception. */
    int (*watch)(PyObject *table);

    /* Return the counts of a journal, which live as long as it does: under 0 every change made
     * or undone; under a table's number those of that table, except what 'put_met' makes. */
    const uint64_t *(*moves)(PyObject *journal);

    /* Put like 'put', for the one who remembers the row: the record is of the table's type, the
     * key's hash is given, and scans of an ordered table have met the key. */
    int (*put_met)(PyObject *journal, PyObject *table, PyObject *key, Py_hash_t hash,
                   PyObject *record);

    /* Return the place of one object that lives until the journal is sealed or gone. */
    PyObject **(*aside)(PyObject *journal);
};

extern PyTypeObject Journal_Type;
extern PyTypeObject FinalRows_Type;

/* Make the types ready and put them and the capsule into the module; 0 on failure. */
int journal_prepare(PyObject *module);

#endif
