#include "health.h"

#include <string.h>

#include "portfolio.h"

#define BRACKET 2
#define E9 1000000000
#define FAMILIES_MAX (HOLDINGS_MAX + BACKINGS_MAX)
#define NUMBERS_MAX 64

/* What an account holds of one underlying, as risk.Family. */
struct family {
    PyObject *name, *price;
    const struct family_terms *terms;
    int is_held, has_orders;
    whole net, up, down, bracket;
};

struct families {
    int count;
    struct family each[FAMILIES_MAX];
};

/* Amounts by name. */
struct sums {
    int count;
    PyObject *names[NUMBERS_MAX];
    whole amounts[NUMBERS_MAX];
};

/* What a signer's other accounts hold: |lots| an instrument, |delta| a family. */
struct others {
    struct sums lots, delta;
};

/* Return the amount under a name, 0 where there is none. */
static whole amount_of(const struct sums *sums, PyObject *name)
{
    for (int i = 0; i < sums->count; i++)
        if (is_same_text(sums->names[i], name))
            return sums->amounts[i];
    return 0;
}

static int add_amount(struct sums *sums, PyObject *name, whole amount)
{
    for (int i = 0; i < sums->count; i++)
        if (is_same_text(sums->names[i], name)) {
            sums->amounts[i] += amount;
            ONLY_IF(fits(sums->amounts[i]));
            return DONE;
        }
    ONLY_IF(sums->count < NUMBERS_MAX);
    sums->names[sums->count] = name;
    sums->amounts[sums->count++] = amount;
    return DONE;
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
    whole loss = one->line->losses[s], weight = one->line->family_terms.weights[s], bought = 0, sold = 0;
    if (loss > -BRACKET)
        ONLY_IF(product(one->buys, loss + BRACKET, &bought));
    if (loss < BRACKET)
        ONLY_IF(product(one->sells, BRACKET - loss, &sold));
    if (weight != PPM)
        ONLY_IF(fraction_up(bought, weight, &bought) && fraction_up(sold, weight, &sold));
    *more = one->buy_excess + one->sell_excess + bought + sold;
    return DONE;
}

/* Store the family of a name, begun if it is new. */
static int family_named(struct families *all, PyObject *name, PyObject *price,
                        const struct family_terms *terms, struct family **family)
{
    for (int i = 0; i < all->count; i++)
        if (is_same_text(all->each[i].name, name)) {
            *family = &all->each[i];
            ONLY_IF((*family)->terms->record == terms->record);
            return DONE;
        }
    *family = &all->each[all->count++];
    **family = (struct family){.name = name, .price = price, .terms = terms};
    return DONE;
}

/* Store the parts of a portfolio by underlying. Sums do not ask in which order. */
static int families_of(const struct portfolio *portfolio, struct families *all)
{
    struct family *family;
    all->count = 0;
    for (int i = 0; i < portfolio->held_count; i++) {
        const struct holding *one = &portfolio->held[i];
        whole held, bought, sold;
        TRY(family_named(all, one->line->family, one->seen->price, &one->line->family_terms,
                         &family));
        ONLY_IF(product(one->size, one->line->moving, &held));
        ONLY_IF(product(one->buys, one->line->moving, &bought));
        ONLY_IF(product(one->sells, one->line->moving, &sold));
        family->is_held = 1;
        family->has_orders |= one->has_orders;
        family->net += held;
        family->up += larger(0, bought) + larger(0, -sold);
        family->down += larger(0, -bought) + larger(0, sold);
        family->bracket += BRACKET * magnitude(one->size);
    }
    for (int i = 0; i < portfolio->backed_count; i++) {
        const struct backing *part = &portfolio->backed[i];
        TRY(family_named(all, part->family, part->price, &part->terms, &family));
        family->net += part->value;
        family->bracket += BRACKET * magnitude(divided_down(part->value, COLLATERAL_LOT));
    }
    return DONE;
}

