/* What is kept of public keys under which a genuine signature was met: docs/specs/signatures.md, SIG-015
 * and SIG-016. Every function here is called under the interpreter's lock. */

#ifndef NOVATION_CHAIN_MET_KEYS_H
#define NOVATION_CHAIN_MET_KEYS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "curve.h"

struct met_key {
    struct curve_key *multiples; /* NULL until somebody makes them */
    const void *maker;           /* who makes them, or made them */
    int is_made;                 /* whether they are right; its maker's alone until is_ready */
    int is_ready;                /* whether everybody may read them */
};

/* Return what is kept of a key, a new reference that keeps it, or NULL without an exception. */
PyObject *met_keys_find(PyObject *public_key);

/* Return what a reference keeps, or NULL when somebody else makes it now. Whoever asks while nobody
 * does becomes its maker, and is told so: makes the multiples, then says that they are ready. */
struct met_key *met_key_for(PyObject *kept, const void *asker, int *is_maker);

/* Keep that a genuine signature under this key was met; 0 with an exception. */
int met_keys_meet(PyObject *public_key);

/* Return how many keys are kept. */
Py_ssize_t met_keys_count(void);

#endif
