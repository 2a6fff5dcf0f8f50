/* The sorted keys of a table: a SortedDict of bytes, whose lists of sorted lists are read here, and
 * added to where that needs no rearranging. */

#ifndef NOVATION_SORTED_H
#define NOVATION_SORTED_H

#include "records.h"

/* Return DONE, or FAILED without memory. */
int sorted_prepare(void);

/* Return 1 where one text of bytes comes before another. */
int bytes_less(PyObject *a, PyObject *b);

/* Where a key was found last, for whoever goes on from there; held. 'version' is what the order is a
 * version of: of another it is searched anew. Begun with zeros. */
struct hint {
    PyObject *order, *version, *part;
    Py_ssize_t at;
};

void hint_clear(struct hint *hint);

/* Store the first of the sorted keys beyond 'after', borrowed, or NULL, and where that is. The order
 * has lost no key since the hint was made, as long as it is of this version. */
int sorted_beyond(PyObject *order, PyObject *version, PyObject *after, struct hint *hint,
                  PyObject **found);

/* Put a value under an encoded key, as order[encoded] = value. */
int sorted_add(PyObject *order, PyObject *encoded, PyObject *value);

#endif
