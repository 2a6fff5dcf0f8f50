#include "desk.h"

/* Decline where an account may not hold one instrument more. */
static int has_room(struct desk *d, PyObject *account, PyObject *record)
{
    PyObject *held, *holders;
    int64_t mode, positions_max, accounts_max, accounts;
    TRY(get(d->w, HELD, account, NULL, &held));
    TRY(number(record, ACCOUNT, ACCOUNT_MODE, &mode));
    TRY(number(d->limits, COMPARTMENT, COMPARTMENT_POSITIONS_MAX, &positions_max));
    TRY(number(d->limits, COMPARTMENT, COMPARTMENT_ACCOUNTS_MAX, &accounts_max));
    if (held != NULL) {
        ONLY_IF(mode != MODE_ISOLATED);
        ONLY_IF(PyTuple_GET_SIZE(field(held, HOLDINGS, HOLDINGS_INSTRUMENTS)) < positions_max);
        return DONE;
    }
    ONLY_IF(positions_max > 0);
    TRY(get(d->w, HOLDERS, d->compartment, NULL, &holders));
    if (holders == NULL)
        return DONE;
    TRY(number(holders, POSITION_HOLDERS, POSITION_HOLDERS_COUNT, &accounts));
    ONLY_IF(accounts < accounts_max);
    return DONE;
}

int fits_account(struct desk *d, PyObject *account, PyObject *record, int64_t size)
{
    PyObject *held;
    int64_t lots = 0;
    whole value;
    TRY(get(d->w, POSITIONS, account, d->name, &held));
    if (held != NULL)
        TRY(number(held, POSITION, POSITION_SIZE, &lots));
    if (lots != 0 && (lots < 0) != (size < 0) && magnitude(size) <= magnitude(lots))
        return DONE; /* it only brings a position nearer to zero */
    ONLY_IF(is_same_text(field(record, ACCOUNT, ACCOUNT_COMPARTMENT), d->compartment));
    ONLY_IF(product(magnitude((whole)lots + size), d->lot_value, &value) && value <= FIGURE_MAX);
    return held != NULL ? DONE : has_room(d, account, record);
}

struct fees {
    whole taker, rebate, insurance, house;
};

/* Store the fees of a trade between a taker and a maker, as trades.fees.fees_on. */
static int fees_on(struct desk *d, whole notional, struct fees *fees)
{
    int64_t taker_ppm, rebate_ppm, share_ppm;
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_TAKER_FEE, &taker_ppm));
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_REBATE, &rebate_ppm));
    TRY(number(d->limits, COMPARTMENT, COMPARTMENT_INSURANCE_SHARE, &share_ppm));
    ONLY_IF(fraction_up(notional, taker_ppm, &fees->taker));
    ONLY_IF(fraction_down(notional, rebate_ppm, &fees->rebate));
    ONLY_IF(fraction_up(fees->taker - fees->rebate, share_ppm, &fees->insurance));
    fees->house = fees->taker - fees->rebate - fees->insurance;
    ONLY_IF(fees->rebate >= 0 && fees->insurance >= 0 && fees->house >= 0);
    return DONE;
}

/* Move what the taker pays to the maker, the insurance fund and the fee account. */
static int pay_fees(struct desk *d, PyObject *maker, const struct fees *fees)
{
    if (fees->rebate != 0)
        TRY(give(d, maker, fees->rebate));
    if (fees->insurance != 0) {
        PyObject *fund = holder_of(d, INSURANCE, d->compartment);
        if (fund == NULL)
            return FAILED;
        TRY(give(d, fund, fees->insurance));
    }
    if (fees->house != 0) {
        PyObject *house = holder_of(d, FEES, d->compartment);
        if (house == NULL)
            return FAILED;
        TRY(give(d, house, fees->house));
    }
    return fees->taker == 0 ? DONE : give(d, d->account, -fees->taker);
}

