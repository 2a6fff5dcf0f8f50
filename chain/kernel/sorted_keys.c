#include "sorted_keys.h"

#include <string.h>

enum { LIST, LISTS, MAXES, INDEX, LENGTH, LOAD, NAMES };

static const char *const texts[NAMES] = {"_list", "_lists", "_maxes", "_index", "_len", "_load"};
static PyObject *names[NAMES];

/* A sorted list: its parts, which are sorted lists of keys, and the last key of each. */
struct parts {
    PyObject *list, *lists, *maxes;
    Py_ssize_t load; /* a part has at most twice as many keys */
};

int sorted_keys_prepare(void)
{
    for (int i = 0; i < NAMES; i++)
        if (!names[i] && !(names[i] = PyUnicode_InternFromString(texts[i])))
            return 0;
    return 1;
}

/* Return less than, equal to or greater than 0 as one key comes before, is or comes after another. */
static int compared(PyObject *a, PyObject *b)
{
    Py_ssize_t la = PyBytes_GET_SIZE(a), lb = PyBytes_GET_SIZE(b);
    int order = memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)(la < lb ? la : lb));
    return order ? order : (la > lb) - (la < lb);
}

/* Return the first place from 'low' on whose key is not before this one; 'high' where there is none.
 * Steps double, since keys that change together often lie together. */
static Py_ssize_t place_from(PyObject *const *keys, Py_ssize_t low, Py_ssize_t high, PyObject *key)
{
    Py_ssize_t step = 1;
    while (low + step <= high && compared(keys[low + step - 1], key) < 0) {
        low += step;
        step *= 2;
    }
    Py_ssize_t end = low + step <= high ? low + step - 1 : high;
    while (low < end) {
        Py_ssize_t middle = low + (end - low) / 2;
        if (compared(keys[middle], key) < 0)
            low = middle + 1;
        else
            end = middle;
    }
    return low;
}

/* Return the place before 'high' beyond which all keys come after this one, from the end backwards. */
static Py_ssize_t place_before(PyObject *const *keys, Py_ssize_t high, PyObject *key)
{
    Py_ssize_t step = 1, low = 0;
    while (high - step >= 0 && compared(keys[high - step], key) > 0) {
        high -= step;
        step *= 2;
    }
    low = high - step >= 0 ? high - step : 0;
    return place_from(keys, low, high, key);
}

static PyObject *const *items_of(PyObject *list)
{
    return ((PyListObject *)list)->ob_item;
}

static int let_go(struct parts *parts, int answer)
{
    Py_CLEAR(parts->list);
    Py_CLEAR(parts->lists);
    Py_CLEAR(parts->maxes);
    return answer;
}

static int read_parts(PyObject *order, struct parts *parts)
{
    *parts = (struct parts){.list = PyObject_GetAttr(order, names[LIST])};
    PyObject *load = parts->list ? PyObject_GetAttr(parts->list, names[LOAD]) : NULL;
    parts->load = load ? PyLong_AsSsize_t(load) : -1;
    Py_XDECREF(load);
    if (parts->load > 0 && (parts->lists = PyObject_GetAttr(parts->list, names[LISTS])))
        parts->maxes = PyObject_GetAttr(parts->list, names[MAXES]);
    if (parts->maxes && PyList_CheckExact(parts->lists) && PyList_CheckExact(parts->maxes) &&
        PyList_GET_SIZE(parts->lists) == PyList_GET_SIZE(parts->maxes))
        return 1;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "an order is a SortedDict");
    return let_go(parts, 0);
}

static PyObject *part_at(const struct parts *parts, Py_ssize_t which)
{
    return PyList_GET_ITEM(parts->lists, which);
}

/* Let the last key of a part be known. */
static int settle(struct parts *parts, Py_ssize_t which)
{
    PyObject *part = part_at(parts, which);
    PyObject *last = PyList_GET_ITEM(part, PyList_GET_SIZE(part) - 1);
    return PyList_SetItem(parts->maxes, which, Py_NewRef(last));
}

/* Cut a part that has grown beyond what one may have. */
static int divide(struct parts *parts, Py_ssize_t which)
{
    PyObject *part = part_at(parts, which);
    while (PyList_GET_SIZE(part) > 2 * parts->load) {
        Py_ssize_t count = PyList_GET_SIZE(part), start = count - parts->load;
        PyObject *tail = PyList_GetSlice(part, start, count);
        int answer = tail ? PyList_Insert(parts->lists, which + 1, tail) : -1;
        if (answer == 0)
            answer = PyList_Insert(parts->maxes, which + 1, PyList_GET_ITEM(tail, parts->load - 1));
        Py_XDECREF(tail);
        if (answer < 0 || PyList_SetSlice(part, start, count, NULL) < 0)
            return -1;
    }
    return settle(parts, which);
}

/* Let a part that has lost keys go on with the one before it where it has too few. */
static int join(struct parts *parts, Py_ssize_t which)
{
    Py_ssize_t count = PyList_GET_SIZE(part_at(parts, which));
    Py_ssize_t parts_count = PyList_GET_SIZE(parts->lists);
    if (count && (count >= parts->load / 2 || parts_count == 1))
        return settle(parts, which);
    which += which == 0 && parts_count > 1;
    PyObject *before = which ? part_at(parts, which - 1) : NULL;
    Py_ssize_t end = before ? PyList_GET_SIZE(before) : 0;
    if ((before && PyList_SetSlice(before, end, end, part_at(parts, which)) < 0) ||
        PyList_SetSlice(parts->maxes, which, which + 1, NULL) < 0 ||
        PyList_SetSlice(parts->lists, which, which + 1, NULL) < 0)
        return -1;
    return before ? divide(parts, which - 1) : 0;
}

