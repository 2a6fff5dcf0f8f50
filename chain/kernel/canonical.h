/* Records as bytes, by the encoder and decoders that chain/codec/canonical.py hands over, or by their
 * form: the calls are made here, every refusal is made there. */

#ifndef NOVATION_CHAIN_CANONICAL_H
#define NOVATION_CHAIN_CANONICAL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Take over what writes any record, the dict of what reads a kind, the twins that refuse, and what
 * knows the form of a kind. */
PyObject *canonical_use(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* Return the bytes of a record whose every number fits its width, or NULL with OutOfBounds. */
PyObject *canonical_encode_bounded(PyObject *module, PyObject *record);

/* Return 1 where it has such bytes, which nobody needs yet, or 0 with OutOfBounds. */
int canonical_is_bounded(PyObject *record);

/* Return the bytes of a record, widths not looked at, or NULL with an exception. */
PyObject *canonical_encode(PyObject *record);

/* Return the record of a kind that bytes are, or NULL with MalformedRecord. */
PyObject *canonical_decode(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *names);

#endif
