/* Records and tables that are read and made here field by field, told by chain/machine/frame.py.
 *
 * A record is a msgspec Struct, whose fields lie at offsets that its class says. A class with other
 * fields than those in known.c is refused when it is told: nothing is read that is not there. */

#ifndef NOVATION_CHAIN_KNOWN_H
#define NOVATION_CHAIN_KNOWN_H

#include "steps.h"

#define FIELDS_MAX 12

enum kind {
    BALANCE, BODY, CONTEXT, LANE, LEDGER_PARAMETERS, SIGNER, TRANSACTION, TRANSFER, TRANSFERRED, KINDS
};

enum { BALANCE_AMOUNT };
enum { BODY_SIGNER = 1, BODY_LANE, BODY_SEQUENCE, BODY_UNTIL, BODY_KIND };
enum { CONTEXT_STATE, CONTEXT_SIGNER, CONTEXT_START = 7, CONTEXT_EVENTS, CONTEXT_TOUCHED };
enum { LANE_NEXT };
enum { FEE_ASSET, FEE_QUANTUMS };
enum { SIGNER_THRESHOLD, SIGNER_KEYS };
enum { TRANSACTION_DATA, TRANSACTION_ID = 2, TRANSACTION_BODY, TRANSACTION_ACTIONS,
       TRANSACTION_SIGNATURES, TRANSACTION_CLASS = 7, TRANSACTION_WEIGHT };
enum { TRANSFER_TO, TRANSFER_ASSET, TRANSFER_AMOUNT };

struct layout {
    const char *name, *fields;
    PyTypeObject *type;
    int count, is_plain; /* plain: nothing runs when one is made, and no collector knows of it */
    Py_ssize_t offsets[FIELDS_MAX];
};

extern struct layout layouts[KINDS];

enum table { ASSETS, BALANCES, FEES, LANES, SIGNERS, TABLES };

struct known_table {
    const char *name;
    PyObject *object;
};

extern struct known_table tables[TABLES];

/* Take over records and tables, two dicts by name. Refuses: ValueError, for what is not as it is
 * known here, or not there. */
PyObject *known_use(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* Return whether all of it has been told. */
int known_is_ready(void);

/* Return the text that is a signer's wallet, or NULL with an exception. */
PyObject *known_wallet(PyObject *address);

static inline int is_of(PyObject *record, enum kind kind)
{
    return Py_IS_TYPE(record, layouts[kind].type);
}

/* Return a field of a record of this kind, borrowed. */
static inline PyObject *field(PyObject *record, enum kind kind, int place)
{
    return *(PyObject **)((char *)record + layouts[kind].offsets[place]);
}

/* Put a value, whose reference is taken over, into a record that nobody else has seen yet. */
static inline void set_field(PyObject *record, enum kind kind, int place, PyObject *value)
{
    PyObject **at = (PyObject **)((char *)record + layouts[kind].offsets[place]);
    Py_XSETREF(*at, value);
}

static inline int number(PyObject *record, enum kind kind, int place, int64_t *value)
{
    return read_number(field(record, kind, place), value);
}

/* Return a new record of these fields, or NULL with an exception; 'values' are as many as it has. */
static inline PyObject *make(enum kind kind, PyObject *const *values)
{
    const struct layout *layout = &layouts[kind];
    if (!layout->is_plain)
        return PyObject_Vectorcall((PyObject *)layout->type, values, (size_t)layout->count, NULL);
    PyObject *made = layout->type->tp_alloc(layout->type, 0);
    for (int i = 0; made && i < layout->count; i++)
        *(PyObject **)((char *)made + layout->offsets[i]) = Py_NewRef(values[i]);
    return made;
}

#endif
