/* Verdicts on signatures: docs/specs/signatures.md, SIG-010 to SIG-016. By libsodium, through the very
 * function that PyNaCl calls; and for keys that are met again by the same equation, from multiples
 * that are kept. Those say "genuine" alone: whatever they do not confirm, libsodium is asked. */

#ifndef NOVATION_CHAIN_VERIFICATION_H
#define NOVATION_CHAIN_VERIFICATION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Take over where libsodium's crypto_sign_open, crypto_hash_sha512 and
 * crypto_core_ed25519_scalar_reduce are in this process. */
PyObject *verification_use(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* Return for each (public key, message, signature) of a list whether it is genuine, one by one and
 * without the interpreter's lock. */
PyObject *verification_genuine(PyObject *module, PyObject *asked);

/* Return how many verdicts kept multiples gave, how many libsodium gave, and how many keys are kept. */
PyObject *verification_counts(PyObject *module, PyObject *unused);

#endif