/* Take out of one part the keys from 'first' to 'end', which are not beyond its last. */
static int take_from(PyObject *part, PyObject *const *first, PyObject *const *end)
{
    PyObject **items = ((PyListObject *)part)->ob_item;
    Py_ssize_t count = PyList_GET_SIZE(part), read = 0, written = 0, taken = 0;
    PyObject **out = PyMem_New(PyObject *, end - first);
    if (!out) {
        PyErr_NoMemory();
        return -1;
    }
    for (PyObject *const *key = first; key < end; key++) {
        Py_ssize_t at = place_from(items, read, count, *key);
        memmove(items + written, items + read, (size_t)(at - read) * sizeof *items);
        written += at - read;
        read = at;
        if (at == count || compared(items[at], *key)) {
            PyErr_SetObject(PyExc_KeyError, *key);
            break;
        }
        out[taken++] = items[read++];
    }
    memmove(items + written, items + read, (size_t)(count - read) * sizeof *items);
    Py_SET_SIZE(part, count - taken);
    while (taken)
        Py_DECREF(out[--taken]);
    PyMem_Free(out);
    return PyErr_Occurred() ? -1 : 0;
}

static int take_out(struct parts *parts, PyObject *gone)
{
    PyObject *const *key = items_of(gone), *const *last = key + PyList_GET_SIZE(gone);
    while (key < last) {
        Py_ssize_t count = PyList_GET_SIZE(parts->maxes);
        Py_ssize_t which = place_from(items_of(parts->maxes), 0, count, *key);
        if (which == count) {
            PyErr_SetObject(PyExc_KeyError, *key);
            return -1;
        }
        PyObject *max = PyList_GET_ITEM(parts->maxes, which), *const *end = key + 1;
        while (end < last && compared(*end, max) <= 0)
            end++;
        if (take_from(part_at(parts, which), key, end) < 0 || join(parts, which) < 0)
            return -1;
        key = end;
    }
    return 0;
}

/* Put the keys from 'first' to 'end' into one part. */
static int put_into(PyObject *part, PyObject *const *first, PyObject *const *end)
{
    Py_ssize_t held = PyList_GET_SIZE(part);
    for (PyObject *const *key = first; key < end; key++)
        if (PyList_Append(part, *key) < 0)
            return -1;
    PyObject **items = ((PyListObject *)part)->ob_item;
    Py_ssize_t write = PyList_GET_SIZE(part);
    while (end > first && held) { /* from the end, each key behind what comes after it */
        Py_ssize_t at = place_before(items, held, *--end);
        write -= held - at;
        memmove(items + write, items + at, (size_t)(held - at) * sizeof *items);
        items[--write] = *end;
        held = at;
    }
    while (end > first)
        items[--write] = *--end;
    return 0;
}

static int put_in(struct parts *parts, PyObject *came)
{
    PyObject *const *key = items_of(came), *const *last = key + PyList_GET_SIZE(came);
    if (key < last && !PyList_GET_SIZE(parts->lists)) {
        PyObject *part = PyList_New(0);
        int answer = part ? PyList_Append(parts->lists, part) : -1;
        Py_XDECREF(part);
        if (answer < 0 || PyList_Append(parts->maxes, *key) < 0)
            return -1;
    }
    while (key < last) {
        Py_ssize_t count = PyList_GET_SIZE(parts->maxes);
        Py_ssize_t which = place_from(items_of(parts->maxes), 0, count, *key);
        PyObject *const *end = key + 1;
        if (which == count) {
            which--;
            end = last;
        }
        PyObject *max = PyList_GET_ITEM(parts->maxes, which);
        while (end < last && compared(*end, max) < 0)
            end++;
        if (put_into(part_at(parts, which), key, end) < 0 || divide(parts, which) < 0)
            return -1;
        key = end;
    }
    return 0;
}

/* Let the list know how many keys it has, and forget where they stand by number. */
static int count_anew(struct parts *parts, Py_ssize_t more)
{
    PyObject *length = PyObject_GetAttr(parts->list, names[LENGTH]);
    PyObject *now = length ? PyLong_FromSsize_t(PyLong_AsSsize_t(length) + more) : NULL;
    PyObject *index = now ? PyObject_GetAttr(parts->list, names[INDEX]) : NULL;
    int answer = index ? PyObject_SetAttr(parts->list, names[LENGTH], now) : -1;
    if (answer == 0)
        answer = PyList_SetSlice(index, 0, PyList_GET_SIZE(index), NULL);
    Py_XDECREF(length);
    Py_XDECREF(now);
    Py_XDECREF(index);
    return answer;
}

int sorted_keys_change(PyObject *order, PyObject *gone, PyObject *came)
{
    struct parts parts;
    if (PyList_Sort(gone) < 0 || PyList_Sort(came) < 0 || !read_parts(order, &parts))
        return -1;
    int answer = take_out(&parts, gone);
    if (answer == 0)
        answer = put_in(&parts, came);
    if (answer == 0)
        answer = count_anew(&parts, PyList_GET_SIZE(came) - PyList_GET_SIZE(gone));
    return let_go(&parts, answer);
}
