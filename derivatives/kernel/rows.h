/* Rows that the kernel has found in the open block, remembered from order to order for as long as
 * the block is open: their keys for good, what is under them until somebody else changes their
 * table. They lie in an object that the journal keeps aside, and go with it. */

#ifndef NOVATION_ROWS_H
#define NOVATION_ROWS_H

#include "records.h"
#include "sorted.h"

#define ROW_PARTS_MAX 3

struct row {
    PyObject *key;                  /* as Python has it: its one part, or a tuple */
    PyObject *parts[ROW_PARTS_MAX]; /* held by the key; NULL beyond the last */
    PyObject *record;               /* NULL where there is none */
    uint64_t read_at;               /* the count of its table's changes by others, then */
    uint64_t well_at;               /* of an account: all changes when it stood well, plus one */
    uint64_t mixed;                 /* the hash of table and parts */
    Py_hash_t hash;                 /* of the key */
    enum table table;
    char is_read, is_met; /* by this kernel, ever; by scans */
};

struct rows;

/* Return the rows of what a journal keeps aside, begun where that is NULL and begun anew where
 * they are too many; NULL with an exception set. */
struct rows *rows_aside(PyObject **aside);

/* Store the row of these parts, which are ROW_PARTS_MAX, NULL beyond the last, as it was last read or
 * with nothing read yet. Never moves another row. Asked by the same objects again it is found by
 * their addresses, without looking at them. */
int row_find(struct rows *rows, enum table table, PyObject *const *parts, struct row **row);

/* Return where keys of an order that begin so were found last, by this kernel in the open block. */
struct hint *row_hint(struct rows *rows, PyObject *order, const char *begins, Py_ssize_t same);

#endif
