/* Where the rows of a table lie in a dict of dicts, remembered: rows of a table, once they are
 * there, stay the same dict, and what a table holds stays the same too. */

#ifndef NOVATION_CHAIN_SHELF_H
#define NOVATION_CHAIN_SHELF_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

enum { SHELF_BITS = 7, SHELF_PLACES = 1 << SHELF_BITS };

/* Borrowed: the dict has the table and its rows, and the table the type of its
 * records and the form of its keys. */
struct shelf_place {
    PyObject *table, *rows;
    PyObject *kind; /* of a table's records; NULL until it is asked for */
    int is_ordered; /* known with 'kind' */
    PyObject *form; /* of its keys, as 'keys_form' says it; NULL until it is asked for */
};

struct shelf {
    PyObject *of; /* the dict that all places are of */
    struct shelf_place places[SHELF_PLACES];
};

static inline void shelf_clear(struct shelf *shelf)
{
    memset(shelf->places, 0, sizeof shelf->places);
    Py_CLEAR(shelf->of);
}

/* Return the place of a table that has rows, or NULL: with TypeError, or because it has none. */
static inline struct shelf_place *shelf_find(struct shelf *shelf, PyObject *dict, PyObject *table)
{
    uint64_t mixed = (uint64_t)(uintptr_t)table * UINT64_C(0x9e3779b97f4a7c15);
    struct shelf_place *place = shelf->places + (mixed >> (64 - SHELF_BITS));
    if (shelf->of == dict && place->table == table)
        return place;
    if (!dict || !PyDict_CheckExact(dict)) {
        PyErr_SetString(PyExc_TypeError, "rows are kept in a dict of dicts");
        return NULL;
    }
    PyObject *rows = PyDict_GetItemWithError(dict, table);
    if (!rows)
        return NULL;
    if (!PyDict_CheckExact(rows)) {
        PyErr_SetString(PyExc_TypeError, "rows are kept in a dict of dicts");
        return NULL;
    }
    if (shelf->of != dict) {
        shelf_clear(shelf);
        shelf->of = Py_NewRef(dict);
    }
    *place = (struct shelf_place){table, rows, NULL, 0, NULL};
    return place;
}

/* Return the place of a table, its rows made if there are none; NULL with an exception. */
static inline struct shelf_place *shelf_made(struct shelf *shelf, PyObject *dict, PyObject *table)
{
    struct shelf_place *place = shelf_find(shelf, dict, table);
    if (place || PyErr_Occurred())
        return place;
    PyObject *rows = PyDict_New();
    int answer = rows ? PyDict_SetItem(dict, table, rows) : -1;
    Py_XDECREF(rows); /* the dict holds it */
    return answer < 0 ? NULL : shelf_find(shelf, dict, table);
}

#endif
