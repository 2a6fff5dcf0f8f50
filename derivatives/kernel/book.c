#include "desk.h"

/* Store the row of the best order of a side. */
static int top_of(struct desk *d, int side, struct row **top)
{
    PyObject *number = kept_int(d, side);
    return number == NULL ? FAILED : row_of(d->w, TOPS, d->name, number, top);
}

int best_of(struct desk *d, int side, int *found, struct rested *best)
{
    struct row *top;
    *found = 0;
    TRY(top_of(d, side, &top));
    if (top->record == NULL)
        return DONE;
    best->side = side;
    best->key = keep(d->w, PyTuple_Pack(4, d->name, top->parts[1],
                                        field(top->record, TOP, TOP_RANK),
                                        field(top->record, TOP, TOP_PRIORITY)));
    TRY(get_apart(d->w, BOOK, best->key, &best->order));
    ONLY_IF(best->order != NULL);
    best->holder = field(best->order, ORDER, ORDER_HOLDER);
    TRY(number(best->order, ORDER, ORDER_PRICE, &best->price));
    TRY(number(best->order, ORDER, ORDER_REMAINING, &best->remaining));
    *found = 1;
    return DONE;
}

/* Add lots and orders to what rests of an account on one side. */
static int move_sums(struct desk *d, PyObject *order, PyObject *account, int side, int64_t lots,
                     int64_t count)
{
    PyObject *values[RESTING_FIELDS];
    struct row *row;
    whole moved[RESTING_FIELDS];
    int64_t price;
    TRY(number(order, ORDER, ORDER_PRICE, &price));
    TRY(row_of(d->w, RESTINGS, account, d->name, &row));
    PyObject *sums = row->record;
    for (int i = 0; i < RESTING_FIELDS; i++) {
        int64_t value = 0;
        if (sums != NULL)
            TRY(number(sums, RESTING, i, &value));
        moved[i] = value;
    }
    int is_buy = side == BUY;
    if (field(order, ORDER, ORDER_REDUCE_ONLY) == Py_True) {
        moved[is_buy ? RESTING_REDUCE_BUY : RESTING_REDUCE_SELL] += lots;
    } else {
        whole value;
        ONLY_IF(product(lots, price, &value) && product(value, d->tick_value, &value));
        moved[is_buy ? RESTING_BUY_LOTS : RESTING_SELL_LOTS] += lots;
        moved[is_buy ? RESTING_BUY_VALUE : RESTING_SELL_VALUE] += value;
    }
    moved[is_buy ? RESTING_BUY_COUNT : RESTING_SELL_COUNT] += count;
    if (moved[RESTING_BUY_COUNT] == 0 && moved[RESTING_SELL_COUNT] == 0)
        return put(d->w, row, NULL);
    for (int i = 0; i < RESTING_FIELDS; i++)
        if ((values[i] = kept_int(d, moved[i])) == NULL)
            return FAILED;
    return put_made(d, row, RESTING, values);
}

/* Add to how many orders and triggers an account has open. */
static int count_open(struct desk *d, PyObject *account, int change)
{
    struct row *opened;
    PyObject *count;
    int64_t orders = 0;
    TRY(row_of(d->w, OPEN_COUNTS, account, NULL, &opened));
    if (opened->record != NULL)
        TRY(number(opened->record, OPEN_ORDERS, OPEN_ORDERS_COUNT, &orders));
    if (orders + change == 0)
        return put(d->w, opened, NULL);
    if ((count = kept_int(d, orders + change)) == NULL)
        return FAILED;
    return put_made(d, opened, OPEN_ORDERS, &count);
}

/* Put a made record under a key that nobody asks for again; a NULL one is taken away. */
static int put_apart_made(struct desk *d, enum table table, PyObject *key, enum kind kind,
                          PyObject *const *values)
{
    PyObject *record = values == NULL ? NULL : make(kind, values);
    if (values != NULL && record == NULL)
        return FAILED;
    int came_to = put_apart(d->w, table, key, record);
    Py_XDECREF(record);
    return came_to;
}

/* Make an order known as one of its account's, at a place; unknown where that is NULL. */
static int list(struct desk *d, PyObject *order, PyObject *account, PyObject *const *place)
{
    PyObject *id = field(order, ORDER, ORDER_ID);
    PyObject *client_id = field(order, ORDER, ORDER_CLIENT_ID);
    PyObject *good_till = field(order, ORDER, ORDER_GOOD_TILL), *key = pair(d->w, account, id);
    int64_t good_till_ms;
    TRY(number(order, ORDER, ORDER_GOOD_TILL, &good_till_ms));
    TRY(put_apart_made(d, ORDERS, key, PLACED, place));
    TRY(count_open(d, account, place == NULL ? -1 : 1));
    if (PyUnicode_GET_LENGTH(client_id) > 0) {
        key = pair(d->w, account, client_id);
        TRY(put_apart_made(d, CLIENT_IDS, key, CLIENT_ID, place == NULL ? NULL : &id));
    }
    if (good_till_ms == 0)
        return DONE;
    key = triple(d->w, good_till, id, account);
    return put_apart_made(d, EXPIRIES, key, EXPIRY, place == NULL ? NULL : &account);
}

