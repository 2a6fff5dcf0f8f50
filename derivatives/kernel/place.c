#include "place.h"

#include <string.h>

#define GOOD_TILL_CANCELLED 1
#define FILL_OR_KILL 3
#define ACTION_OPEN 1
#define ACTION_REDUCE 2
#define FEED_INVALID 0
#define ALLOWED_YES 1
#define FILLS_MAX 200
#define CLIENT_ID_BYTES_MAX 36
#define KIND_PERPETUAL 1

int emit(struct desk *d, enum kind kind, PyObject *const *values)
{
    PyObject *event = make(kind, values);
    if (event == NULL)
        return FAILED;
    int added = PyList_Append(d->events, event);
    Py_DECREF(event);
    return added < 0 ? FAILED : DONE;
}

int touch(struct desk *d, PyObject *holder)
{
    return PyList_Append(d->touched, holder) < 0 ? FAILED : DONE;
}

int put_made(struct desk *d, struct row *row, enum kind kind, PyObject *const *values)
{
    PyObject *record = make(kind, values);
    if (record == NULL)
        return FAILED;
    int came_to = put(d->w, row, record);
    Py_DECREF(record);
    return came_to;
}

PyObject *word(enum word which)
{
    static const char *const texts[WORDS] = {"buyer", "seller", "immediate", "fills_limit"};
    static PyObject *known[WORDS];
    if (known[which] == NULL)
        known[which] = PyUnicode_InternFromString(texts[which]);
    return known[which];
}

static inline PyObject *asked(const struct desk *d, int place)
{
    return field(d->order, PLACE, place);
}

/* Decline unless a feed permits opening and reducing. */
static int feed_permits(struct desk *d)
{
    PyObject *price, *answer, *state;
    TRY(get(d->w, PRICES, field(d->terms, INSTRUMENT, INSTRUMENT_UNDERLYING), NULL, &price));
    state = price == NULL ? kept_int(d, FEED_INVALID) : field(price, FEED_PRICE, PRICE_STATE);
    for (int action = ACTION_OPEN; action <= ACTION_REDUCE; action++) {
        int64_t allowed;
        PyObject *number_of_action = kept_int(d, action);
        if (state == NULL || number_of_action == NULL)
            return FAILED;
        TRY(get(d->w, PERMISSIONS, state, number_of_action, &answer));
        ONLY_IF(answer != NULL);
        TRY(number(answer, PERMISSION, PERMISSION_ALLOWED, &allowed));
        ONLY_IF(allowed == ALLOWED_YES);
    }
    return DONE;
}

/* Read who asks, and of which instrument; decline where the signer is not the owner. */
static int read_parties(struct desk *d, PyObject *context)
{
    PyObject *limits;
    struct row *row;
    int64_t kind;
    TRY(row_of(d->w, ACCOUNTS, asked(d, PLACE_HOLDER), NULL, &row));
    ONLY_IF(row->record != NULL);
    d->account = row->key; /* one object for all its orders: what it is asked by is near */
    d->record = row->record;
    int owns = PyObject_RichCompareBool(field(d->record, ACCOUNT, ACCOUNT_OWNER),
                                        field(context, CONTEXT, CONTEXT_SIGNER), Py_EQ);
    if (owns < 0)
        return FAILED;
    ONLY_IF(owns);
    TRY(row_of(d->w, INSTRUMENTS, asked(d, PLACE_INSTRUMENT), NULL, &row));
    ONLY_IF(row->record != NULL);
    d->name = row->key;
    d->terms = row->record;
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_KIND, &kind));
    d->compartment = field(d->terms, INSTRUMENT, INSTRUMENT_COMPARTMENT);
    d->quote = field(d->terms, INSTRUMENT, INSTRUMENT_QUOTE);
    ONLY_IF(kind == KIND_PERPETUAL);
    ONLY_IF(is_same_text(field(d->record, ACCOUNT, ACCOUNT_COMPARTMENT), d->compartment));
    TRY(get(d->w, COMPARTMENTS, d->compartment, NULL, &limits));
    ONLY_IF(limits != NULL);
    d->limits = limits;
    return DONE;
}

