#include "portfolio.h"

#include <string.h>

#define PAR_E8 100000000
#define DECIMALS_MAX 18

static const whole E18 = (whole)1000000000 * 1000000000;

/* Store the value of a lot at the best price of a side, or leave the mark where it is empty. */
static int best_value(struct work *w, const struct holding *one, int side, whole *value)
{
    PyObject *top, *number_of_side = keep(w, PyLong_FromLong(side));
    if (number_of_side == NULL)
        return FAILED;
    TRY(get(w, TOPS, one->line->instrument, number_of_side, &top));
    if (top == NULL)
        return DONE;
    int64_t rank;
    TRY(number(top, TOP, TOP_RANK, &rank));
    int64_t price = side == 1 ? INT64_MAX - rank : rank;
    ONLY_IF(product(price, one->line->tick_value, value));
    return DONE;
}

/* Store both sides of an account's orders in an instrument, reduce-only ones included. */
static int read_resting(struct work *w, struct holding *one, PyObject *account)
{
    PyObject *sums;
    TRY(get(w, RESTINGS, account, one->line->instrument, &sums));
    one->has_orders = sums != NULL;
    if (sums == NULL)
        return DONE;
    int64_t buys, sells, reduce_buys, reduce_sells, buy_orders, sell_orders;
    TRY(number(sums, RESTING, RESTING_BUY_COUNT, &buy_orders));
    TRY(number(sums, RESTING, RESTING_SELL_COUNT, &sell_orders));
    one->orders = buy_orders + sell_orders;
    TRY(number(sums, RESTING, RESTING_BUY_LOTS, &buys));
    TRY(number(sums, RESTING, RESTING_SELL_LOTS, &sells));
    TRY(number(sums, RESTING, RESTING_REDUCE_BUY, &reduce_buys));
    TRY(number(sums, RESTING, RESTING_REDUCE_SELL, &reduce_sells));
    whole mark = one->line->mark_value, bid = mark, ask = mark;
    one->buys = (whole)buys + reduce_buys;
    one->sells = (whole)sells + reduce_sells;
    if (one->buys != 0)
        TRY(best_value(w, one, 1, &bid));
    if (one->sells != 0)
        TRY(best_value(w, one, 2, &ask));
    ONLY_IF(product(one->buys, larger(0, bid - mark), &one->buy_excess));
    ONLY_IF(product(one->sells, larger(0, mark - ask), &one->sell_excess));
    return DONE;
}

/* Store what is known of an instrument under an account's schedule: read once a work, since
 * nothing here changes it. Of funding it is the index and the rate, which dust leaves alone. */
static int see(struct work *w, PyObject *record, PyObject *name, const struct seen **seen)
{
    PyObject *schedule = field(record, ACCOUNT, ACCOUNT_SCHEDULE), *terms;
    for (int i = 0; i < w->seen_count; i++) {
        *seen = &w->seen[i];
        if (is_same_text((*seen)->name, name) && is_same_text((*seen)->schedule, schedule))
            return DONE;
    }
    ONLY_IF(w->seen_count < SEEN_MAX);
    struct seen *one = &w->seen[w->seen_count];
    TRY(get(w, INSTRUMENTS, name, NULL, &terms));
    ONLY_IF(terms != NULL);
    TRY(line_of(w, name, terms, field(record, ACCOUNT, ACCOUNT_COMPARTMENT), schedule,
                &one->line));
    TRY(get(w, FUNDINGS, name, NULL, &one->funding));
    TRY(get(w, PRICES, one->line->family, NULL, &one->price));
    one->name = name;
    one->schedule = schedule;
    *seen = one;
    w->seen_count++;
    return DONE;
}

