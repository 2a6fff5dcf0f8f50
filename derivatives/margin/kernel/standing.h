/* The pass over accounts in the form in which Python calls it. */

#ifndef NOVATION_STANDING_H
#define NOVATION_STANDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "scan.h"

PyObject *standing_stand(PyObject *module, PyObject *const *objects, Py_ssize_t given);
PyObject *standing_gain(PyObject *module, PyObject *const *objects, Py_ssize_t given);

/* Of native.c: the level in use, and whether every bound holds, the largest stored. */
const struct scan_level *scan_level_used(void);
int scan_bounds_are_sound(struct scan_input *input, size_t rows);

#endif
