/* Everything that margin looks at of one account, as derivatives/margin/account.py reads it. */

#ifndef NOVATION_PORTFOLIO_H
#define NOVATION_PORTFOLIO_H

#include "line.h"

#define HOLDINGS_MAX 32
#define BACKINGS_MAX 8
#define COLLATERAL_LOT 1000000

/* One instrument of an account, as risk.Holding. */
struct holding {
    const struct seen *seen;
    const struct line *line;
    int64_t size, entry, rate_8h;
    whole owed, buys, sells, buy_excess, sell_excess;
    int64_t orders;
    int has_orders;
};

/* One collateral asset, as risk.Backing. */
struct backing {
    PyObject *family, *price;
    struct family_terms terms;
    whole value, index_value;
    int64_t haircut_ppm;
};

struct portfolio {
    whole cash;
    int held_count, backed_count;
    struct holding held[HOLDINGS_MAX];
    struct backing backed[BACKINGS_MAX];
};

/* Store what is known of an account's compartment and schedule, read once a work. */
int find_home(struct work *w, PyObject *record, struct home *home);

/* Store an account's cash, and what of its collateral has a price. */
int read_money(struct work *w, PyObject *account, const struct home *home, struct portfolio *all);

/* Store all of an account; without orders it is what counts beside another of its signer. */
int read_portfolio(struct work *w, PyObject *account, PyObject *record, const struct home *home,
                   int with_orders, struct portfolio *all);

#endif
