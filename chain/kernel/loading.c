#include "loading.h"

#include <stdlib.h>

#include "keys.h"
#include "tree.h"

/* Where rows of one table go, borrowed. */
struct home {
    PyObject *form, *held, *ordered; /* 'ordered' is NULL where nobody scans */
};

struct loading {
    PyObject *homes;
    uint8_t prefix[2]; /* of the last row, whose home is 'home' */
    struct home home;
    uint8_t *entries;
    size_t count, room;
    int ascends;
};

/* Find the home of a row. Return 1, or 0: there is none, or an exception is set. */
static int find_home(struct loading *all, PyObject *encoded)
{
    const char *prefix = PyBytes_AS_STRING(encoded);
    if (PyBytes_GET_SIZE(encoded) < 2)
        return 0;
    if (all->home.form && memcmp(prefix, all->prefix, 2) == 0)
        return 1;
    PyObject *name = PyBytes_FromStringAndSize(prefix, 2);
    PyObject *home = name ? PyDict_GetItemWithError(all->homes, name) : NULL;
    Py_XDECREF(name);
    if (!home)
        return 0;
    if (!PyTuple_CheckExact(home) || PyTuple_GET_SIZE(home) != 3 ||
        !Py_IS_TYPE(PyTuple_GET_ITEM(home, 0), &KeyForm_Type) ||
        !PyDict_CheckExact(PyTuple_GET_ITEM(home, 1))) {
        PyErr_SetString(PyExc_TypeError, "a home is the form of keys, and where they are held");
        return 0;
    }
    PyObject *ordered = PyTuple_GET_ITEM(home, 2);
    memcpy(all->prefix, prefix, 2);
    all->home = (struct home){PyTuple_GET_ITEM(home, 0), PyTuple_GET_ITEM(home, 1),
                              PyDict_CheckExact(ordered) ? ordered : NULL};
    return 1;
}

/* Add an entry. Return 1, or 0 without memory. */
static int add_entry(struct loading *all, PyObject *key_hash, PyObject *data)
{
    if (all->count == all->room) {
        size_t room = all->room ? 2 * all->room : 1024;
        uint8_t *entries = PyMem_Realloc(all->entries, room * TREE_ENTRY_BYTES);
        if (!entries) {
            PyErr_NoMemory();
            return 0;
        }
        all->entries = entries;
        all->room = room;
    }
    uint8_t *entry = all->entries + all->count * TREE_ENTRY_BYTES;
    memcpy(entry, PyBytes_AS_STRING(key_hash), HASH_BYTES);
    sha256_of((const uint8_t *)PyBytes_AS_STRING(data), (size_t)PyBytes_GET_SIZE(data),
              entry + HASH_BYTES);
    if (all->count++ && memcmp(entry - TREE_ENTRY_BYTES, entry, HASH_BYTES) >= 0)
        all->ascends = 0;
    return 1;
}

/* Take in one row. Return 1; 0 if it has no home or is there already; -1 with an exception. */
static int take_row(struct loading *all, PyObject *row)
{
    if (!PyTuple_CheckExact(row) || PyTuple_GET_SIZE(row) != 3)
        goto wrong;
    PyObject *key_hash = PyTuple_GET_ITEM(row, 0), *encoded = PyTuple_GET_ITEM(row, 1),
             *data = PyTuple_GET_ITEM(row, 2);
    if (!PyBytes_CheckExact(key_hash) || PyBytes_GET_SIZE(key_hash) != HASH_BYTES ||
        !PyBytes_CheckExact(encoded) || !PyBytes_CheckExact(data))
        goto wrong;
    if (!find_home(all, encoded))
        return PyErr_Occurred() ? -1 : 0;
    PyObject *key = keys_read(all->home.form, encoded);
    if (!key)
        return -1;
    Py_ssize_t held = PyDict_GET_SIZE(all->home.held);
    int answer = PyDict_SetDefault(all->home.held, key, data) ? 1 : -1;
    if (answer == 1 && PyDict_GET_SIZE(all->home.held) == held)
        answer = 0;
    if (answer == 1 && all->home.ordered && PyDict_SetItem(all->home.ordered, encoded, key) < 0)
        answer = -1;
    Py_DECREF(key);
    return answer == 1 && !add_entry(all, key_hash, data) ? -1 : answer;
wrong:
    PyErr_SetString(PyExc_TypeError, "a row is a key hash, an encoded key and a record's bytes");
    return -1;
}

static int by_key_hash(const void *a, const void *b)
{
    return memcmp(a, b, TREE_ENTRY_BYTES);
}

PyObject *loading_rows(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    if (given != 3 || !PyDict_CheckExact(args[1]))
        return PyErr_Format(PyExc_TypeError, "rows, homes and what refuses a row expected");
    struct loading all = {.homes = args[1], .ascends = 1};
    PyObject *rows = PyObject_GetIter(args[0]), *row, *answer = NULL;
    while (rows && (row = PyIter_Next(rows))) {
        int taken = take_row(&all, row);
        if (taken == 0)
            Py_XDECREF(PyObject_CallOneArg(args[2], PyTuple_GET_ITEM(row, 1)));
        if (taken == 0 && !PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "a row is of no table, or comes twice");
        Py_DECREF(row);
        if (taken < 1)
            break;
    }
    if (rows && !PyErr_Occurred()) {
        if (!all.ascends)
            qsort(all.entries, all.count, TREE_ENTRY_BYTES, by_key_hash);
        answer = PyBytes_FromStringAndSize((const char *)all.entries,
                                           (Py_ssize_t)(all.count * TREE_ENTRY_BYTES));
    }
    Py_XDECREF(rows);
    PyMem_Free(all.entries);
    return answer;
}