static int read_position(struct work *w, struct holding *one, PyObject *account)
{
    PyObject *position, *funding = one->seen->funding;
    TRY(get(w, POSITIONS, account, one->line->instrument, &position));
    one->size = one->entry = one->rate_8h = 0;
    one->owed = 0;
    if (funding != NULL)
        TRY(number(funding, FUNDING, FUNDING_RATE, &one->rate_8h));
    if (position == NULL)
        return DONE;
    TRY(number(position, POSITION, POSITION_SIZE, &one->size));
    TRY(number(position, POSITION, POSITION_ENTRY, &one->entry));
    if (funding != NULL) {
        whole index, settled, owed;
        TRY(wide_number(field(funding, FUNDING, FUNDING_INDEX), &index));
        TRY(wide_number(field(position, POSITION, POSITION_INDEX), &settled));
        ONLY_IF(product(one->size, index - settled, &owed));
        one->owed = divided_up(owed, E18);
    }
    return DONE;
}

static int add_holding(struct work *w, PyObject *account, PyObject *record, PyObject *name,
                       int with_orders, struct portfolio *all)
{
    ONLY_IF(all->held_count < HOLDINGS_MAX);
    struct holding *one = &all->held[all->held_count];
    TRY(see(w, record, name, &one->seen));
    one->line = one->seen->line;
    TRY(read_position(w, one, account));
    one->has_orders = 0;
    one->orders = 0;
    one->buys = one->sells = one->buy_excess = one->sell_excess = 0;
    if (with_orders)
        TRY(read_resting(w, one, account));
    all->held_count++;
    return DONE;
}

/* Return 1 where a portfolio has an instrument already. */
static int has(const struct portfolio *all, PyObject *name)
{
    for (int i = 0; i < all->held_count; i++)
        if (is_same_text(all->held[i].line->instrument, name))
            return 1;
    return 0;
}

/* Store what an account holds or has orders in. Sums do not ask in which order. */
static int read_holdings(struct work *w, PyObject *account, PyObject *record, int with_orders,
                         struct portfolio *all)
{
    PyObject *held, *opened;
    all->held_count = 0;
    TRY(get(w, HELD, account, NULL, &held));
    PyObject *names = held == NULL ? NULL : field(held, HOLDINGS, HOLDINGS_INSTRUMENTS);
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++)
        TRY(add_holding(w, account, record, PyTuple_GET_ITEM(names, i), with_orders, all));
    if (!with_orders)
        return DONE;
    TRY(get(w, OPEN_COUNTS, account, NULL, &opened));
    if (opened == NULL)
        return DONE;
    int64_t orders, known = 0;
    TRY(number(opened, OPEN_ORDERS, OPEN_ORDERS_COUNT, &orders));
    for (int i = 0; i < all->held_count; i++)
        known += all->held[i].orders;
    if (known == orders)
        return DONE; /* all that is open rests where it holds something */
    PyObject *begins = keep(w, encoded(RESTINGS, &account, 1));
    ONLY_IF(begins != NULL);
    PyObject *after = begins, *key, *sums;
    for (;;) {
        TRY(next_row(w, RESTINGS, after, PyBytes_GET_SIZE(begins), &key, &sums));
        if (key == NULL)
            return DONE;
        if (!has(all, PyTuple_GET_ITEM(key, 1)))
            TRY(add_holding(w, account, record, PyTuple_GET_ITEM(key, 1), 1, all));
        after = keep(w, encoded(RESTINGS, &PyTuple_GET_ITEM(key, 0), 2));
        if (after == NULL)
            return PyErr_Occurred() ? FAILED : DECLINED;
    }
}

int find_home(struct work *w, PyObject *record, struct home *home)
{
    PyObject *compartment = field(record, ACCOUNT, ACCOUNT_COMPARTMENT);
    PyObject *schedule = field(record, ACCOUNT, ACCOUNT_SCHEDULE);
    *home = w->home;
    if (home->terms != NULL && is_same_text(home->compartment, compartment) &&
        is_same_text(home->schedule, schedule))
        return DONE;
    home->compartment = compartment;
    home->schedule = schedule;
    TRY(get(w, COMPARTMENTS, compartment, NULL, &home->limits));
    TRY(get(w, OUTFLOWS, compartment, NULL, &home->hour));
    TRY(get(w, SCHEDULES, compartment, schedule, &home->terms));
    ONLY_IF(home->limits != NULL && home->hour != NULL && home->terms != NULL);
    w->home = *home;
    return DONE;
}