/* Decline where there is no room for one order more, or its name is taken. */
static int has_room(struct desk *d)
{
    PyObject *client_id = asked(d, PLACE_CLIENT_ID), *taken, *opened;
    int64_t orders = 0, orders_max;
    if (PyUnicode_GET_LENGTH(client_id) > 0) {
        TRY(get_apart(d->w, CLIENT_IDS, pair(d->w, d->account, client_id), &taken));
        ONLY_IF(taken == NULL);
    }
    TRY(get(d->w, OPEN_COUNTS, d->account, NULL, &opened));
    if (opened != NULL)
        TRY(number(opened, OPEN_ORDERS, OPEN_ORDERS_COUNT, &orders));
    TRY(number(d->limits, COMPARTMENT, COMPARTMENT_ORDERS_MAX, &orders_max));
    ONLY_IF(orders < orders_max);
    return DONE;
}

/* Give the order its number. */
static int count_order(struct desk *d)
{
    struct row *counter;
    d->number = 0;
    TRY(row_of(d->w, ORDER_COUNTERS, d->compartment, NULL, &counter));
    if (counter->record != NULL)
        TRY(number(counter->record, ORDER_COUNTER, ORDER_COUNTER_LAST, &d->number));
    ONLY_IF(d->number < INT64_MAX);
    if ((d->order_id = kept_int(d, ++d->number)) == NULL)
        return FAILED;
    return put_made(d, counter, ORDER_COUNTER, &d->order_id);
}

/* Decline where the price is too far from the index, or the side would be worth too much. */
static int figures_fit(struct desk *d, int64_t price)
{
    int64_t index_e8, index_value, mark_value, tick_e8, distance_ppm, lots = 0, quantums = 0;
    whole at_e8, off, reach, lot, value, rests;
    PyObject *sums;
    TRY(number(d->mark, MARK, MARK_INDEX_PRICE, &index_e8));
    TRY(number(d->mark, MARK, MARK_INDEX_VALUE, &index_value));
    TRY(number(d->mark, MARK, MARK_VALUE, &mark_value));
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_TICK_SIZE, &tick_e8));
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_LIMIT_DISTANCE, &distance_ppm));
    d->lot_value = larger(index_value, mark_value);
    if (price != 0) {
        ONLY_IF(product(price, tick_e8, &at_e8));
        ONLY_IF(product(magnitude(at_e8 - index_e8), PPM, &off));
        ONLY_IF(product(distance_ppm, index_e8, &reach) && off <= reach);
    }
    TRY(get(d->w, RESTINGS, d->account, d->name, &sums));
    int is_buy = d->side == BUY;
    if (sums != NULL) {
        TRY(number(sums, RESTING, is_buy ? RESTING_BUY_LOTS : RESTING_SELL_LOTS, &lots));
        TRY(number(sums, RESTING, is_buy ? RESTING_BUY_VALUE : RESTING_SELL_VALUE, &quantums));
    }
    ONLY_IF(product(price, d->tick_value, &lot));
    lot = larger(larger(1, lot), d->lot_value);
    ONLY_IF(product(d->remaining, lot, &value) && product(lots, lot, &rests));
    ONLY_IF(rests + value <= FIGURE_MAX && quantums + value <= FIGURE_MAX);
    return DONE;
}

