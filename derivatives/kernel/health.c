#include "health.h"

#include <string.h>

#define BRACKET 2
#define E9 1000000000
#define HOLDINGS_MAX 32

static const whole E18 = (whole)1000000000 * 1000000000;

/* One instrument of an account, as risk.Holding. */
struct holding {
    const struct line *line;
    int64_t size, entry, rate_8h;
    whole owed, buys, sells, buy_excess, sell_excess;
    int64_t orders;
    int has_orders;
    int family; /* the place of the first holding of its family */
};

struct portfolio {
    int count;
    struct holding held[HOLDINGS_MAX];
};

/* Store the value of a lot at the best price of a side, or leave the mark where it is empty. */
static int best_value(struct work *w, const struct holding *one, int side, whole *value)
{
    PyObject *top, *key = keep(w, Py_BuildValue("(Oi)", one->line->instrument, side));
    TRY(get(w, TOPS, key, &top));
    if (top == NULL)
        return DONE;
    int64_t rank;
    TRY(number(top, TOP, TOP_RANK, &rank));
    int64_t price = side == 1 ? INT64_MAX - rank : rank;
    ONLY_IF(product(price, one->line->tick_value, value));
    return DONE;
}

/* Store both sides of an account's orders in an instrument, reduce-only ones included. */
static int read_resting(struct work *w, struct holding *one, PyObject *key)
{
    PyObject *sums;
    TRY(get(w, RESTINGS, key, &sums));
    one->has_orders = sums != NULL;
    one->buys = one->sells = one->buy_excess = one->sell_excess = 0;
    one->orders = 0;
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

static int read_position(struct work *w, struct holding *one, PyObject *key)
{
    PyObject *position, *funding;
    TRY(get(w, POSITIONS, key, &position));
    TRY(get(w, FUNDINGS, one->line->instrument, &funding));
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
                       struct portfolio *all)
{
    PyObject *terms;
    ONLY_IF(all->count < HOLDINGS_MAX);
    struct holding *one = &all->held[all->count];
    TRY(get(w, INSTRUMENTS, name, &terms));
    ONLY_IF(terms != NULL);
    TRY(line_of(w, name, terms, field(record, ACCOUNT, ACCOUNT_COMPARTMENT),
                field(record, ACCOUNT, ACCOUNT_SCHEDULE), &one->line));
    PyObject *key = pair(w, account, name);
    TRY(read_position(w, one, key));
    TRY(read_resting(w, one, key));
    one->family = 0;
    while (!is_same_text(all->held[one->family].line->family, one->line->family))
        one->family++;
    all->count++;
    return DONE;
}

/* Return 1 where a portfolio has an instrument already. */
static int has(const struct portfolio *all, PyObject *name)
{
    for (int i = 0; i < all->count; i++)
        if (is_same_text(all->held[i].line->instrument, name))
            return 1;
    return 0;
}

/* Store what an account holds or has orders in. Sums do not ask in which order. */
static int read_holdings(struct work *w, PyObject *account, PyObject *record,
                         struct portfolio *all)
{
    PyObject *held, *opened;
    all->count = 0;
    TRY(get(w, HELD, account, &held));
    PyObject *names = held == NULL ? NULL : field(held, HOLDINGS, HOLDINGS_INSTRUMENTS);
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); i++)
        TRY(add_holding(w, account, record, PyTuple_GET_ITEM(names, i), all));
    TRY(get(w, OPEN_COUNTS, account, &opened));
    if (opened == NULL)
        return DONE;
    int64_t orders, known = 0;
    TRY(number(opened, OPEN_ORDERS, OPEN_ORDERS_COUNT, &orders));
    for (int i = 0; i < all->count; i++)
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
            TRY(add_holding(w, account, record, PyTuple_GET_ITEM(key, 1), all));
        after = keep(w, encoded(RESTINGS, &PyTuple_GET_ITEM(key, 0), 2));
        if (after == NULL)
            return PyErr_Occurred() ? FAILED : DECLINED;
    }
}

static whole most_lots(const struct holding *one)
{
    whole size = one->size;
    return larger(magnitude(size),
                  larger(magnitude(size + one->buys), magnitude(size - one->sells)));
}