/* Store what a holder has of an asset. */
static int read_balance(struct work *w, PyObject *holder, PyObject *asset, int64_t *amount)
{
    PyObject *balance;
    *amount = 0;
    TRY(get(w, BALANCES, holder, asset, &balance));
    return balance == NULL ? DONE : number(balance, BALANCE, BALANCE_AMOUNT, amount);
}

/* Store ten to the decimals of an asset. */
static int unit_of(struct work *w, PyObject *asset, whole *unit)
{
    PyObject *record;
    int64_t decimals;
    TRY(get(w, ASSETS, asset, NULL, &record));
    ONLY_IF(record != NULL);
    TRY(number(record, ASSET, ASSET_DECIMALS, &decimals));
    ONLY_IF(decimals >= 0 && decimals <= DECIMALS_MAX);
    for (*unit = 1; decimals > 0; decimals--)
        *unit *= 10;
    return DONE;
}

/* Add an asset of which an account has an amount, where it is collateral and has a price. */
static int add_backing(struct work *w, const struct home *home, PyObject *asset, int64_t amount,
                       struct portfolio *all)
{
    PyObject *terms, *record;
    int64_t price_e8, average_e8;
    whole own, paid, scaled, worth;
    TRY(get(w, COLLATERALS, home->compartment, asset, &terms));
    if (terms == NULL)
        return DONE;
    ONLY_IF(all->backed_count < BACKINGS_MAX);
    struct backing *one = &all->backed[all->backed_count];
    one->family = field(terms, COLLATERAL_TERMS, COLLATERAL_FEED);
    TRY(get(w, PRICES, one->family, NULL, &one->price));
    if (one->price == NULL)
        return DONE;
    TRY(get_of_three(w, FAMILIES, home->compartment, home->schedule, one->family, &record));
    ONLY_IF(record != NULL);
    TRY(read_family_terms(record, &one->terms));
    TRY(number(terms, COLLATERAL_TERMS, COLLATERAL_HAIRCUT, &one->haircut_ppm));
    TRY(number(one->price, FEED_PRICE, PRICE_E8, &price_e8));
    TRY(number(one->price, FEED_PRICE, PRICE_AVERAGE_5M, &average_e8));
    TRY(unit_of(w, asset, &own));
    TRY(unit_of(w, field(home->limits, COMPARTMENT, COMPARTMENT_ASSET), &paid));
    ONLY_IF(product(amount, paid, &scaled));
    ONLY_IF(product(scaled, smaller(price_e8, average_e8), &worth));
    one->value = divided_down(worth, PAR_E8 * own);
    ONLY_IF(product(scaled, price_e8, &worth));
    one->index_value = divided_down(worth, PAR_E8 * own);
    all->backed_count++;
    return DONE;
}

int read_money(struct work *w, PyObject *account, const struct home *home, struct portfolio *all)
{
    PyObject *settlement = field(home->limits, COMPARTMENT, COMPARTMENT_ASSET);
    PyObject *held = field(home->hour, OUTFLOW_HOUR, OUTFLOW_HELD);
    int64_t amount;
    all->backed_count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(held); i++) {
        PyObject *one = PyTuple_GET_ITEM(held, i);
        ONLY_IF(Py_IS_TYPE(one, layouts[ASSET_AMOUNT].type));
        PyObject *asset = field(one, ASSET_AMOUNT, ASSET_AMOUNT_ASSET);
        if (is_same_text(asset, settlement))
            continue;
        TRY(read_balance(w, account, asset, &amount));
        if (amount > 0)
            TRY(add_backing(w, home, asset, amount, all));
    }
    TRY(read_balance(w, account, settlement, &amount));
    all->cash = amount;
    return DONE;
}

int read_portfolio(struct work *w, PyObject *account, PyObject *record, const struct home *home,
                   int with_orders, struct portfolio *all)
{
    TRY(read_money(w, account, home, all));
    return read_holdings(w, account, record, with_orders, all);
}
