/* What records look like as bytes, learnt from their declarations: docs/specs/codec.md. */

#ifndef NOVATION_CHAIN_FORMS_H
#define NOVATION_CHAIN_FORMS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Ask this for the form of a kind that is met for the first time: nested tuples as told in
 * chain/codec/forms.py, or None. */
int forms_use(PyObject *form_of);

/* Return the canonical bytes of a record whose every field has its declared form, or NULL: with an
 * exception, or where another is to write it or refuse it: a kind without a form, a value of
 * another type, a number or a length beyond its bounds, text that is not ASCII. */
PyObject *forms_write(PyObject *record);

/* Return 1 where 'forms_write' would write it; 0 where it would return NULL. */
int forms_fit(PyObject *record);

#endif
