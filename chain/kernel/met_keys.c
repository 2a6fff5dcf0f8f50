#include "met_keys.h"

#include <stdlib.h>

/* Keys of one generation. When so many are new, those that were not asked for since the last time are
 * forgotten: at most 8,192 are kept, 84 MB. */
enum { GENERATION_MAX_COUNT = 4096 };

static PyObject *newer, *older; /* public key -> capsule of a struct met_key */

static void forget(PyObject *kept)
{
    struct met_key *met = PyCapsule_GetPointer(kept, NULL);
    free(met->multiples);
    PyMem_Free(met);
}

/* Let this be the newest; 0 with an exception. */
static int keep(PyObject *public_key, PyObject *kept)
{
    if (!newer || PyDict_GET_SIZE(newer) >= GENERATION_MAX_COUNT) {
        PyObject *empty = PyDict_New();
        if (!empty)
            return 0;
        Py_XSETREF(older, newer);
        newer = empty;
    }
    return PyDict_SetItem(newer, public_key, kept) == 0;
}

PyObject *met_keys_find(PyObject *public_key)
{
    PyObject *kept = newer ? PyDict_GetItem(newer, public_key) : NULL;
    Py_XINCREF(kept);
    if (kept || !older)
        return kept;
    kept = PyDict_GetItem(older, public_key);
    Py_XINCREF(kept);
    if (kept && !keep(public_key, kept))
        PyErr_Clear(); /* as good as not kept the next time */
    return kept;
}

struct met_key *met_key_for(PyObject *kept, const void *asker, int *is_maker)
{
    struct met_key *met = PyCapsule_GetPointer(kept, NULL);
    if (met->is_ready || met->maker == asker)
        return met;
    if (met->maker || !(met->multiples = aligned_alloc(64, sizeof *met->multiples)))
        return NULL;
    met->maker = asker;
    *is_maker = 1;
    return met;
}

int met_keys_meet(PyObject *public_key)
{
    PyObject *known = met_keys_find(public_key);
    Py_XDECREF(known);
    if (known)
        return 1;
    struct met_key *met = PyMem_Calloc(1, sizeof *met);
    PyObject *kept = met ? PyCapsule_New(met, NULL, forget) : PyErr_NoMemory();
    if (!kept)
        PyMem_Free(met);
    int done = kept && keep(public_key, kept);
    Py_XDECREF(kept);
    return done;
}

Py_ssize_t met_keys_count(void)
{
    return (newer ? PyDict_GET_SIZE(newer) : 0) + (older ? PyDict_GET_SIZE(older) : 0);
}