/* Decline where the market does not take the order now. */
static int is_tradable(struct desk *d, int64_t price)
{
    PyObject *trading, *shortfall;
    int64_t state, good_till_ms;
    TRY(get(d->w, TRADINGS, d->name, NULL, &trading));
    ONLY_IF(trading != NULL);
    TRY(number(trading, TRADING, TRADING_STATE, &state));
    ONLY_IF(state == TRADING_OPEN);
    TRY(get(d->w, SHORTFALLS, d->compartment, NULL, &shortfall));
    ONLY_IF(shortfall == NULL);
    TRY(feed_permits(d));
    TRY(read_number(asked(d, PLACE_GOOD_TILL), &good_till_ms));
    ONLY_IF(good_till_ms == 0 || d->time_ms < good_till_ms);
    TRY(mark_of(d->w, d->name, &d->mark));
    TRY(number(d->mark, MARK, MARK_TICKS, &d->mark_ticks));
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_TICK_VALUE, &d->tick_value));
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_BAND, &d->band_ppm));
    return figures_fit(d, price);
}

/* Store the worst price at which the order trades: its own, or the edge of the band. */
static int find_limit(struct desk *d, int64_t price)
{
    whole centre, reach;
    d->limit_ticks = price;
    if (price != 0)
        return DONE;
    ONLY_IF(product(d->mark_ticks, PPM, &centre) && product(d->band_ppm, d->mark_ticks, &reach));
    whole limit = d->side == BUY ? divided_down(centre + reach, PPM)
                                 : larger(1, divided_up(centre - reach, PPM));
    ONLY_IF(limit == (int64_t)limit);
    d->limit_ticks = (int64_t)limit;
    return DONE;
}

static int reaches(const struct desk *d, int64_t price)
{
    return d->side == BUY ? price <= d->limit_ticks : price >= d->limit_ticks;
}

/* Return 1 where two margin accounts are of two signers, whose digits they begin with. */
static int is_of_another(PyObject *one, PyObject *other)
{
    if (!PyUnicode_IS_COMPACT_ASCII(one) || !PyUnicode_IS_COMPACT_ASCII(other) ||
        PyUnicode_GET_LENGTH(one) <= ADDRESS_DIGITS || PyUnicode_GET_LENGTH(other) <= ADDRESS_DIGITS)
        return 0;
    const char *a = PyUnicode_DATA(one), *b = PyUnicode_DATA(other);
    return a[ADDRESS_DIGITS] == '/' && b[ADDRESS_DIGITS] == '/' &&
           memcmp(a, b, ADDRESS_DIGITS) != 0;
}

/* Decline a resting order that is over, one of the same signer, and a price beyond the band. */
static int may_meet(struct desk *d, const struct rested *maker)
{
    int64_t good_till_ms;
    whole off, band;
    TRY(number(maker->order, ORDER, ORDER_GOOD_TILL, &good_till_ms));
    ONLY_IF(good_till_ms == 0 || good_till_ms >= d->time_ms);
    ONLY_IF(is_of_another(maker->holder, d->account));
    ONLY_IF(product(magnitude((whole)maker->price - d->mark_ticks), PPM, &off));
    ONLY_IF(product(d->band_ppm, d->mark_ticks, &band) && off <= band);
    return DONE;
}

/* Trade with the best order of the other side, which is within the limit. */
static int meet(struct desk *d, struct rested *maker)
{
    struct row *row;
    int64_t size = (int64_t)smaller(d->remaining, maker->remaining);
    int64_t signed_size = maker->side == BUY ? size : -size;
    TRY(may_meet(d, maker));
    TRY(row_of(d->w, ACCOUNTS, maker->holder, NULL, &row));
    ONLY_IF(row->record != NULL && size > 0);
    maker->holder = row->key;
    TRY(fits_account(d, maker->holder, row->record, signed_size));
    TRY(fits_account(d, d->account, d->record, -signed_size));
    int64_t left = maker->remaining - size;
    TRY(shrink(d, maker, left));
    d->remaining -= size;
    TRY(novate(d, maker, size));
    PyObject *values[] = {field(maker->order, ORDER, ORDER_ID), d->order_id, d->name,
                          PyTuple_GET_ITEM(maker->key, 1),
                          field(maker->order, ORDER, ORDER_PRICE), kept_int(d, size),
                          kept_int(d, left)};
    if (values[5] == NULL || values[6] == NULL)
        return FAILED;
    TRY(emit(d, ORDER_FILLED, values));
    TRY(nothing_to_trim(d, maker->holder));
    TRY(nothing_to_trim(d, d->account));
    TRY(stands_well(d->w, maker->holder));
    return stands_well(d->w, d->account);
}

