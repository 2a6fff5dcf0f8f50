#include "desk.h"

static int side_key(struct desk *d, int side, PyObject **key)
{
    PyObject *number = kept_int(d, side);
    *key = number == NULL ? NULL : pair(d->w, d->name, number);
    return *key == NULL ? FAILED : DONE;
}

int best_of(struct desk *d, int side, int *found, struct rested *best)
{
    PyObject *at, *top;
    *found = 0;
    TRY(side_key(d, side, &at));
    TRY(get(d->w, TOPS, at, &top));
    if (top == NULL)
        return DONE;
    best->side = side;
    best->key = keep(d->w, PyTuple_Pack(4, d->name, PyTuple_GET_ITEM(at, 1),
                                        field(top, TOP, TOP_RANK),
                                        field(top, TOP, TOP_PRIORITY)));
    TRY(get(d->w, BOOK, best->key, &best->order));
    ONLY_IF(best->order != NULL);
    best->holder = field(best->order, ORDER, ORDER_HOLDER);
    TRY(number(best->order, ORDER, ORDER_PRICE, &best->price));
    TRY(number(best->order, ORDER, ORDER_REMAINING, &best->remaining));
    *found = 1;
    return DONE;
}

/* Add lots and orders to what rests of an account on one side. */
static int move_sums(struct desk *d, PyObject *order, int side, int64_t lots, int64_t count)
{
    PyObject *sums, *values[RESTING_FIELDS];
    PyObject *key = pair(d->w, field(order, ORDER, ORDER_HOLDER), d->name);
    whole moved[RESTING_FIELDS];
    int64_t price;
    TRY(number(order, ORDER, ORDER_PRICE, &price));
    TRY(get(d->w, RESTINGS, key, &sums));
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
        return put(d->w, RESTINGS, key, NULL);
    for (int i = 0; i < RESTING_FIELDS; i++)
        if ((values[i] = kept_int(d, moved[i])) == NULL)
            return FAILED;
    return put_made(d, RESTINGS, key, RESTING, values);
}

/* Add to how many orders and triggers an account has open. */
static int count_open(struct desk *d, PyObject *account, int change)
{
    PyObject *opened, *count;
    int64_t orders = 0;
    TRY(get(d->w, OPEN_COUNTS, account, &opened));
    if (opened != NULL)
        TRY(number(opened, OPEN_ORDERS, OPEN_ORDERS_COUNT, &orders));
    if (orders + change == 0)
        return put(d->w, OPEN_COUNTS, account, NULL);
    if ((count = kept_int(d, orders + change)) == NULL)
        return FAILED;
    return put_made(d, OPEN_COUNTS, account, OPEN_ORDERS, &count);
}

/* Make an order known as one of its account's, at a place; unknown where that is NULL. */
static int list(struct desk *d, PyObject *order, PyObject *const *place)
{
    PyObject *account = field(order, ORDER, ORDER_HOLDER), *id = field(order, ORDER, ORDER_ID);
    PyObject *client_id = field(order, ORDER, ORDER_CLIENT_ID);
    PyObject *good_till = field(order, ORDER, ORDER_GOOD_TILL), *key = pair(d->w, account, id);
    int64_t good_till_ms;
    TRY(number(order, ORDER, ORDER_GOOD_TILL, &good_till_ms));
    TRY(place == NULL ? put(d->w, ORDERS, key, NULL) : put_made(d, ORDERS, key, PLACED, place));
    TRY(count_open(d, account, place == NULL ? -1 : 1));
    if (PyUnicode_GET_LENGTH(client_id) > 0) {
        key = pair(d->w, account, client_id);
        TRY(place == NULL ? put(d->w, CLIENT_IDS, key, NULL)
                          : put_made(d, CLIENT_IDS, key, CLIENT_ID, &id));
    }
    if (good_till_ms == 0)
        return DONE;
    key = triple(d->w, good_till, id, account);
    return place == NULL ? put(d->w, EXPIRIES, key, NULL)
                         : put_made(d, EXPIRIES, key, EXPIRY, &account);
}

