#include "desk.h"

/* Put a position like another one, or from nothing where that is NULL. */
static int put_position(struct desk *d, PyObject *key, PyObject *like, PyObject *const *values)
{
    if (like == NULL || !Py_IS_TYPE(values[POSITION_INDEX], Py_TYPE(field(like, POSITION,
                                                                          POSITION_INDEX))))
        return put_made(d, POSITIONS, key, POSITION, values);
    PyObject *made = keep(d->w, make_like(like, POSITION, values));
    return made == NULL ? FAILED : put(d->w, POSITIONS, key, made);
}

static const whole E18 = (whole)1000000000 * 1000000000;

int give(struct desk *d, PyObject *holder, whole amount)
{
    PyObject *stored, *left, *key = pair(d->w, holder, d->quote);
    int64_t balance = 0;
    TRY(get(d->w, BALANCES, key, &stored));
    if (stored != NULL)
        TRY(number(stored, BALANCE, BALANCE_AMOUNT, &balance));
    if (balance + amount == 0)
        return put(d->w, BALANCES, key, NULL);
    if ((left = kept_int(d, balance + amount)) == NULL)
        return FAILED;
    return put_made(d, BALANCES, key, BALANCE, &left);
}

/* Move a signed amount from one holder to another, both of which may owe. */
static int post(struct desk *d, PyObject *debit, PyObject *credit, whole amount)
{
    if (amount < 0) {
        PyObject *payer = debit;
        debit = credit;
        credit = payer;
        amount = -amount;
    }
    if (debit == NULL || credit == NULL)
        return FAILED;
    if (amount == 0)
        return DONE;
    TRY(give(d, debit, -amount));
    return give(d, credit, amount);
}

int owes_as_before(struct desk *d, PyObject *account)
{
    PyObject *stored, *debtor;
    int64_t balance = 0;
    TRY(get(d->w, BALANCES, pair(d->w, account, d->quote), &stored));
    if (stored != NULL)
        TRY(number(stored, BALANCE, BALANCE_AMOUNT, &balance));
    TRY(get(d->w, DEBTORS, pair(d->w, d->compartment, account), &debtor));
    ONLY_IF((balance < 0) == (debtor != NULL));
    return DONE;
}

int settle(struct desk *d, PyObject *account, PyObject *position, PyObject *funding)
{
    PyObject *index = field(funding, FUNDING, FUNDING_INDEX);
    whole now, settled, owed, dust;
    int64_t size;
    TRY(wide_number(index, &now));
    TRY(wide_number(field(position, POSITION, POSITION_INDEX), &settled));
    if (now == settled)
        return DONE;
    TRY(number(position, POSITION, POSITION_SIZE, &size));
    ONLY_IF(product(size, now - settled, &owed));
    whole paid = divided_up(owed, E18), unrounded;
    TRY(put_position(d, pair(d->w, account, d->name), position,
                     (PyObject *[]){field(position, POSITION, POSITION_SIZE),
                                    field(position, POSITION, POSITION_ENTRY), index}));
    ONLY_IF(product(paid, E18, &unrounded));
    if (unrounded != owed) {
        TRY(wide_number(field(funding, FUNDING, FUNDING_DUST), &dust));
        PyObject *left = kept_int(d, dust + unrounded - owed);
        if (left == NULL)
            return FAILED;
        TRY(put_made(d, FUNDINGS, d->name, FUNDING,
                     (PyObject *[]){index, field(funding, FUNDING, FUNDING_RATE),
                                    field(funding, FUNDING, FUNDING_HOUR), left}));
    }
    if (paid == 0)
        return DONE;
    PyObject *house = keep(d->w, PyUnicode_FromFormat("house-funding/%U", d->name));
    TRY(post(d, account, house, paid));
    TRY(owes_as_before(d, account));
    TRY(touch(d, account));
    PyObject *amount = kept_int(d, paid);
    if (amount == NULL)
        return FAILED;
    return emit(d, FUNDING_PAID, (PyObject *[]){account, d->name, amount});
}

int long_growth(PyObject *position, int64_t size, whole *growth)
{
    int64_t held = 0;
    if (position != NULL)
        TRY(number(position, POSITION, POSITION_SIZE, &held));
    *growth = larger(0, (whole)held + size) - larger(0, held);
    return DONE;
}

/* Add to how many accounts of the compartment hold positions. */
static int count_holders(struct desk *d, int change)
{
    PyObject *stored, *count;
    int64_t accounts = 0;
    TRY(get(d->w, HOLDERS, d->compartment, &stored));
    if (stored != NULL)
        TRY(number(stored, POSITION_HOLDERS, POSITION_HOLDERS_COUNT, &accounts));
    if (accounts + change == 0)
        return put(d->w, HOLDERS, d->compartment, NULL);
    if ((count = kept_int(d, accounts + change)) == NULL)
        return FAILED;
    return put_made(d, HOLDERS, d->compartment, POSITION_HOLDERS, &count);
}