/* Fill the order as far as it goes; 'why' says why the rest must not rest, or stays NULL. */
static int take(struct desk *d, PyObject **why)
{
    int other = d->side == BUY ? SELL : BUY, found;
    struct rested maker;
    for (int met = 0; d->remaining > 0; met++) {
        TRY(best_of(d, other, &found, &maker));
        if (!found || !reaches(d, maker.price))
            return DONE;
        if (met == FILLS_MAX) {
            *why = word(FILLS_LIMIT);
            return *why == NULL ? FAILED : DONE;
        }
        TRY(meet(d, &maker));
    }
    return DONE;
}

/* Put what is left of the order into the book, or tell why it never rests. */
static int leave(struct desk *d, int time_in_force, int64_t price, PyObject *why)
{
    PyObject *left = kept_int(d, d->remaining), *side = asked(d, PLACE_SIDE);
    PyObject *price_ticks = asked(d, PLACE_PRICE);
    if (left == NULL)
        return FAILED;
    ONLY_IF(time_in_force != FILL_OR_KILL);
    if (why == NULL && (time_in_force != GOOD_TILL_CANCELLED || price == 0))
        if ((why = word(IMMEDIATE)) == NULL)
            return FAILED;
    if (why != NULL)
        return emit(d, ORDER_CANCELLED,
                    (PyObject *[]){d->order_id, d->account, d->name, side, price_ticks, left,
                                   why});
    PyObject *values[ORDER_FIELDS] = {
        d->order_id, d->account, price_ticks, asked(d, PLACE_SIZE), left, Py_False,
        asked(d, PLACE_POST_ONLY), asked(d, PLACE_SELF_TRADE), asked(d, PLACE_CLIENT_ID),
        asked(d, PLACE_GOOD_TILL), d->time, d->height, d->time, d->height};
    PyObject *order = keep(d->w, make(ORDER, values));
    if (order == NULL)
        return FAILED;
    TRY(rest(d, order, d->side == BUY ? INT64_MAX - price : price));
    return emit(d, ORDER_RESTED,
                (PyObject *[]){d->order_id, d->account, d->name, side, price_ticks, left});
}

static int tell_placed(struct desk *d)
{
    return emit(d, ORDER_PLACED,
                (PyObject *[]){d->order_id, d->account, d->name, asked(d, PLACE_SIDE),
                               asked(d, PLACE_PRICE), asked(d, PLACE_SIZE),
                               asked(d, PLACE_TIME_IN_FORCE), asked(d, PLACE_POST_ONLY),
                               asked(d, PLACE_REDUCE_ONLY), asked(d, PLACE_CLIENT_ID),
                               asked(d, PLACE_TRIGGER_TICKS)});
}

/* Decline what an account may not call an order. */
static int may_be_called(PyObject *client_id)
{
    ONLY_IF(PyUnicode_CheckExact(client_id) && PyUnicode_IS_COMPACT_ASCII(client_id));
    const char *letters = PyUnicode_DATA(client_id);
    Py_ssize_t length = PyUnicode_GET_LENGTH(client_id);
    ONLY_IF(length <= CLIENT_ID_BYTES_MAX);
    for (Py_ssize_t i = 0; i < length; i++)
        ONLY_IF(letters[i] >= '!' && letters[i] <= '~');
    return DONE;
}

