#include "journal_rows.h"

/* Tables by their address: few enough that whoever changes one finds it at once. */
#define PLACES 256

static struct {
    PyObject *table;
    int number;
} watched[PLACES];
static int watched_count;

static unsigned place_of(PyObject *table)
{
    uintptr_t address = (uintptr_t)table >> 4;
    return (unsigned)(address ^ address >> 8) % PLACES;
}

int journal_number_of(PyObject *table)
{
    unsigned place = place_of(table);
    while (watched[place].table && watched[place].table != table)
        place = (place + 1) % PLACES;
    return watched[place].number;
}

int journal_watch(PyObject *table)
{
    int known = journal_number_of(table);
    if (known)
        return known;
    if (watched_count == WATCHED_MAX) {
        PyErr_SetString(PyExc_ValueError, "no more tables are watched");
        return -1;
    }
    unsigned place = place_of(table);
    while (watched[place].table)
        place = (place + 1) % PLACES;
    watched[place].table = Py_NewRef(table); /* for ever: its address means it */
    return watched[place].number = ++watched_count;
}
