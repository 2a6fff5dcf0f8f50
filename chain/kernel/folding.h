/* What a block changed into the final rows: docs/specs/state.md, STATE-008. */

#ifndef NOVATION_CHAIN_FOLDING_H
#define NOVATION_CHAIN_FOLDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *folding_rows(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* Make the names that are asked of sorted keys; 0 on failure. */
int folding_prepare(void);

#endif