/* Decline what Place.check refuses, an order that waits for the mark, and one that only reduces. */
static int is_plain(struct desk *d, int64_t *price, int64_t *time_in_force)
{
    int64_t side, self_trade, trigger_kind, trigger_ticks, good_till_ms;
    TRY(read_number(asked(d, PLACE_SIDE), &side));
    TRY(read_number(asked(d, PLACE_PRICE), price));
    TRY(read_number(asked(d, PLACE_SIZE), &d->remaining));
    TRY(read_number(asked(d, PLACE_TIME_IN_FORCE), time_in_force));
    TRY(read_number(asked(d, PLACE_SELF_TRADE), &self_trade));
    TRY(read_number(asked(d, PLACE_TRIGGER_KIND), &trigger_kind));
    TRY(read_number(asked(d, PLACE_TRIGGER_TICKS), &trigger_ticks));
    TRY(read_number(asked(d, PLACE_GOOD_TILL), &good_till_ms));
    TRY(may_be_called(asked(d, PLACE_CLIENT_ID)));
    ONLY_IF((side == BUY || side == SELL) && *price >= 0 && d->remaining > 0);
    ONLY_IF(*time_in_force >= GOOD_TILL_CANCELLED && *time_in_force <= FILL_OR_KILL);
    ONLY_IF(self_trade == 0 || self_trade == 1);
    ONLY_IF(trigger_kind == 0 && trigger_ticks <= 0);
    ONLY_IF(asked(d, PLACE_REDUCE_ONLY) == Py_False);
    if (*time_in_force == GOOD_TILL_CANCELLED)
        ONLY_IF(*price > 0);
    else
        ONLY_IF(good_till_ms <= 0 && asked(d, PLACE_POST_ONLY) == Py_False);
    d->side = (int)side;
    return DONE;
}

static int go_through(struct desk *d, PyObject *context)
{
    int64_t price, time_in_force;
    PyObject *why = NULL;
    TRY(is_plain(d, &price, &time_in_force));
    TRY(read_number(d->time, &d->time_ms));
    TRY(read_parties(d, context));
    TRY(has_room(d));
    TRY(count_order(d));
    TRY(is_tradable(d, price));
    TRY(tell_placed(d));
    TRY(find_limit(d, price));
    TRY(touch(d, d->account));
    if (asked(d, PLACE_POST_ONLY) == Py_True) {
        struct rested best;
        int found;
        TRY(best_of(d, d->side == BUY ? SELL : BUY, &found, &best));
        ONLY_IF(!found || !reaches(d, best.price));
    } else {
        TRY(take(d, &why));
    }
    return d->remaining == 0 ? DONE : leave(d, (int)time_in_force, price, why);
}

/* Give the context what happened. */
static int tell_all(struct desk *d, PyObject *context)
{
    PyObject *events = field(context, CONTEXT, CONTEXT_EVENTS);
    PyObject *touched = field(context, CONTEXT, CONTEXT_TOUCHED);
    Py_ssize_t end = PyList_GET_SIZE(events);
    if (PyList_SetSlice(events, end, end, d->events) < 0)
        return FAILED;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(d->touched); i++)
        if (PyDict_SetItem(touched, PyList_GET_ITEM(d->touched, i), Py_None) < 0)
            return FAILED;
    return DONE;
}

int place_order(struct work *w, PyObject *order, PyObject *context)
{
    struct desk d = {.w = w, .order = order};
    ONLY_IF(Py_IS_TYPE(order, layouts[PLACE].type));
    ONLY_IF(PyList_CheckExact(field(context, CONTEXT, CONTEXT_EVENTS)));
    ONLY_IF(PyDict_CheckExact(field(context, CONTEXT, CONTEXT_TOUCHED)));
    d.time = field(context, CONTEXT, CONTEXT_TIME);
    d.height = field(context, CONTEXT, CONTEXT_HEIGHT);
    d.events = keep(w, PyList_New(0));
    d.touched = keep(w, PyList_New(0));
    if (d.events == NULL || d.touched == NULL)
        return FAILED;
    Py_ssize_t mark = work_mark(w);
    int came_to = go_through(&d, context);
    if (came_to == DONE)
        return tell_all(&d, context);
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    int undone = work_undo(w, mark);
    if (type != NULL)
        PyErr_Restore(type, value, trace);
    return undone == DONE ? came_to : FAILED;
}
