/* What encoded receipts tell, without making receipts of them: chain/block/told.py. */

#ifndef NOVATION_CHAIN_EVENTS_H
#define NOVATION_CHAIN_EVENTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *events_told(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
