#include "desk.h"

#define HOLDERS_MAX 4096

/* Put a position; its index is as a record of funding has it, and so is not looked at again. */
static int put_position(struct desk *d, struct row *row, PyObject *const *values)
{
    if (PyLong_CheckExact(values[POSITION_INDEX]))
        return put_made(d, row, POSITION, values);
    PyObject *made = make_as_is(POSITION, values);
    if (made == NULL)
        return FAILED;
    int came_to = put(d->w, row, made);
    Py_DECREF(made);
    return came_to;
}

/* Return a holder's name that begins with a word, kept; NULL with an exception set. */
PyObject *holder_of(struct desk *d, enum holder which, PyObject *name)
{
    static const char *const words[HOLDERS_OF] = {"house", "house-funding", "insurance", "fees"};
    static PyObject *known[HOLDERS_OF];
    if (known[which] == NULL && (known[which] = PyDict_New()) == NULL)
        return NULL;
    PyObject *holder = PyDict_GetItemWithError(known[which], name);
    if (holder != NULL || PyErr_Occurred())
        return holder == NULL ? NULL : keep(d->w, Py_NewRef(holder));
    holder = keep(d->w, PyUnicode_FromFormat("%s/%U", words[which], name));
    if (PyDict_GET_SIZE(known[which]) >= HOLDERS_MAX)
        PyDict_Clear(known[which]);
    if (holder == NULL || PyDict_SetItem(known[which], name, holder) < 0)
        return NULL;
    return holder;
}

static const whole E18 = (whole)1000000000 * 1000000000;

int give(struct desk *d, PyObject *holder, whole amount)
{
    struct row *stored;
    PyObject *left;
    int64_t balance = 0;
    TRY(row_of(d->w, BALANCES, holder, d->quote, &stored));
    if (stored->record != NULL)
        TRY(number(stored->record, BALANCE, BALANCE_AMOUNT, &balance));
    if (balance + amount == 0)
        return put(d->w, stored, NULL);
    if ((left = kept_int(d, balance + amount)) == NULL)
        return FAILED;
    return put_made(d, stored, BALANCE, &left);
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
    TRY(get(d->w, BALANCES, account, d->quote, &stored));
    if (stored != NULL)
        TRY(number(stored, BALANCE, BALANCE_AMOUNT, &balance));
    TRY(get(d->w, DEBTORS, d->compartment, account, &debtor));
    ONLY_IF((balance < 0) == (debtor != NULL));
    return DONE;
}

int settle(struct desk *d, PyObject *account, struct row *row, PyObject *funding)
{
    PyObject *position = row->record;
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
    TRY(put_position(d, row,
                     (PyObject *[]){field(position, POSITION, POSITION_SIZE),
                                    field(position, POSITION, POSITION_ENTRY), index}));
    ONLY_IF(product(paid, E18, &unrounded));
    if (unrounded != owed) {
        TRY(wide_number(field(funding, FUNDING, FUNDING_DUST), &dust));
        PyObject *left = kept_int(d, dust + unrounded - owed);
        struct row *dusty;
        if (left == NULL)
            return FAILED;
        TRY(row_of(d->w, FUNDINGS, d->name, NULL, &dusty));
        TRY(put_made(d, dusty, FUNDING,
                     (PyObject *[]){index, field(funding, FUNDING, FUNDING_RATE),
                                    field(funding, FUNDING, FUNDING_HOUR), left}));
    }
    if (paid == 0)
        return DONE;
    PyObject *house = holder_of(d, HOUSE_FUNDING, d->name);
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
    struct row *stored;
    PyObject *count;
    int64_t accounts = 0;
    TRY(row_of(d->w, HOLDERS, d->compartment, NULL, &stored));
    if (stored->record != NULL)
        TRY(number(stored->record, POSITION_HOLDERS, POSITION_HOLDERS_COUNT, &accounts));
    if (accounts + change == 0)
        return put(d->w, stored, NULL);
    if ((count = kept_int(d, accounts + change)) == NULL)
        return FAILED;
    return put_made(d, stored, POSITION_HOLDERS, &count);
}

/* Add the instrument to what an account holds, names ascending. */
static int hold(struct desk *d, PyObject *account)
{
    struct row *held;
    PyObject *listed = NULL;
    Py_ssize_t count = 0, place = 0;
    TRY(row_of(d->w, HELD, account, NULL, &held));
    if (held->record == NULL)
        TRY(count_holders(d, 1));
    else {
        listed = field(held->record, HOLDINGS, HOLDINGS_INSTRUMENTS);
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
    return put_made(d, held, HOLDINGS, &longer);
}

/* Take the instrument out of what an account holds. */
static int release(struct desk *d, PyObject *account)
{
    struct row *held;
    TRY(row_of(d->w, HELD, account, NULL, &held));
    ONLY_IF(held->record != NULL);
    PyObject *listed = field(held->record, HOLDINGS, HOLDINGS_INSTRUMENTS);
    Py_ssize_t count = PyTuple_GET_SIZE(listed), left = 0;
    if (count <= 1) {
        ONLY_IF(count == 1 && is_same_text(PyTuple_GET_ITEM(listed, 0), d->name));
        TRY(put(d->w, held, NULL));
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
    return put_made(d, held, HOLDINGS, &shorter);
}

static int move_open_interest(struct desk *d, whole lots)
{
    struct row *stored;
    PyObject *left;
    int64_t longs = 0;
    TRY(row_of(d->w, OPEN_INTERESTS, d->name, NULL, &stored));
    if (stored->record != NULL)
        TRY(number(stored->record, OPEN_INTEREST, OPEN_INTEREST_LONG, &longs));
    if (longs + lots == 0)
        return put(d->w, stored, NULL);
    if ((left = kept_int(d, longs + lots)) == NULL)
        return FAILED;
    return put_made(d, stored, OPEN_INTEREST, &left);
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

int fill(struct desk *d, PyObject *account, struct row *row, whole size, whole value,
         PyObject *index, whole *realised)
{
    PyObject *held = row->record;
    int64_t before = 0, entry = 0;
    whole left;
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
        TRY(put_position(d, row, (PyObject *[]){lots, cost, index}));
    } else {
        TRY(put(d->w, row, NULL));
        TRY(release(d, account));
    }
    whole growth = larger(0, after) - larger(0, before);
    if (growth != 0)
        TRY(move_open_interest(d, growth));
    if (*realised == 0)
        return DONE;
    PyObject *house = holder_of(d, HOUSE, d->name);
    return post(d, house, account, *realised);
}