/* Store what closing so many lots at the mark pays as a taker, rounded up. */
static int exit_fee(const struct line *line, whole lots, whole *fee)
{
    whole value;
    ONLY_IF(product(lots, line->exit_fee_ppm, &value) && product(value, line->mark_value, &value));
    *fee = divided_up(value, PPM);
    return DONE;
}

/* Store a loss as its scenario counts it, rounded up. */
static int weighted(whole loss, int64_t weight_ppm, whole *counts)
{
    *counts = loss;
    if (weight_ppm == PPM)
        return DONE;
    ONLY_IF(fraction_up(loss, weight_ppm, counts));
    *counts = larger(0, *counts);
    return DONE;
}

/* Store at least what filling any of the resting orders loses more in a scenario. */
static int filling_loss(const struct holding *one, int s, whole *more)
{
    whole loss = one->line->losses[s], weight = one->line->weights[s], bought = 0, sold = 0;
    if (loss > -BRACKET)
        ONLY_IF(product(one->buys, loss + BRACKET, &bought));
    if (loss < BRACKET)
        ONLY_IF(product(one->sells, BRACKET - loss, &sold));
    if (weight != PPM)
        ONLY_IF(fraction_up(bought, weight, &bought) && fraction_up(sold, weight, &sold));
    *more = one->buy_excess + one->sell_excess + bought + sold;
    return DONE;
}

/* What one family comes to. */
struct family {
    whole net, most, worst, worst_open, basis, basis_open;
    int has_orders;
};

/* Add up the worst scenario of a family, whose first holding is 'first'. */
static int scan(const struct portfolio *all, int first, struct family *family)
{
    const struct line *line = all->held[first].line;
    whole bracket = 0;
    for (int i = first; i < all->count; i++)
        if (all->held[i].family == first)
            bracket += BRACKET * magnitude(all->held[i].size);
    family->worst = family->worst_open = 0;
    for (int s = 0; s < line->width; s++) {
        whole sum = bracket, extra = 0, counts, part;
        for (int i = first; i < all->count; i++) {
            const struct holding *one = &all->held[i];
            if (one->family != first)
                continue;
            ONLY_IF(product(one->size, one->line->losses[s], &part));
            sum += part;
            if (one->has_orders) {
                TRY(filling_loss(one, s, &part));
                extra += part;
            }
        }
        TRY(weighted(sum, line->weights[s], &counts));
        family->worst = larger(family->worst, counts);
        family->worst_open = larger(family->worst_open, counts + extra);
    }
    return DONE;
}

/* Store the net delta of a family and the largest that it may come to, as risk.most_delta. */
static int delta(const struct portfolio *all, int first, struct family *family)
{
    whole up = 0, down = 0;
    family->net = 0;
    family->has_orders = 0;
    for (int i = first; i < all->count; i++) {
        const struct holding *one = &all->held[i];
        whole held, bought, sold;
        if (one->family != first)
            continue;
        ONLY_IF(product(one->size, one->line->moving, &held));
        ONLY_IF(product(one->buys, one->line->moving, &bought));
        ONLY_IF(product(one->sells, one->line->moving, &sold));
        family->net += held;
        family->has_orders |= one->has_orders;
        up += larger(0, bought) + larger(0, -sold);
        down += larger(0, -bought) + larger(0, sold);
    }
    family->most = larger(magnitude(family->net), larger(magnitude(family->net + up),
                                                         magnitude(family->net - down)));
    return DONE;
}

/* Store what a family's delta of this size costs beyond its threshold, rounded up. */
static int concentration(const struct line *line, whole most, whole *cost)
{
    whole rate;
    ONLY_IF(product(line->concentration_ppm, larger(0, most - line->threshold), &rate));
    rate = smaller(line->limit_ppm, divided_up(rate, line->unit));
    ONLY_IF(fraction_up(most, rate, cost));
    return DONE;
}

