#include "rested.h"

/* Orders in a row at one price that changed together. */
struct run {
    int64_t price_ticks, lots, changed_ms, changed_height;
};

static int read_run(PyObject *order, struct run *run)
{
    TRY(number(order, ORDER, ORDER_PRICE, &run->price_ticks));
    TRY(number(order, ORDER, ORDER_REMAINING, &run->lots));
    TRY(number(order, ORDER, ORDER_CHANGED_MS, &run->changed_ms));
    return number(order, ORDER, ORDER_CHANGED_HEIGHT, &run->changed_height);
}

static int goes_on(const struct run *run, const struct run *next)
{
    return run->price_ticks == next->price_ticks && run->changed_ms == next->changed_ms &&
           run->changed_height == next->changed_height;
}

static int add_run(PyObject *list, const struct run *run)
{
    PyObject *one = Py_BuildValue("LLLL", (long long)run->price_ticks, (long long)run->lots,
                                  (long long)run->changed_ms, (long long)run->changed_height);
    int is_added = one != NULL && PyList_Append(list, one) == 0;
    Py_XDECREF(one);
    return is_added ? DONE : FAILED;
}

/* Add the runs of a side from its top on to a list, of at most so many orders. */
static int add_runs(struct work *w, PyObject *top, PyObject *instrument, PyObject *side,
                    Py_ssize_t most, PyObject *list)
{
    int64_t priority;
    TRY(number(top, TOP, TOP_PRIORITY, &priority));
    PyObject *before = keep(w, PyLong_FromLongLong(priority - 1));
    PyObject *begins = keep(w, encoded(BOOK, (PyObject *[]){instrument, side}, 2));
    PyObject *after = before == NULL || begins == NULL ? NULL
        : keep(w, encoded(BOOK, (PyObject *[]){instrument, side, field(top, TOP, TOP_RANK), before},
                          4));
    struct run run = {0}, next;
    Py_ssize_t count = 0;
    for (; count < most; count++) {
        PyObject *key, *order;
        TRY(next_row(w, BOOK, after, begins == NULL ? 0 : PyBytes_GET_SIZE(begins), &key, &order));
        if (key == NULL)
            break;
        TRY(read_run(order, &next));
        if (count > 0 && goes_on(&run, &next)) {
            ONLY_IF(!__builtin_add_overflow(run.lots, next.lots, &run.lots));
        } else {
            if (count > 0)
                TRY(add_run(list, &run));
            run = next;
        }
        after = keep(w, encoded(BOOK, &PyTuple_GET_ITEM(key, 0), 4));
    }
    return count > 0 ? add_run(list, &run) : DONE;
}

int rested_on(struct work *w, PyObject *instrument, PyObject *side, Py_ssize_t most,
              PyObject **rested)
{
    PyObject *top, *list = keep(w, PyList_New(0));
    if (list == NULL)
        return FAILED;
    TRY(get(w, TOPS, instrument, side, &top));
    if (top != NULL)
        TRY(add_runs(w, top, instrument, side, most, list));
    *rested = PyList_AsTuple(list);
    return *rested == NULL ? FAILED : DONE;
}
