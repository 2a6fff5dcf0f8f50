/* Transactions taken apart: docs/specs/transaction.md. What is of the common form and canonical is
 * taken apart here; whatever else comes, and every refusal, is for chain/block/transaction.py. */

#ifndef NOVATION_CHAIN_TRANSACTIONS_H
#define NOVATION_CHAIN_TRANSACTIONS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Take over the types of a body, of raw bytes, of a transaction and of a list, and the tag that is
 * signed. */
PyObject *transactions_use(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* Return the transaction that bytes are on a chain, asking what payload a kind has; None for what
 * is taken apart in Python. */
PyObject *transactions_parse(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* Return a list: for each of a sequence of bytes the transaction that it is; its id, if that is a
 * key of one of a tuple of mappings; what a twin answers, for what is taken apart in Python. */
PyObject *transactions_parse_many(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
