/* What rests on a side of a book, read from the open block as derivatives/marks/looked.py does. */

#ifndef NOVATION_RESTED_H
#define NOVATION_RESTED_H

#include "state.h"

/* Store a new tuple of the first orders of a side, at most so many, best and oldest first: price,
 * lots left, and time and height of the last change, of those in a row that differ in lots alone
 * together. */
int rested_on(struct work *w, PyObject *instrument, PyObject *side, Py_ssize_t most,
              PyObject **rested);

#endif
