/* The sorted keys of a table: a SortedDict of bytes, whose sorted parts are changed here many keys
 * at a time. Its dict is changed by whoever asks, who names each key once, and rightly. */

#ifndef NOVATION_CHAIN_SORTED_KEYS_H
#define NOVATION_CHAIN_SORTED_KEYS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Take keys out of the order and put others into it; both are lists of bytes, which are sorted here.
 *
 * Return 0, or -1 with an exception: KeyError, for a key that is to go and is not there. */
int sorted_keys_change(PyObject *order, PyObject *gone, PyObject *came);

/* Make the names that are asked of an order; 0 on failure. */
int sorted_keys_prepare(void);

#endif
