#include "canonical.h"

#include "forms.h"

static PyObject *written, *readers, *encode_plainly, *decode_plainly;
static Py_ssize_t bytes_max;

PyObject *canonical_use(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 6 || !PyDict_CheckExact(args[1]))
        return PyErr_Format(PyExc_TypeError, "an encoder, readers, two twins, a limit and what "
                                             "knows forms expected");
    Py_ssize_t limit = PyLong_AsSsize_t(args[4]);
    if (limit == -1 && PyErr_Occurred())
        return NULL;
    if (forms_use(args[5]) < 0)
        return NULL;
    Py_XSETREF(written, Py_NewRef(args[0]));
    Py_XSETREF(readers, Py_NewRef(args[1]));
    Py_XSETREF(encode_plainly, Py_NewRef(args[2]));
    Py_XSETREF(decode_plainly, Py_NewRef(args[3]));
    bytes_max = limit;
    Py_RETURN_NONE;
}

static int is_ready(void)
{
    if (written)
        return 1;
    PyErr_SetString(PyExc_RuntimeError, "the kernel has no codec yet");
    return 0;
}

/* Return 1 if what failed is for the twin to name; what is no plain exception goes on. */
static int twin_names_it(void)
{
    if (!PyErr_ExceptionMatches(PyExc_Exception))
        return 0;
    PyErr_Clear();
    return 1;
}

PyObject *canonical_encode(PyObject *record)
{
    if (!is_ready())
        return NULL;
    PyObject *data = forms_write(record);
    return data || PyErr_Occurred() ? data : PyObject_CallOneArg(written, record);
}

PyObject *canonical_encode_bounded(PyObject *module, PyObject *record)
{
    (void)module;
    if (!is_ready())
        return NULL;
    PyObject *data = forms_write(record), *again = NULL;
    if (data || PyErr_Occurred())
        return data;
    PyObject *read = PyDict_GetItemWithError(readers, (PyObject *)Py_TYPE(record));
    data = read ? PyObject_CallOneArg(written, record) : NULL;
    if (data && PyBytes_CheckExact(data))
        again = PyObject_CallOneArg(read, data);
    if (again) {
        Py_DECREF(again);
        return data;
    }
    Py_XDECREF(data);
    if (PyErr_Occurred() && !twin_names_it())
        return NULL;
    return PyObject_CallOneArg(encode_plainly, record);
}

int canonical_is_bounded(PyObject *record)
{
    if (!is_ready())
        return 0;
    if (forms_fit(record))
        return 1;
    PyObject *data = PyErr_Occurred() ? NULL : canonical_encode_bounded(NULL, record);
    Py_XDECREF(data);
    return data != NULL;
}

PyObject *canonical_decode(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *names)
{
    (void)module;
    if (!is_ready())
        return NULL;
    Py_ssize_t limit = bytes_max, named = names ? PyTuple_GET_SIZE(names) : 0;
    if (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "limit_bytes"))
        named = 2; /* of a name that is not known */
    count += named;
    if (count == 3 && (limit = PyLong_AsSsize_t(args[2])) == -1 && PyErr_Occurred())
        return NULL;
    if (count < 2 || count > 3 || named > 1)
        return PyErr_Format(PyExc_TypeError, "a kind, bytes and a limit expected");
    PyObject *read = NULL, *record = NULL;
    if (PyBytes_CheckExact(args[1]) && PyBytes_GET_SIZE(args[1]) <= limit)
        read = PyDict_GetItemWithError(readers, args[0]);
    if (read)
        record = PyObject_CallOneArg(read, args[1]);
    PyObject *again = record ? PyObject_CallOneArg(written, record) : NULL;
    int same = again && PyBytes_CheckExact(again) &&
               PyBytes_GET_SIZE(again) == PyBytes_GET_SIZE(args[1]) &&
               memcmp(PyBytes_AS_STRING(again), PyBytes_AS_STRING(args[1]),
                      (size_t)PyBytes_GET_SIZE(again)) == 0;
    Py_XDECREF(again);
    if (same)
        return record;
    Py_XDECREF(record);
    if (PyErr_Occurred() && !twin_names_it())
        return NULL;
    return PyObject_Vectorcall(decode_plainly, args, (size_t)count, NULL);
}