/* Store the largest |net delta| that a family may come to, as risk.most_delta. */
static whole most_delta(const struct family *family)
{
    return larger(magnitude(family->net), larger(magnitude(family->net + family->up),
                                                 magnitude(family->net - family->down)));
}

/* Store what a family loses in a scenario, weighed, and how much more with orders filled. */
static int losses_in(const struct portfolio *all, const struct family *family, int s,
                     whole *counts, whole *extra)
{
    whole sum = family->bracket, part;
    *extra = 0;
    for (int i = 0; i < all->held_count; i++) {
        const struct holding *one = &all->held[i];
        if (!is_same_text(one->line->family, family->name))
            continue;
        ONLY_IF(product(one->size, one->line->losses[s], &part));
        sum += part;
        if (one->has_orders) {
            TRY(filling_loss(one, s, &part));
            *extra += part;
        }
    }
    /* A lot of collateral is worth 10^6, and so what is left of it 10^6 + shock. */
    whole lost = COLLATERAL_LOT - larger(1, (whole)PPM + family->terms->shocks[s]);
    for (int i = 0; i < all->backed_count; i++) {
        const struct backing *one = &all->backed[i];
        if (!is_same_text(one->family, family->name))
            continue;
        ONLY_IF(product(divided_down(one->value, COLLATERAL_LOT), lost, &part));
        sum += part;
    }
    return weighted(sum, family->terms->weights[s], counts);
}

/* Store what a family's delta costs beyond its threshold, rounded up: this account's share. */
static int concentration(const struct family *family, whole most, const struct others *others,
                         whole *cost)
{
    const struct family_terms *terms = family->terms;
    whole together = most + amount_of(&others->delta, family->name), rate;
    *cost = 0;
    if (!family->is_held)
        return DONE;
    ONLY_IF(product(terms->concentration_ppm, larger(0, together - terms->threshold), &rate));
    rate = smaller(terms->limit_ppm, divided_up(rate, terms->unit));
    ONLY_IF(fraction_up(most, rate, cost));
    return DONE;
}