int rest(struct desk *d, PyObject *order, int64_t rank)
{
    PyObject *at, *top, *stage = kept_int(d, 1), *rank_object = kept_int(d, rank);
    int64_t best_rank = 0, best_priority = 0;
    TRY(side_key(d, d->side, &at));
    if (stage == NULL || rank_object == NULL)
        return FAILED;
    PyObject *side = PyTuple_GET_ITEM(at, 1);
    TRY(put(d->w, BOOK, keep(d->w, PyTuple_Pack(4, d->name, side, rank_object, d->order_id)),
            order));
    TRY(get(d->w, TOPS, at, &top));
    if (top != NULL) {
        TRY(number(top, TOP, TOP_RANK, &best_rank));
        TRY(number(top, TOP, TOP_PRIORITY, &best_priority));
    }
    if (top == NULL || rank < best_rank || (rank == best_rank && d->number < best_priority))
        TRY(put_made(d, TOPS, at, TOP, (PyObject *[]){rank_object, d->order_id}));
    TRY(list(d, order, (PyObject *[]){stage, d->name, side, rank_object, d->order_id}));
    int64_t remaining;
    TRY(number(order, ORDER, ORDER_REMAINING, &remaining));
    return move_sums(d, order, d->side, remaining, 1);
}

/* Let the next order of a side be its top where the one that is gone was. */
static int move_top(struct desk *d, const struct rested *gone)
{
    PyObject *at, *top, *key, *row;
    int same_rank, same_priority;
    TRY(side_key(d, gone->side, &at));
    TRY(get(d->w, TOPS, at, &top));
    ONLY_IF(top != NULL);
    same_rank = PyObject_RichCompareBool(field(top, TOP, TOP_RANK),
                                         PyTuple_GET_ITEM(gone->key, 2), Py_EQ);
    same_priority = PyObject_RichCompareBool(field(top, TOP, TOP_PRIORITY),
                                             PyTuple_GET_ITEM(gone->key, 3), Py_EQ);
    if (same_rank < 0 || same_priority < 0)
        return FAILED;
    if (!same_rank || !same_priority)
        return DONE;
    PyObject *after = keep(d->w, encoded(BOOK, &PyTuple_GET_ITEM(gone->key, 0), 4));
    Py_ssize_t same = 2 + PyUnicode_GET_LENGTH(d->name) + 1 + 1;
    TRY(next_row(d->w, BOOK, after, same, &key, &row));
    if (key == NULL)
        return put(d->w, TOPS, at, NULL);
    return put_made(d, TOPS, at, TOP, &PyTuple_GET_ITEM(key, 2));
}

int shrink(struct desk *d, const struct rested *maker, int64_t remaining)
{
    if (remaining == 0) {
        TRY(put(d->w, BOOK, maker->key, NULL));
        TRY(move_top(d, maker));
        TRY(list(d, maker->order, NULL));
        return move_sums(d, maker->order, maker->side, -maker->remaining, -1);
    }
    PyObject *values[ORDER_FIELDS];
    for (int i = 0; i < ORDER_FIELDS; i++)
        values[i] = field(maker->order, ORDER, i);
    if ((values[ORDER_REMAINING] = kept_int(d, remaining)) == NULL)
        return FAILED;
    TRY(put_made(d, BOOK, maker->key, ORDER, values));
    return move_sums(d, maker->order, maker->side, remaining - maker->remaining, 0);
}

int nothing_to_trim(struct desk *d, PyObject *account)
{
    PyObject *sums, *held, *key = pair(d->w, account, d->name);
    int64_t buys, sells, size = 0;
    TRY(get(d->w, RESTINGS, key, &sums));
    if (sums == NULL)
        return DONE;
    TRY(number(sums, RESTING, RESTING_REDUCE_BUY, &buys));
    TRY(number(sums, RESTING, RESTING_REDUCE_SELL, &sells));
    if (buys == 0 && sells == 0)
        return DONE;
    TRY(get(d->w, POSITIONS, key, &held));
    if (held != NULL)
        TRY(number(held, POSITION, POSITION_SIZE, &size));
    ONLY_IF(buys <= larger(0, -(whole)size) && sells <= larger(0, size));
    return DONE;
}
