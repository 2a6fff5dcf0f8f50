#include "quiet.h"

/* Store the record of a holder that is an account, NULL where it is none. */
static int account_record(struct work *w, PyObject *holder, PyObject **record)
{
    ONLY_IF(PyUnicode_CheckExact(holder) && PyUnicode_IS_COMPACT_ASCII(holder));
    *record = NULL;
    const char *digits = PyUnicode_DATA(holder);
    if (PyUnicode_GET_LENGTH(holder) <= ADDRESS_DIGITS || digits[ADDRESS_DIGITS] != '/')
        return DONE;
    return get(w, ACCOUNTS, holder, NULL, record);
}

int none_is_frozen(struct work *w, PyObject *context, PyObject *touched)
{
    (void)context;
    PyObject *holder, *nothing, *record, *frozen;
    Py_ssize_t at = 0;
    while (PyDict_Next(touched, &at, &holder, &nothing)) {
        TRY(account_record(w, holder, &record));
        if (record == NULL)
            continue;
        TRY(get(w, FROZEN, field(record, ACCOUNT, ACCOUNT_COMPARTMENT), NULL, &frozen));
        ONLY_IF(frozen == NULL);
    }
    return DONE;
}

int all_stand_well(struct work *w, PyObject *context, PyObject *touched)
{
    (void)context;
    PyObject *holder, *nothing, *record;
    Py_ssize_t at = 0;
    while (PyDict_Next(touched, &at, &holder, &nothing)) {
        TRY(account_record(w, holder, &record));
        if (record != NULL)
            TRY(needs_no_look(w, holder));
    }
    return DONE;
}

int none_withdrew(struct work *w, PyObject *context, PyObject *touched)
{
    (void)w;
    (void)touched;
    PyObject *events = field(context, CONTEXT, CONTEXT_EVENTS);
    ONLY_IF(PyList_CheckExact(events));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(events); i++)
        ONLY_IF(!Py_IS_TYPE(PyList_GET_ITEM(events, i), layouts[COLLATERAL_WITHDRAWN].type));
    return DONE;
}

int none_owes_synthetic(struct work *w, PyObject *context, PyObject *touched)
{
    (void)context;
    PyObject *holder, *nothing, *held, *synthetic;
    Py_ssize_t at = 0;
    while (PyDict_Next(touched, &at, &holder, &nothing)) {
        TRY(get(w, HELD, holder, NULL, &held));
        if (held == NULL)
            continue;
        PyObject *names = field(held, HOLDINGS, HOLDINGS_INSTRUMENTS);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
            TRY(get(w, SYNTHETICS, PyTuple_GET_ITEM(names, i), NULL, &synthetic));
            ONLY_IF(synthetic == NULL);
        }
    }
    return DONE;
}
