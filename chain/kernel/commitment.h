/* The Python face of the trees. Each refuses with TypeError or ValueError what is of another
 * form than its docstring in native.c says, and then nothing is made. */

#ifndef NOVATION_CHAIN_COMMITMENT_H
#define NOVATION_CHAIN_COMMITMENT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *commitment_hash(PyObject *module, PyObject *const *parts, Py_ssize_t count);
PyObject *commitment_merkle_root(PyObject *module, PyObject *leaves);
PyObject *commitment_bucket_hash(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *commitment_filled(PyObject *module, PyObject *entries);

#endif
