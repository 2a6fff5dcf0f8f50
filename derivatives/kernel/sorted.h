/* The sorted keys of a table: a SortedDict of bytes, whose lists of sorted lists are read here, and
 * added to where that needs no rearranging. */

#ifndef NOVATION_SORTED_H
#define NOVATION_SORTED_H

#include "records.h"

/* Return DONE, or FAILED without memory. */
int sorted_prepare(void);

/* Return 1 where one text of bytes comes before another. */
int bytes_less(PyObject *a, PyObject *b);

/* Store the first of the sorted keys beyond 'after', borrowed, or NULL. */
int sorted_beyond(PyObject *order, PyObject *after, PyObject **found);

/* Put a value under an encoded key, as order[encoded] = value. */
int sorted_add(PyObject *order, PyObject *encoded, PyObject *value);

#endif