/* Store what crossing the spread beyond external depth costs, rounded up. */
static int crossing(const struct holding *one, whole *cost)
{
    whole own = most_lots(one), beyond = own - one->line->external_depth, value;
    *cost = 0;
    if (beyond <= 0 || own == 0)
        return DONE;
    ONLY_IF(product(one->line->half_spread_ppm, one->line->mark_value, &value));
    ONLY_IF(product(value, beyond, &value));
    /* The account is all that its signer has, so its share of the cost is the whole of it. */
    *cost = divided_up(value, PPM);
    return DONE;
}

/* Store what an account pays of funding in eight hours for one holding, rounded up. */
static int funding_8h(const struct holding *one, whole *paid)
{
    whole lot, worst, value;
    *paid = 0;
    if (one->rate_8h == 0)
        return DONE;
    ONLY_IF(product(one->rate_8h, one->line->index_value, &lot));
    ONLY_IF(product(one->size, lot, &worst));
    ONLY_IF(product(one->size + one->buys, lot, &value));
    worst = larger(worst, value);
    ONLY_IF(product(one->size - one->sells, lot, &value));
    *paid = divided_up(larger(worst, value), E9);
    return DONE;
}

/* Add a family to what the account stands at; 'added' grows by what its price is unsure of. */
static int add_family(struct work *w, const struct portfolio *all, int first,
                      struct health *health, whole *added)
{
    const struct line *line = all->held[first].line;
    struct family family;
    PyObject *price;
    whole cost;
    TRY(delta(all, first, &family));
    TRY(scan(all, first, &family));
    ONLY_IF(fraction_up(magnitude(family.net), line->basis_ppm, &family.basis));
    ONLY_IF(fraction_up(family.most, line->basis_ppm, &family.basis_open));
    TRY(concentration(line, family.most, &cost));
    health->delta += magnitude(family.net);
    health->risk += family.worst + family.basis;
    health->risk_open += cost + (family.has_orders ? family.worst_open + family.basis_open
                                                   : family.worst + family.basis);
    TRY(get(w, PRICES, line->family, &price));
    if (price != NULL) {
        int64_t price_e8, confidence;
        TRY(number(price, FEED_PRICE, PRICE_E8, &price_e8));
        TRY(number(price, FEED_PRICE, PRICE_CONFIDENCE, &confidence));
        ONLY_IF(price_e8 > 0 && product(family.most, confidence, &cost));
        *added += divided_up(cost, price_e8);
    }
    return DONE;
}

/* Store an account's cash; decline where it has other collateral. */
static int read_cash(struct work *w, PyObject *account, PyObject *record, whole *cash)
{
    PyObject *terms, *hour, *balance, *compartment = field(record, ACCOUNT, ACCOUNT_COMPARTMENT);
    TRY(get(w, COMPARTMENTS, compartment, &terms));
    TRY(get(w, OUTFLOWS, compartment, &hour));
    ONLY_IF(terms != NULL && hour != NULL);
    PyObject *asset = field(terms, COMPARTMENT, COMPARTMENT_ASSET);
    PyObject *held = field(hour, OUTFLOW_HOUR, OUTFLOW_HELD);
    int64_t amount;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(held); i++) {
        PyObject *one = PyTuple_GET_ITEM(held, i);
        ONLY_IF(Py_IS_TYPE(one, layouts[ASSET_AMOUNT].type));
        PyObject *other = field(one, ASSET_AMOUNT, ASSET_AMOUNT_ASSET);
        if (is_same_text(other, asset))
            continue;
        TRY(get(w, BALANCES, pair(w, account, other), &balance));
        if (balance != NULL) {
            TRY(number(balance, BALANCE, BALANCE_AMOUNT, &amount));
            ONLY_IF(amount <= 0);
        }
    }
    *cash = 0;
    TRY(get(w, BALANCES, pair(w, account, asset), &balance));
    if (balance != NULL) {
        TRY(number(balance, BALANCE, BALANCE_AMOUNT, &amount));
        *cash = amount;
    }
    return DONE;
}

/* Decline where a signer has other accounts, which count beside this one. */
static int is_alone(struct work *w, PyObject *record)
{
    PyObject *owned;
    TRY(get(w, OWNED_BY, field(record, ACCOUNT, ACCOUNT_OWNER), &owned));
    ONLY_IF(owned == NULL || PyTuple_GET_SIZE(field(owned, OWNED, OWNED_NUMBERS)) <= 1);
    return DONE;
}