/* Store this account's share of crossing the spread beyond external depth, rounded up. */
static int crossing(const struct holding *one, const struct others *others, whole *cost)
{
    whole own = most_lots(one), together = own + amount_of(&others->lots, one->line->instrument);
    whole beyond = together - one->line->external_depth, value;
    *cost = 0;
    if (beyond <= 0 || own == 0)
        return DONE;
    ONLY_IF(product(one->line->half_spread_ppm, one->line->mark_value, &value));
    ONLY_IF(product(value, beyond, &value));
    ONLY_IF(product(divided_up(value, PPM), own, &value));
    *cost = divided_up(value, together);
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
static int add_family(const struct portfolio *all, const struct family *family,
                      const struct others *others, struct health *health, whole *added)
{
    whole most = most_delta(family), worst = 0, worst_open = 0, counts, extra, cost, basis;
    for (int s = 0; s < family->terms->width; s++) {
        TRY(losses_in(all, family, s, &counts, &extra));
        worst = larger(worst, counts);
        worst_open = larger(worst_open, counts + extra);
    }
    ONLY_IF(fraction_up(magnitude(family->net), family->terms->basis_ppm, &basis));
    TRY(concentration(family, most, others, &cost));
    health->delta += magnitude(family->net);
    health->risk += worst + basis;
    if (family->has_orders) {
        ONLY_IF(fraction_up(most, family->terms->basis_ppm, &basis));
        worst = worst_open;
    }
    health->risk_open += cost + worst + basis;
    if (family->price == NULL)
        return DONE;
    int64_t price_e8, confidence;
    TRY(number(family->price, FEED_PRICE, PRICE_E8, &price_e8));
    TRY(number(family->price, FEED_PRICE, PRICE_CONFIDENCE, &confidence));
    ONLY_IF(price_e8 > 0 && product(most, confidence, &cost));
    *added += divided_up(cost, price_e8);
    return DONE;
}

/* Store what a family moves with under the schedule of the account that asks. */
static int group_under(struct work *w, const struct home *asking, PyObject *family,
                       PyObject **group)
{
    PyObject *terms;
    *group = family;
    TRY(get_of_three(w, FAMILIES, asking->compartment, asking->schedule, family, &terms));
    if (terms == NULL)
        return DONE;
    PyObject *moves_with = field(terms, FAMILY_TERMS, FAMILY_MOVES_WITH);
    if (PyUnicode_GET_LENGTH(moves_with) > 0)
        *group = moves_with;
    return DONE;
}

/* Add what another account of the signer holds, in the groups that the asking one has. */
static int add_other(struct work *w, PyObject *account, const struct home *asking,
                     struct others *others)
{
    PyObject *record, *group;
    struct home home;
    struct portfolio all;
    struct families families;
    struct sums nets = {0};
    TRY(get(w, ACCOUNTS, account, NULL, &record));
    if (record == NULL)
        return DONE;
    TRY(find_home(w, record, &home));
    TRY(read_portfolio(w, account, record, &home, 0, &all));
    TRY(families_of(&all, &families));
    for (int i = 0; i < all.held_count; i++)
        TRY(add_amount(&others->lots, all.held[i].line->instrument,
                       magnitude(all.held[i].size)));
    for (int i = 0; i < families.count; i++) {
        TRY(group_under(w, asking, families.each[i].name, &group));
        TRY(add_amount(&nets, group, families.each[i].net));
    }
    for (int i = 0; i < nets.count; i++)
        TRY(add_amount(&others->delta, nets.names[i], magnitude(nets.amounts[i])));
    return DONE;
}

/* Store what the other accounts of an account's signer hold. */
static int read_others(struct work *w, PyObject *account, PyObject *record,
                       const struct home *asking, struct others *others)
{
    PyObject *owned;
    others->lots.count = others->delta.count = 0;
    TRY(get(w, OWNED_BY, field(record, ACCOUNT, ACCOUNT_OWNER), NULL, &owned));
    PyObject *numbers = owned == NULL ? NULL : field(owned, OWNED, OWNED_NUMBERS);
    if (numbers == NULL || PyTuple_GET_SIZE(numbers) <= 1)
        return DONE;
    Py_ssize_t slash = PyUnicode_FindChar(account, '/', 0, PyUnicode_GET_LENGTH(account), 1);
    ONLY_IF(slash > 0);
    PyObject *owner = keep(w, PyUnicode_Substring(account, 0, slash));
    for (Py_ssize_t i = 0; owner != NULL && i < PyTuple_GET_SIZE(numbers); i++) {
        PyObject *other = keep(w, PyUnicode_FromFormat("%U/%S", owner,
                                                       PyTuple_GET_ITEM(numbers, i)));
        if (other == NULL)
            return FAILED;
        if (!is_same_text(other, account))
            TRY(add_other(w, other, asking, others));
    }
    return owner == NULL ? FAILED : DONE;
}

/* Add up collateral: its careful value, that at the index, and its haircut. */
static int add_backings(const struct portfolio *all, struct health *health, whole *at_index)
{
    whole cut;
    for (int i = 0; i < all->backed_count; i++) {
        health->backing += all->backed[i].value;
        *at_index += all->backed[i].index_value;
        ONLY_IF(fraction_up(all->backed[i].value, all->backed[i].haircut_ppm, &cut));
        health->haircut += cut;
    }
    return DONE;
}

/* Store what positions are worth and cost; 'exit_fees' counts them as they are, 'added' with
 * their orders. */
static int add_holdings(const struct portfolio *all, const struct others *others,
                        struct health *health, whole *indexed, whole *exit_fees, whole *added)
{
    whole paid = 0, part;
    for (int i = 0; i < all->held_count; i++) {
        const struct holding *one = &all->held[i];
        whole gone = one->entry + one->owed;
        ONLY_IF(product(one->size, one->line->mark_value, &part));
        health->unrealised += part - gone;
        ONLY_IF(product(one->size, one->line->index_value, &part));
        *indexed += part - gone;
        TRY(exit_fee(one->line, magnitude(one->size), &part));
        *exit_fees += part;
        TRY(exit_fee(one->line, most_lots(one), &part));
        *added += part;
        TRY(funding_8h(one, &part));
        paid += part;
        TRY(crossing(one, others, &part));
        health->risk_open += part;
    }
    *added += larger(0, paid);
    return DONE;
}

int health_of(struct work *w, PyObject *account, PyObject *record, struct health *health)
{
    struct portfolio all;
    struct families families;
    struct others others;
    struct home home;
    whole added = 0, exit_fees = 0, indexed = 0, at_index = 0;
    int64_t initial_ppm, maintenance_ppm;
    memset(health, 0, sizeof *health);
    others.lots.count = others.delta.count = 0;
    TRY(find_home(w, record, &home));
    TRY(number(home.terms, SCHEDULE_TERMS, SCHEDULE_INITIAL, &initial_ppm));
    TRY(number(home.terms, SCHEDULE_TERMS, SCHEDULE_MAINTENANCE, &maintenance_ppm));
    TRY(read_portfolio(w, account, record, &home, 1, &all));
    TRY(families_of(&all, &families));
    if (all.held_count > 0)
        TRY(read_others(w, account, record, &home, &others));
    TRY(add_holdings(&all, &others, health, &indexed, &exit_fees, &added));
    for (int i = 0; i < families.count; i++)
        TRY(add_family(&all, &families.each[i], &others, health, &added));
    health->cash = health->backing = all.cash;
    TRY(add_backings(&all, health, &at_index));
    health->equity = health->backing + health->unrealised;
    health->index_equity = health->backing + indexed;
    health->solvency = health->cash + at_index + indexed;
    ONLY_IF(fraction_up(health->risk_open, initial_ppm, &health->initial));
    ONLY_IF(fraction_up(health->risk, maintenance_ppm, &health->maintenance));
    health->initial += health->haircut + added;
    health->maintenance += health->haircut + exit_fees;
    return DONE;
}

int stands_well(struct work *w, PyObject *account)
{
    struct row *row;
    struct health health;
    struct home home;
    int64_t gains_ppm;
    whole most;
    TRY(row_of(w, ACCOUNTS, account, NULL, &row));
    ONLY_IF(row->record != NULL);
    if (row->well_at == changes_so_far(w))
        return DONE;
    TRY(health_of(w, account, row->record, &health));
    TRY(find_home(w, row->record, &home));
    TRY(number(home.terms, SCHEDULE_TERMS, SCHEDULE_GAINS, &gains_ppm));
    ONLY_IF(fraction_up(-larger(0, health.backing), gains_ppm, &most));
    whole counted = health.backing + smaller(health.unrealised, -most);
    ONLY_IF(health.solvency >= 0 && health.cash >= 0 && counted >= health.initial);
    row->well_at = changes_so_far(w);
    return DONE;
}

int needs_no_look(struct work *w, PyObject *holder)
{
    PyObject *record, *owned, *held, *opened;
    struct home home;
    struct portfolio all;
    TRY(get(w, ACCOUNTS, holder, NULL, &record));
    ONLY_IF(record != NULL);
    TRY(get(w, OWNED_BY, field(record, ACCOUNT, ACCOUNT_OWNER), NULL, &owned));
    ONLY_IF(owned != NULL);
    int is_known = PySequence_Contains(field(owned, OWNED, OWNED_NUMBERS),
                                       field(record, ACCOUNT, ACCOUNT_NUMBER));
    if (is_known < 0)
        return FAILED;
    ONLY_IF(is_known);
    TRY(get(w, HELD, holder, NULL, &held));
    TRY(get(w, OPEN_COUNTS, holder, NULL, &opened));
    if (held == NULL && opened == NULL) {
        TRY(find_home(w, record, &home));
        TRY(read_money(w, holder, &home, &all));
        ONLY_IF(all.cash >= 0);
        return DONE;
    }
    return stands_well(w, holder);
}
