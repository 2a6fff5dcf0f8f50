/* Keys of tables as bytes whose order is theirs: docs/specs/codec.md, CODEC-030 to CODEC-033.
 *
 * A KeyForm is made from the two bytes of a table, the forms of its parts, and the two functions of
 * Python that it is the quick way of: whatever it does not know or would refuse is asked there, so
 * that there is one refusal of everything. */

#ifndef NOVATION_CHAIN_KEYS_H
#define NOVATION_CHAIN_KEYS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

extern PyTypeObject KeyForm_Type;

/* Return the encoded key of a table, or NULL with MalformedKey or what else was wrong.
 *
 * A table is whatever has an 'encoded' that can be called. */
PyObject *keys_encoded(PyObject *table, PyObject *key);

/* Return the KeyForm of a table, held by it, None where it has another; NULL with an exception. */
PyObject *keys_form(PyObject *table);

/* Return 1 where a form writes this key itself, 0 where it is no KeyForm or would ask Python. */
int keys_fit(PyObject *form, PyObject *key);

/* Return the key that encoded bytes are, as 'key_from' of the table says it, by its form:
 * NULL with MalformedKey, or with what else was wrong. */
PyObject *keys_read(PyObject *form, PyObject *encoded);

/* Make the names that are asked of tables; 0 on failure. */
int keys_prepare(void);

#endif
