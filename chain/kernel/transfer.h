/* A plain transfer between signers that are open: docs/specs/ledger.md, LEDG-020 to LEDG-024. What
 * opens a signer, and every refusal, is for chain/modules/ledger. */

#ifndef NOVATION_CHAIN_TRANSFER_H
#define NOVATION_CHAIN_TRANSFER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Take a payload and a context. Return True where all was moved, touched and told; None where
 * nothing was, and Python is to do it. */
PyObject *transfer_apply(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
