#include "transfer.h"

#include "journal_rows.h"
#include "known.h"

/* One side of a transfer: its wallet, the key of its balance, what it has and will have. */
struct side {
    PyObject *wallet, *key;
    int64_t held, then;
};

static void let_go(struct side *side)
{
    Py_CLEAR(side->wallet);
    Py_CLEAR(side->key);
}

/* Learn of a side what it has; what was learnt is let go of by the caller, whatever it comes to. */
static int look(PyObject *state, PyObject *address, PyObject *asset, struct side *side)
{
    ONLY_IF(PyBytes_CheckExact(address));
    side->wallet = known_wallet(address);
    side->key = side->wallet ? PyTuple_Pack(2, side->wallet, asset) : NULL;
    PyObject *balance = side->key ? journal_get(state, tables[BALANCES].object, side->key) : NULL;
    if (!balance)
        return FAILED;
    int came_to = balance == Py_None     ? DONE
                  : is_of(balance, BALANCE) ? number(balance, BALANCE, BALANCE_AMOUNT, &side->held)
                                            : DECLINED;
    Py_DECREF(balance);
    return came_to;
}

/* Is there a record under this key? */
static int is_there(PyObject *state, enum table table, PyObject *key)
{
    PyObject *record = journal_get(state, tables[table].object, key);
    if (!record)
        return FAILED;
    Py_DECREF(record);
    return record == Py_None ? DECLINED : DONE;
}

static int put(PyObject *state, struct side *side)
{
    PyObject *amount = side->then ? PyLong_FromLongLong(side->then) : NULL;
    PyObject *balance = amount ? make(BALANCE, &amount) : NULL;
    int sound = (balance || !side->then) &&
                journal_put(state, tables[BALANCES].object, side->key, balance) == 0;
    Py_XDECREF(amount);
    Py_XDECREF(balance);
    return sound;
}

/* Say that both changed, and what was moved. */
static int tell(PyObject *context, PyObject *payload, struct side *debit, struct side *credit)
{
    PyObject *touched = field(context, CONTEXT, CONTEXT_TOUCHED);
    PyObject *values[] = {debit->wallet, credit->wallet, field(payload, TRANSFER, TRANSFER_ASSET),
                          field(payload, TRANSFER, TRANSFER_AMOUNT)};
    PyObject *event = make(TRANSFERRED, values);
    int sound = event && PyDict_SetItem(touched, debit->wallet, Py_None) == 0 &&
                PyDict_SetItem(touched, credit->wallet, Py_None) == 0 &&
                PyList_Append(field(context, CONTEXT, CONTEXT_EVENTS), event) == 0;
    Py_XDECREF(event);
    return sound;
}

/* Move between two sides, of which nothing is known yet. */
static int move(PyObject *payload, PyObject *context, struct side *debit, struct side *credit)
{
    int64_t amount;
    PyObject *state = field(context, CONTEXT, CONTEXT_STATE);
    PyObject *to = field(payload, TRANSFER, TRANSFER_TO);
    PyObject *asset = field(payload, TRANSFER, TRANSFER_ASSET);
    ONLY_IF(PyObject_TypeCheck(state, &Journal_Type) && PyUnicode_CheckExact(asset));
    ONLY_IF(PyDict_CheckExact(field(context, CONTEXT, CONTEXT_TOUCHED)));
    ONLY_IF(PyList_CheckExact(field(context, CONTEXT, CONTEXT_EVENTS)));
    TRY(number(payload, TRANSFER, TRANSFER_AMOUNT, &amount));
    ONLY_IF(amount > 0);
    TRY(is_there(state, SIGNERS, to));
    TRY(is_there(state, ASSETS, asset));
    TRY(look(state, field(context, CONTEXT, CONTEXT_SIGNER), asset, debit));
    TRY(look(state, to, asset, credit));
    ONLY_IF(debit->held >= amount && credit->held >= 0);
    ONLY_IF(!__builtin_add_overflow(credit->held, amount, &credit->then));
    ONLY_IF(PyUnicode_Compare(debit->wallet, credit->wallet) != 0);
    debit->then = debit->held - amount;
    if (put(state, debit) && put(state, credit) && tell(context, payload, debit, credit))
        return DONE;
    return FAILED;
}

PyObject *transfer_apply(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 2)
        return PyErr_Format(PyExc_TypeError, "a payload and a context expected");
    if (!known_is_ready() || !is_of(args[0], TRANSFER) || !is_of(args[1], CONTEXT))
        Py_RETURN_NONE;
    struct side debit = {0}, credit = {0};
    int came_to = move(args[0], args[1], &debit, &credit);
    let_go(&debit);
    let_go(&credit);
    if (came_to == FAILED)
        return NULL;
    return Py_NewRef(came_to == DONE ? Py_True : Py_None);
}
