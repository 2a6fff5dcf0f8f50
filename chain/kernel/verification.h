/* Signatures by the very function of libsodium that PyNaCl calls: docs/specs/signatures.md,
 * SIG-010 and SIG-011. There is no other verification here. */

#ifndef NOVATION_CHAIN_VERIFICATION_H
#define NOVATION_CHAIN_VERIFICATION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Take over where libsodium's crypto_sign_open is in this process. */
PyObject *verification_use(PyObject *module, PyObject *address);

/* Return for each (public key, message, signature) of a list whether it is genuine, one by one and
 * without the interpreter's lock. */
PyObject *verification_genuine(PyObject *module, PyObject *asked);

#endif
