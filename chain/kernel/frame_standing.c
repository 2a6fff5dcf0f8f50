#include "frame_parts.h"

#include "journal_rows.h"

/* Store the record under a key, a new reference, NULL where there is none. */
static int get(struct frame *frame, enum table table, PyObject *key, enum kind kind,
               PyObject **record)
{
    PyObject *found = key ? journal_get(frame->overlay, tables[table].object, key) : NULL;
    *record = NULL;
    if (!found)
        return FAILED;
    if (found == Py_None || !is_of(found, kind)) {
        int came_to = found == Py_None ? DONE : DECLINED;
        Py_DECREF(found);
        return came_to;
    }
    *record = found;
    return DONE;
}

/* Is there room for it, after what the block has? */
static int has_room(struct frame *frame, PyObject *transaction)
{
    int64_t transaction_class, weight;
    PyObject *data = field(transaction, TRANSACTION, TRANSACTION_DATA);
    TRY(number(transaction, TRANSACTION, TRANSACTION_CLASS, &transaction_class));
    TRY(number(transaction, TRANSACTION, TRANSACTION_WEIGHT, &weight));
    ONLY_IF(PyBytes_CheckExact(data) && weight >= 0 && weight <= frame->limits[WORK]);
    ONLY_IF(transaction_class >= frame->transaction_class);
    ONLY_IF(PyList_GET_SIZE(frame->encoded_receipts) < frame->limits[TRANSACTIONS]);
    ONLY_IF(frame->body_bytes + PyBytes_GET_SIZE(data) + BIN_HEADER_BYTES <= frame->limits[BYTES]);
    ONLY_IF(frame->work + weight <= frame->limits[WORK]);
    return DONE;
}

static int is_in_time(struct frame *frame, PyObject *body)
{
    int64_t until;
    TRY(number(body, BODY, BODY_UNTIL, &until));
    ONLY_IF(until >= frame->height && until - frame->height <= frame->limits[BLOCKS]);
    return DONE;
}

static int is_among(PyObject *keys, PyObject *key)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(keys); i++) {
        PyObject *one = PyTuple_GET_ITEM(keys, i);
        if (PyBytes_CheckExact(one) && PyBytes_GET_SIZE(one) == PyBytes_GET_SIZE(key) &&
            memcmp(PyBytes_AS_STRING(one), PyBytes_AS_STRING(key),
                   (size_t)PyBytes_GET_SIZE(key)) == 0)
            return 1;
    }
    return 0;
}

/* Are those who signed keys of this signer, and as many as it asks for? */
static int are_own_keys(PyObject *signer, PyObject *signatures)
{
    int64_t threshold;
    PyObject *keys = field(signer, SIGNER, SIGNER_KEYS);
    TRY(number(signer, SIGNER, SIGNER_THRESHOLD, &threshold));
    ONLY_IF(PyTuple_CheckExact(keys) && PyTuple_CheckExact(signatures));
    ONLY_IF(PyTuple_GET_SIZE(signatures) >= threshold);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(signatures); i++) {
        PyObject *pair = PyTuple_GET_ITEM(signatures, i);
        ONLY_IF(PyTuple_CheckExact(pair) && PyTuple_GET_SIZE(pair) == 2);
        PyObject *key = PyTuple_GET_ITEM(pair, 0);
        ONLY_IF(PyBytes_CheckExact(key) && is_among(keys, key));
    }
    return DONE;
}

static int has_authority(struct frame *frame, PyObject *transaction, PyObject *signer)
{
    PyObject *record;
    TRY(get(frame, SIGNERS, signer, SIGNER, &record));
    ONLY_IF(record);
    int came_to = are_own_keys(record, field(transaction, TRANSACTION, TRANSACTION_SIGNATURES));
    Py_DECREF(record);
    return came_to;
}

/* Is the sequence the next one of its lane? */
static int is_next(struct frame *frame, PyObject *body, PyObject *lane)
{
    PyObject *record;
    int64_t sequence, expected = 0;
    TRY(number(body, BODY, BODY_SEQUENCE, &sequence));
    TRY(get(frame, LANES, lane, LANE, &record));
    int came_to = record ? number(record, LANE, LANE_NEXT, &expected) : DONE;
    Py_XDECREF(record);
    TRY(came_to);
    ONLY_IF(sequence == expected);
    return DONE;
}

/* Can the wallet pay for a refusal? */
static int can_pay(struct frame *frame, PyObject *signer)
{
    PyObject *parameters, *balance;
    int64_t fee, held = 0;
    PyObject *no_key = PyTuple_New(0);
    int came_to = get(frame, FEES, no_key, LEDGER_PARAMETERS, &parameters);
    Py_XDECREF(no_key);
    TRY(came_to);
    ONLY_IF(parameters);
    PyObject *wallet = known_wallet(signer), *key = NULL;
    if (wallet)
        key = PyTuple_Pack(2, wallet, field(parameters, LEDGER_PARAMETERS, FEE_ASSET));
    came_to = number(parameters, LEDGER_PARAMETERS, FEE_QUANTUMS, &fee);
    Py_XDECREF(wallet);
    Py_DECREF(parameters);
    if (came_to == DONE)
        came_to = get(frame, BALANCES, key, BALANCE, &balance);
    Py_XDECREF(key);
    TRY(came_to);
    came_to = balance ? number(balance, BALANCE, BALANCE_AMOUNT, &held) : DONE;
    Py_XDECREF(balance);
    TRY(came_to);
    ONLY_IF(held >= fee);
    return DONE;
}

int frame_may_stand(struct frame *frame, PyObject *transaction, PyObject *lane)
{
    PyObject *body = field(transaction, TRANSACTION, TRANSACTION_BODY);
    PyObject *signer = field(body, BODY, BODY_SIGNER);
    TRY(has_room(frame, transaction));
    TRY(is_in_time(frame, body));
    TRY(has_authority(frame, transaction, signer));
    TRY(is_next(frame, body, lane));
    return can_pay(frame, signer);
}