int rest(struct desk *d, PyObject *order, int64_t rank)
{
    PyObject *stage = kept_int(d, 1), *rank_object = kept_int(d, rank);
    int64_t best_rank = 0, best_priority = 0;
    struct row *top;
    TRY(top_of(d, d->side, &top));
    if (stage == NULL || rank_object == NULL)
        return FAILED;
    PyObject *side = top->parts[1];
    PyObject *key = keep(d->w, PyTuple_Pack(4, d->name, side, rank_object, d->order_id));
    TRY(put_apart(d->w, BOOK, key, order));
    if (top->record != NULL) {
        TRY(number(top->record, TOP, TOP_RANK, &best_rank));
        TRY(number(top->record, TOP, TOP_PRIORITY, &best_priority));
    }
    if (top->record == NULL || rank < best_rank ||
        (rank == best_rank && d->number < best_priority))
        TRY(put_made(d, top, TOP, (PyObject *[]){rank_object, d->order_id}));
    TRY(list(d, order, d->account,
             (PyObject *[]){stage, d->name, side, rank_object, d->order_id}));
    int64_t remaining;
    TRY(number(order, ORDER, ORDER_REMAINING, &remaining));
    return move_sums(d, order, d->account, d->side, remaining, 1);
}

/* Let the next order of a side be its top where the one that is gone was. */
static int move_top(struct desk *d, const struct rested *gone)
{
    struct row *top;
    PyObject *key, *row;
    int same_rank, same_priority;
    TRY(top_of(d, gone->side, &top));
    ONLY_IF(top->record != NULL);
    same_rank = PyObject_RichCompareBool(field(top->record, TOP, TOP_RANK),
                                         PyTuple_GET_ITEM(gone->key, 2), Py_EQ);
    same_priority = PyObject_RichCompareBool(field(top->record, TOP, TOP_PRIORITY),
                                             PyTuple_GET_ITEM(gone->key, 3), Py_EQ);
    if (same_rank < 0 || same_priority < 0)
        return FAILED;
    if (!same_rank || !same_priority)
        return DONE;
    PyObject *after = keep(d->w, encoded(BOOK, &PyTuple_GET_ITEM(gone->key, 0), 4));
    Py_ssize_t same = 2 + PyUnicode_GET_LENGTH(d->name) + 1 + 1;
    TRY(next_row(d->w, BOOK, after, same, &key, &row));
    if (key == NULL)
        return put(d->w, top, NULL);
    return put_made(d, top, TOP, &PyTuple_GET_ITEM(key, 2));
}

int shrink(struct desk *d, const struct rested *maker, int64_t remaining)
{
    if (remaining == 0) {
        TRY(put_apart(d->w, BOOK, maker->key, NULL));
        TRY(move_top(d, maker));
        TRY(list(d, maker->order, maker->holder, NULL));
        return move_sums(d, maker->order, maker->holder, maker->side, -maker->remaining, -1);
    }
    PyObject *values[ORDER_FIELDS];
    for (int i = 0; i < ORDER_FIELDS; i++)
        values[i] = field(maker->order, ORDER, i);
    if ((values[ORDER_REMAINING] = kept_int(d, remaining)) == NULL)
        return FAILED;
    TRY(put_apart_made(d, BOOK, maker->key, ORDER, values));
    return move_sums(d, maker->order, maker->holder, maker->side, remaining - maker->remaining,
                     0);
}

int nothing_to_trim(struct desk *d, PyObject *account)
{
    PyObject *sums, *held;
    int64_t buys, sells, size = 0;
    TRY(get(d->w, RESTINGS, account, d->name, &sums));
    if (sums == NULL)
        return DONE;
    TRY(number(sums, RESTING, RESTING_REDUCE_BUY, &buys));
    TRY(number(sums, RESTING, RESTING_REDUCE_SELL, &sells));
    if (buys == 0 && sells == 0)
        return DONE;
    TRY(get(d->w, POSITIONS, account, d->name, &held));
    if (held != NULL)
        TRY(number(held, POSITION, POSITION_SIZE, &size));
    ONLY_IF(buys <= larger(0, -(whole)size) && sells <= larger(0, size));
    return DONE;
}
