#include "sorted.h"

#include <string.h>

#define LIST_LENGTH_MAX 1000 /* from here on the list itself may divide its parts */

enum { LIST, LISTS, MAXES, INDEX, LENGTH, NAMES };

static const char *const texts[NAMES] = {"_list", "_lists", "_maxes", "_index", "_len"};
static PyObject *names[NAMES];

int sorted_prepare(void)
{
    for (int i = 0; i < NAMES; i++)
        if (names[i] == NULL && (names[i] = PyUnicode_InternFromString(texts[i])) == NULL)
            return FAILED;
    return DONE;
}

int bytes_less(PyObject *a, PyObject *b)
{
    Py_ssize_t la = PyBytes_GET_SIZE(a), lb = PyBytes_GET_SIZE(b);
    int order = memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)(la < lb ? la : lb));
    return order != 0 ? order < 0 : la < lb;
}

/* Return the first place in a sorted list of bytes whose item is beyond 'after'. */
static Py_ssize_t place_beyond(PyObject *list, PyObject *after)
{
    Py_ssize_t low = 0, high = PyList_GET_SIZE(list);
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (bytes_less(after, PyList_GET_ITEM(list, middle)))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* A sorted list, its sorted parts, and the last key of each. */
struct parts {
    PyObject *list, *lists, *maxes;
};

static void let_go(struct parts *parts)
{
    Py_CLEAR(parts->list);
    Py_CLEAR(parts->lists);
    Py_CLEAR(parts->maxes);
}

static int read_parts(PyObject *order, struct parts *parts)
{
    *parts = (struct parts){PyObject_GetAttr(order, names[LIST]), NULL, NULL};
    if (parts->list != NULL && (parts->lists = PyObject_GetAttr(parts->list, names[LISTS])))
        parts->maxes = PyObject_GetAttr(parts->list, names[MAXES]);
    if (parts->maxes != NULL)
        return DONE;
    let_go(parts);
    return FAILED;
}

void hint_clear(struct hint *hint)
{
    Py_CLEAR(hint->order);
    Py_CLEAR(hint->version);
    Py_CLEAR(hint->part);
}

/* Return the key beyond 'after' where the one that was found last is not beyond it and the next one
 * of its part is; NULL where it is to be searched. */
static PyObject *next_of(struct hint *hint, PyObject *order, PyObject *version, PyObject *after)
{
    if (hint->order != order || hint->version != version ||
        hint->at + 1 >= PyList_GET_SIZE(hint->part) ||
        bytes_less(after, PyList_GET_ITEM(hint->part, hint->at)) ||
        !bytes_less(after, PyList_GET_ITEM(hint->part, hint->at + 1)))
        return NULL;
    return PyList_GET_ITEM(hint->part, ++hint->at);
}

int sorted_beyond(PyObject *order, PyObject *version, PyObject *after, struct hint *hint,
                  PyObject **found)
{
    struct parts parts;
    if ((*found = next_of(hint, order, version, after)) != NULL)
        return DONE;
    TRY(read_parts(order, &parts));
    Py_ssize_t which = place_beyond(parts.maxes, after);
    if (which < PyList_GET_SIZE(parts.maxes)) {
        PyObject *part = PyList_GET_ITEM(parts.lists, which);
        hint->at = place_beyond(part, after);
        *found = PyList_GET_ITEM(part, hint->at);
        Py_XSETREF(hint->order, Py_NewRef(order));
        Py_XSETREF(hint->version, Py_XNewRef(version));
        Py_XSETREF(hint->part, Py_NewRef(part));
    }
    let_go(&parts);
    return DONE;
}

/* Add a key to the part where it belongs. Return DECLINED where the list must do it itself: it has
 * no part yet, a long one, or an index of places. */
static int insert(struct parts *parts, PyObject *encoded)
{
    Py_ssize_t count = PyList_GET_SIZE(parts->maxes), which = place_beyond(parts->maxes, encoded);
    ONLY_IF(count > 0);
    int is_last = which == count;
    PyObject *part = PyList_GET_ITEM(parts->lists, is_last ? count - 1 : which);
    ONLY_IF(PyList_GET_SIZE(part) < LIST_LENGTH_MAX);
    PyObject *index = PyObject_GetAttr(parts->list, names[INDEX]);
    Py_ssize_t indexed = index == NULL ? -1 : PyObject_Size(index);
    Py_XDECREF(index);
    if (indexed < 0)
        return FAILED;
    ONLY_IF(indexed == 0);
    PyObject *length = PyObject_GetAttr(parts->list, names[LENGTH]);
    PyObject *longer = length == NULL ? NULL : PyLong_FromSsize_t(PyLong_AsSsize_t(length) + 1);
    Py_XDECREF(length);
    int came_to = longer == NULL ? -1 : PyList_Insert(part, place_beyond(part, encoded), encoded);
    if (came_to == 0 && is_last)
        came_to = PyList_SetItem(parts->maxes, count - 1, Py_NewRef(encoded));
    if (came_to == 0)
        came_to = PyObject_SetAttr(parts->list, names[LENGTH], longer);
    Py_XDECREF(longer);
    return came_to == 0 ? DONE : FAILED;
}

int sorted_add(PyObject *order, PyObject *encoded, PyObject *value)
{
    struct parts parts;
    int known = PyDict_Contains(order, encoded);
    if (known < 0)
        return FAILED;
    if (!known) {
        TRY(read_parts(order, &parts));
        int came_to = insert(&parts, encoded);
        let_go(&parts);
        if (came_to == DECLINED)
            return PyObject_SetItem(order, encoded, value) < 0 ? FAILED : DONE;
        TRY(came_to);
    }
    return PyDict_SetItem(order, encoded, value) < 0 ? FAILED : DONE;
}
