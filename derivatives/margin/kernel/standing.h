/* Three functions of the kernel's module, in the form in which Python calls them. */

#ifndef NOVATION_STANDING_H
#define NOVATION_STANDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *standing_value(PyObject *module, PyObject *const *objects, Py_ssize_t given);
PyObject *standing_charge(PyObject *module, PyObject *const *objects, Py_ssize_t given);
PyObject *standing_judge(PyObject *module, PyObject *const *objects, Py_ssize_t given);

#endif
