#include "folding.h"

#include "keys.h"
#include "sorted_keys.h"

/* The rows of one table, and the order of its keys: NULL where nobody scans. */
struct home {
    PyObject *table, *rows, *order, *gone, *came;
};

/* Return 1 if a row is there, 0 if not, -1 with an exception. */
static int is_there(const struct home *home, PyObject *key, Py_hash_t hash)
{
    if (_PyDict_GetItem_KnownHash(home->rows, key, hash))
        return 1;
    return PyErr_Occurred() ? -1 : 0;
}

/* Take a row away, and its key out of the order. */
static int take_row(const struct home *home, PyObject *key, Py_hash_t hash)
{
    int there = is_there(home, key, hash);
    if (there < 1)
        return there;
    PyObject *encoded = home->order ? keys_encoded(home->table, key) : NULL;
    int answer = home->order && !encoded ? -1 : 0;
    if (encoded && (PyDict_DelItem(home->order, encoded) < 0 || PyList_Append(home->gone, encoded)))
        answer = -1;
    Py_XDECREF(encoded);
    return answer < 0 ? answer : _PyDict_DelItem_KnownHash(home->rows, key, hash);
}

/* Put a row. What has one is in order already, and what has none is in no order. */
static int put_row(const struct home *home, PyObject *key, Py_hash_t hash, PyObject *record)
{
    int there = home->order ? is_there(home, key, hash) : 1;
    PyObject *encoded = there ? NULL : keys_encoded(home->table, key);
    if (there < 0 || (!there && !encoded))
        return -1;
    int answer = 0;
    if (encoded && (PyDict_SetItem(home->order, encoded, key) || PyList_Append(home->came, encoded)))
        answer = -1;
    Py_XDECREF(encoded);
    return answer < 0 ? answer : _PyDict_SetItem_KnownHash(home->rows, key, record, hash);
}

static int change_rows(const struct home *home, PyObject *changed)
{
    PyObject *key, *record;
    Py_hash_t hash;
    int answer = 0;
    for (Py_ssize_t at = 0; !answer && _PyDict_Next(changed, &at, &key, &record, &hash);) {
        Py_INCREF(key);
        Py_INCREF(record);
        answer = record == Py_None ? take_row(home, key, hash) : put_row(home, key, hash, record);
        Py_DECREF(key);
        Py_DECREF(record);
    }
    return answer;
}

PyObject *folding_rows(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    (void)module;
    if (given != 4 || !PyDict_CheckExact(args[1]) || !PyDict_CheckExact(args[2]) ||
        (args[3] != Py_None && !PyDict_Check(args[3])))
        return PyErr_Format(PyExc_TypeError, "a table, what changed, rows and their order expected");
    struct home home = {.table = args[0], .rows = args[2]};
    if (args[3] != Py_None)
        home.order = args[3];
    home.gone = PyList_New(0);
    home.came = PyList_New(0);
    int answer = home.gone && home.came ? change_rows(&home, args[1]) : -1;
    if (!answer && home.order && (PyList_GET_SIZE(home.gone) || PyList_GET_SIZE(home.came)))
        answer = sorted_keys_change(home.order, home.gone, home.came);
    Py_XDECREF(home.gone);
    Py_XDECREF(home.came);
    if (answer)
        return NULL;
    Py_RETURN_NONE;
}

int folding_prepare(void)
{
    return sorted_keys_prepare();
}
