/* Rows from disk into tables: docs/specs/state.md, STATE-007. */

#ifndef NOVATION_CHAIN_LOADING_H
#define NOVATION_CHAIN_LOADING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *loading_rows(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
