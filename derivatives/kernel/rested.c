#include "rested.h"

/* Return what is looked at of an order, new. */
static PyObject *looked_at(PyObject *order)
{
    return PyTuple_Pack(4, field(order, ORDER, ORDER_PRICE), field(order, ORDER, ORDER_REMAINING),
                        field(order, ORDER, ORDER_CHANGED_MS),
                        field(order, ORDER, ORDER_CHANGED_HEIGHT));
}

/* Add the orders of a side from its top on to a list. */
static int add_orders(struct work *w, PyObject *top, PyObject *instrument, PyObject *side,
                      Py_ssize_t most, PyObject *list)
{
    int64_t priority;
    TRY(number(top, TOP, TOP_PRIORITY, &priority));
    PyObject *before = keep(w, PyLong_FromLongLong(priority - 1));
    PyObject *begins = keep(w, encoded(BOOK, (PyObject *[]){instrument, side}, 2));
    PyObject *after = before == NULL || begins == NULL ? NULL
        : keep(w, encoded(BOOK, (PyObject *[]){instrument, side, field(top, TOP, TOP_RANK), before},
                          4));
    while (PyList_GET_SIZE(list) < most) {
        PyObject *key, *order;
        TRY(next_row(w, BOOK, after, begins == NULL ? 0 : PyBytes_GET_SIZE(begins), &key, &order));
        if (key == NULL)
            return DONE;
        PyObject *one = keep(w, looked_at(order));
        if (one == NULL || PyList_Append(list, one) < 0)
            return FAILED;
        after = keep(w, encoded(BOOK, &PyTuple_GET_ITEM(key, 0), 4));
    }
    return DONE;
}

int rested_on(struct work *w, PyObject *instrument, PyObject *side, Py_ssize_t most,
              PyObject **rested)
{
    PyObject *top, *list = keep(w, PyList_New(0));
    if (list == NULL)
        return FAILED;
    TRY(get(w, TOPS, instrument, side, &top));
    if (top != NULL)
        TRY(add_orders(w, top, instrument, side, most, list));
    *rested = PyList_AsTuple(list);
    return *rested == NULL ? FAILED : DONE;
}