static int schedule_of(struct work *w, PyObject *record, PyObject **terms)
{
    PyObject *key = pair(w, field(record, ACCOUNT, ACCOUNT_COMPARTMENT),
                         field(record, ACCOUNT, ACCOUNT_SCHEDULE));
    TRY(get(w, SCHEDULES, key, terms));
    ONLY_IF(*terms != NULL);
    return DONE;
}

int health_of(struct work *w, PyObject *account, PyObject *record, struct health *health)
{
    struct portfolio all;
    whole added = 0, exit_fees = 0, paid = 0, marked = 0, indexed = 0, part;
    PyObject *terms;
    int64_t initial_ppm, maintenance_ppm;
    memset(health, 0, sizeof *health);
    TRY(schedule_of(w, record, &terms));
    TRY(number(terms, SCHEDULE_TERMS, SCHEDULE_INITIAL, &initial_ppm));
    TRY(number(terms, SCHEDULE_TERMS, SCHEDULE_MAINTENANCE, &maintenance_ppm));
    TRY(read_cash(w, account, record, &health->cash));
    TRY(read_holdings(w, account, record, &all));
    if (all.count > 0)
        TRY(is_alone(w, record));
    for (int i = 0; i < all.count; i++) {
        const struct holding *one = &all.held[i];
        whole gone = one->entry + one->owed;
        ONLY_IF(product(one->size, one->line->mark_value, &part));
        marked += part - gone;
        ONLY_IF(product(one->size, one->line->index_value, &part));
        indexed += part - gone;
        TRY(exit_fee(one->line, magnitude(one->size), &part));
        exit_fees += part;
        TRY(exit_fee(one->line, most_lots(one), &part));
        added += part;
        TRY(funding_8h(one, &part));
        paid += part;
        TRY(crossing(one, &part));
        health->risk_open += part;
        if (one->family == i)
            TRY(add_family(w, &all, i, health, &added));
    }
    added += larger(0, paid);
    health->backing = health->cash;
    health->unrealised = marked;
    health->equity = health->backing + marked;
    health->index_equity = health->backing + indexed;
    health->solvency = health->cash + indexed;
    ONLY_IF(fraction_up(health->risk_open, initial_ppm, &health->initial));
    ONLY_IF(fraction_up(health->risk, maintenance_ppm, &health->maintenance));
    health->initial += added;
    health->maintenance += exit_fees;
    return DONE;
}

int stands_well(struct work *w, PyObject *record, const struct health *health)
{
    PyObject *terms;
    int64_t gains_ppm;
    whole most;
    TRY(schedule_of(w, record, &terms));
    TRY(number(terms, SCHEDULE_TERMS, SCHEDULE_GAINS, &gains_ppm));
    ONLY_IF(fraction_up(-larger(0, health->backing), gains_ppm, &most));
    whole counted = health->backing + smaller(health->unrealised, -most);
    ONLY_IF(health->solvency >= 0 && health->cash >= 0 && counted >= health->initial);
    return DONE;
}

int needs_no_look(struct work *w, PyObject *holder)
{
    PyObject *record, *owned, *held, *opened;
    struct health health;
    TRY(get(w, ACCOUNTS, holder, &record));
    ONLY_IF(record != NULL);
    TRY(get(w, OWNED_BY, field(record, ACCOUNT, ACCOUNT_OWNER), &owned));
    ONLY_IF(owned != NULL);
    int is_known = PySequence_Contains(field(owned, OWNED, OWNED_NUMBERS),
                                       field(record, ACCOUNT, ACCOUNT_NUMBER));
    if (is_known < 0)
        return FAILED;
    ONLY_IF(is_known);
    TRY(get(w, HELD, holder, &held));
    TRY(get(w, OPEN_COUNTS, holder, &opened));
    if (held == NULL && opened == NULL) {
        TRY(read_cash(w, holder, record, &health.cash));
        ONLY_IF(health.cash >= 0);
        return DONE;
    }
    TRY(health_of(w, holder, record, &health));
    return stands_well(w, record, &health);
}