/* Add the instrument to what an account holds, names ascending. */
static int hold(struct desk *d, PyObject *account)
{
    PyObject *held, *listed = NULL;
    Py_ssize_t count = 0, place = 0;
    TRY(get(d->w, HELD, account, &held));
    if (held == NULL)
        TRY(count_holders(d, 1));
    else {
        listed = field(held, HOLDINGS, HOLDINGS_INSTRUMENTS);
        count = PyTuple_GET_SIZE(listed);
    }
    while (place < count && PyUnicode_Compare(PyTuple_GET_ITEM(listed, place), d->name) < 0)
        place++;
    PyObject *longer = keep(d->w, PyTuple_New(count + 1));
    if (longer == NULL)
        return FAILED;
    for (Py_ssize_t i = 0; i <= count; i++) {
        PyObject *one = i == place ? d->name : PyTuple_GET_ITEM(listed, i < place ? i : i - 1);
        PyTuple_SET_ITEM(longer, i, Py_NewRef(one));
    }
    return put_made(d, HELD, account, HOLDINGS, &longer);
}

/* Take the instrument out of what an account holds. */
static int release(struct desk *d, PyObject *account)
{
    PyObject *held;
    TRY(get(d->w, HELD, account, &held));
    ONLY_IF(held != NULL);
    PyObject *listed = field(held, HOLDINGS, HOLDINGS_INSTRUMENTS);
    Py_ssize_t count = PyTuple_GET_SIZE(listed), left = 0;
    if (count <= 1) {
        ONLY_IF(count == 1 && is_same_text(PyTuple_GET_ITEM(listed, 0), d->name));
        TRY(put(d->w, HELD, account, NULL));
        return count_holders(d, -1);
    }
    PyObject *shorter = keep(d->w, PyTuple_New(count - 1));
    if (shorter == NULL)
        return FAILED;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *one = PyTuple_GET_ITEM(listed, i);
        if (is_same_text(one, d->name))
            continue;
        ONLY_IF(left < count - 1);
        PyTuple_SET_ITEM(shorter, left++, Py_NewRef(one));
    }
    return put_made(d, HELD, account, HOLDINGS, &shorter);
}

static int move_open_interest(struct desk *d, whole lots)
{
    PyObject *stored, *left;
    int64_t longs = 0;
    TRY(get(d->w, OPEN_INTERESTS, d->name, &stored));
    if (stored != NULL)
        TRY(number(stored, OPEN_INTEREST, OPEN_INTEREST_LONG, &longs));
    if (longs + lots == 0)
        return put(d->w, OPEN_INTERESTS, d->name, NULL);
    if ((left = kept_int(d, longs + lots)) == NULL)
        return FAILED;
    return put_made(d, OPEN_INTERESTS, d->name, OPEN_INTEREST, &left);
}

/* Store what a fill makes of a position, as positions.fill.filled does. */
static int filled(whole held, whole entry, whole size, whole value, whole *entry_left,
                  whole *realised)
{
    whole scaled;
    if (held == 0 || (held > 0) == (size > 0)) {
        *entry_left = entry + value;
        *realised = 0;
    } else if (magnitude(size) <= magnitude(held)) {
        ONLY_IF(product(entry, magnitude(size), &scaled));
        whole closed = divided_half_even(scaled, magnitude(held));
        *entry_left = entry - closed;
        *realised = -value - closed;
    } else {
        /* Through zero: all that was held closes at its share of the value. */
        ONLY_IF(product(value, magnitude(held), &scaled));
        whole closing = divided_half_even(scaled, magnitude(size));
        *entry_left = value - closing;
        *realised = -closing - entry;
    }
    return DONE;
}

int fill(struct desk *d, PyObject *account, whole size, whole value, PyObject *index,
         whole *realised)
{
    PyObject *held, *key = pair(d->w, account, d->name);
    int64_t before = 0, entry = 0;
    whole left;
    TRY(get(d->w, POSITIONS, key, &held));
    if (held != NULL) {
        TRY(number(held, POSITION, POSITION_SIZE, &before));
        TRY(number(held, POSITION, POSITION_ENTRY, &entry));
    }
    TRY(filled(before, entry, size, value, &left, realised));
    if (held == NULL)
        TRY(hold(d, account));
    whole after = before + size;
    if (after != 0) {
        PyObject *lots = kept_int(d, after), *cost = kept_int(d, left);
        if (lots == NULL || cost == NULL)
            return FAILED;
        TRY(put_position(d, key, held, (PyObject *[]){lots, cost, index}));
    } else {
        TRY(put(d->w, POSITIONS, key, NULL));
        TRY(release(d, account));
    }
    whole growth = larger(0, after) - larger(0, before);
    if (growth != 0)
        TRY(move_open_interest(d, growth));
    if (*realised == 0)
        return DONE;
    PyObject *house = keep(d->w, PyUnicode_FromFormat("house/%U", d->name));
    return post(d, house, account, *realised);
}