/* Decline where a trade makes open interest grow beyond its cap. */
static int interest_fits(struct desk *d, PyObject *bought_from, PyObject *sold_from, int64_t size)
{
    PyObject *stored;
    whole bought, sold;
    int64_t longs = 0, cap;
    TRY(long_growth(bought_from, size, &bought));
    TRY(long_growth(sold_from, -size, &sold));
    if (bought + sold <= 0)
        return DONE;
    TRY(get(d->w, OPEN_INTERESTS, d->name, NULL, &stored));
    if (stored != NULL)
        TRY(number(stored, OPEN_INTEREST, OPEN_INTEREST_LONG, &longs));
    TRY(number(d->terms, INSTRUMENT, INSTRUMENT_INTEREST_CAP, &cap));
    ONLY_IF(longs + bought + sold <= cap);
    return DONE;
}

/* Settle funding of both sides, fill both, and store what each realised. */
static int fill_both(struct desk *d, PyObject *buyer, PyObject *seller, int64_t size, whole value,
                     whole *bought, whole *sold)
{
    struct row *funding, *bought_from, *sold_from;
    TRY(row_of(d->w, FUNDINGS, d->name, NULL, &funding));
    ONLY_IF(funding->record != NULL);
    TRY(row_of(d->w, POSITIONS, buyer, d->name, &bought_from));
    TRY(row_of(d->w, POSITIONS, seller, d->name, &sold_from));
    TRY(interest_fits(d, bought_from->record, sold_from->record, size));
    PyObject *index = field(funding->record, FUNDING, FUNDING_INDEX);
    if (bought_from->record != NULL)
        TRY(settle(d, buyer, bought_from, funding->record)); /* and may leave dust */
    if (sold_from->record != NULL)
        TRY(settle(d, seller, sold_from, funding->record));
    TRY(fill(d, buyer, bought_from, size, value, index, bought));
    TRY(fill(d, seller, sold_from, -(whole)size, -value, index, sold));
    TRY(touch(d, buyer));
    return touch(d, seller);
}

/* Store the number of the trade, one more than the last, and remember its price. */
static int count_trade(struct desk *d, PyObject *price, PyObject **count)
{
    struct row *before;
    int64_t trades = 0;
    TRY(row_of(d->w, TRADES, d->name, NULL, &before));
    if (before->record != NULL)
        TRY(number(before->record, TRADE_COUNT, TRADE_COUNT_TRADES, &trades));
    if ((*count = kept_int(d, (whole)trades + 1)) == NULL)
        return FAILED;
    return put_made(d, before, TRADE_COUNT, (PyObject *[]){*count, price});
}

int novate(struct desk *d, const struct rested *maker, int64_t size)
{
    int is_buying = d->side == BUY;
    PyObject *buyer = is_buying ? d->account : maker->holder;
    PyObject *seller = is_buying ? maker->holder : d->account;
    PyObject *price = field(maker->order, ORDER, ORDER_PRICE), *count;
    struct fees fees;
    whole value, bought, sold;
    ONLY_IF(product(size, maker->price, &value) && product(value, d->tick_value, &value));
    TRY(fees_on(d, value, &fees));
    TRY(fill_both(d, buyer, seller, size, value, &bought, &sold));
    TRY(pay_fees(d, maker->holder, &fees));
    TRY(owes_as_before(d, buyer));
    TRY(owes_as_before(d, seller));
    TRY(count_trade(d, price, &count));
    whole figures[] = {is_buying ? fees.taker : -fees.rebate, is_buying ? -fees.rebate : fees.taker,
                       bought, sold};
    PyObject *values[] = {count, d->name, price, kept_int(d, size),
                          word(is_buying ? BUYER : SELLER),
                          buyer, seller, NULL, NULL, NULL, NULL};
    for (int i = 0; i < 4; i++)
        if ((values[7 + i] = kept_int(d, figures[i])) == NULL)
            return FAILED;
    if (values[3] == NULL || values[4] == NULL)
        return FAILED;
    return emit(d, TRADED, values);
}
