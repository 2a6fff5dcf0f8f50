/* What recent blocks changed, and which of it is at rest: docs/specs/storage.md, STORE-008. Its twin
 * is chain/state/recent.py. */

#ifndef NOVATION_CHAIN_RECENT_H
#define NOVATION_CHAIN_RECENT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

extern PyTypeObject Recent_Type;

/* Have places of keys differ from process to process; 0 on failure. */
int recent_prepare(void);

#endif
