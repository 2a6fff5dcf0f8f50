#include "known.h"

#include <string.h>
#include <structmember.h>

struct layout layouts[KINDS] = {
    [BALANCE] = {"Balance", "amount_quantums"},
    [BODY] = {"Body", "version signer lane sequence valid_until_height kind payload"},
    [CONTEXT] = {"Context", "state signer chain_id epoch height time_ms parent_time_ms start_mark "
                            "events touched"},
    [LANE] = {"Lane", "next_sequence"},
    [LEDGER_PARAMETERS] = {"LedgerParameters", "fee_asset fee_refused_quantums"},
    [SIGNER] = {"Signer", "threshold keys"},
    [TRANSACTION] = {"Transaction", "data digest id body actions signatures sign_bytes "
                                    "transaction_class weight"},
    [TRANSFER] = {"Transfer", "to asset amount_quantums"},
    [TRANSFERRED] = {"Transferred", "debit_holder credit_holder asset amount_quantums"},
};

struct known_table tables[TABLES] = {
    [ASSETS] = {"assets"}, [BALANCES] = {"balances"}, [FEES] = {"ledger_parameters"},
    [LANES] = {"lanes"},   [SIGNERS] = {"signers"},
};

static int is_ready;

/* Return the fields of a class joined by spaces, a new reference, or NULL with an exception. */
static PyObject *fields_of(PyObject *type)
{
    PyObject *names = PyObject_GetAttrString(type, "__struct_fields__");
    PyObject *space = names ? PyUnicode_FromString(" ") : NULL;
    PyObject *joined = space ? PyUnicode_Join(space, names) : NULL;
    Py_XDECREF(space);
    Py_XDECREF(names);
    return joined;
}

/* Store where every field of a class lies; 0 with an exception. */
static int find_offsets(struct layout *layout, PyObject *type)
{
    PyObject *names = PyObject_GetAttrString(type, "__struct_fields__");
    if (!names)
        return 0;
    layout->count = (int)PyTuple_GET_SIZE(names);
    int found = layout->count <= FIELDS_MAX;
    for (int i = 0; found && i < layout->count; i++) {
        PyObject *member = PyObject_GetAttr(type, PyTuple_GET_ITEM(names, i));
        found = member && Py_IS_TYPE(member, &PyMemberDescr_Type);
        if (found)
            layout->offsets[i] = ((PyMemberDescrObject *)member)->d_member->offset;
        Py_XDECREF(member);
    }
    Py_DECREF(names);
    if (!found && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s keeps its fields elsewhere", layout->name);
    return found;
}

/* Return what is told under a name, borrowed, or NULL with ValueError. */
static PyObject *told(PyObject *all, const char *name)
{
    PyObject *found = PyDict_GetItemString(all, name);
    if (!found && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "the kernel has not been told of %s", name);
    return found;
}

static int learn_record(struct layout *layout, PyObject *records)
{
    PyObject *type = told(records, layout->name);
    PyObject *joined = type && PyType_Check(type) ? fields_of(type) : NULL;
    int same = joined && PyUnicode_CompareWithASCIIString(joined, layout->fields) == 0;
    Py_XDECREF(joined);
    if (!same && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s has other fields than the kernel knows", layout->name);
    if (!same || !find_offsets(layout, type))
        return 0;
    layout->is_plain = !PyType_IS_GC((PyTypeObject *)type) &&
                       !PyObject_HasAttrString(type, "__post_init__");
    Py_XSETREF(layout->type, (PyTypeObject *)Py_NewRef(type));
    return 1;
}

PyObject *known_use(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !PyDict_CheckExact(args[0]) || !PyDict_CheckExact(args[1]))
        return PyErr_Format(PyExc_TypeError, "records and tables expected");
    is_ready = 0;
    for (int i = 0; i < KINDS; i++)
        if (!learn_record(&layouts[i], args[0]))
            return NULL;
    for (int i = 0; i < TABLES; i++) {
        PyObject *table = told(args[1], tables[i].name);
        if (!table)
            return NULL;
        Py_XSETREF(tables[i].object, Py_NewRef(table));
    }
    is_ready = 1;
    Py_RETURN_NONE;
}

int known_is_ready(void)
{
    return is_ready;
}

PyObject *known_wallet(PyObject *address)
{
    enum { ADDRESS_BYTES = 32 };
    static const char digits[] = "0123456789abcdef";
    if (!PyBytes_CheckExact(address) || PyBytes_GET_SIZE(address) != ADDRESS_BYTES)
        return PyErr_Format(PyExc_TypeError, "an address has %d bytes", ADDRESS_BYTES);
    PyObject *text = PyUnicode_New(2 * ADDRESS_BYTES, 127);
    const unsigned char *from = (const unsigned char *)PyBytes_AS_STRING(address);
    char *to = text ? (char *)PyUnicode_1BYTE_DATA(text) : NULL;
    for (int i = 0; text && i < ADDRESS_BYTES; i++) {
        to[2 * i] = digits[from[i] >> 4];
        to[2 * i + 1] = digits[from[i] & 15];
    }
    return text;
}
