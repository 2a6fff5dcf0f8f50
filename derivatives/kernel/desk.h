/* One order on its way through the book: who asks, what of, and what came of it so far. */

#ifndef NOVATION_DESK_H
#define NOVATION_DESK_H

#include "health.h"

enum { BUY = 1, SELL = 2 };

#define TRADING_OPEN 2
#define MODE_ISOLATED 1
#define FIGURE_MAX ((whole)1 << 56) /* what a side, or a position, may be worth */

struct desk {
    struct work *w;
    PyObject *order;       /* the transaction */
    PyObject *account, *record;
    PyObject *name, *terms, *mark; /* the instrument, its record and its mark */
    PyObject *compartment, *quote, *limits; /* the compartment's name, the asset, its record */
    PyObject *order_id, *time, *height;
    PyObject *events, *touched; /* lists, given to the context when all is done */
    int side;
    int64_t number, remaining, limit_ticks, time_ms;
    int64_t tick_value, mark_ticks, band_ppm;
    whole lot_value; /* the larger of a lot's value at the index and at the mark */
};

/* An order that rests, as it is in the book. */
struct rested {
    PyObject *key, *order, *holder; /* key: instrument, side, rank, priority */
    int side;
    int64_t price, remaining;
};

/* Add an event of as many fields as its kind has. */
int emit(struct desk *d, enum kind kind, PyObject *const *values);

/* Say that a holder changed. */
int touch(struct desk *d, PyObject *holder);

/* Make a record and put it into a row. */
int put_made(struct desk *d, struct row *row, enum kind kind, PyObject *const *values);

/* Words that events tell, borrowed; NULL with an exception set. */
enum word { BUYER, SELLER, IMMEDIATE, FILLS_LIMIT, WORDS };
PyObject *word(enum word which);

/* Return a new int, kept, or NULL with an exception set. */
static inline PyObject *kept_int(struct desk *d, whole value)
{
    return keep(d->w, int_of(value));
}

/* book.c: rows of an order, all in one place, as derivatives/orders/book.py. */

/* Store the best order of a side, or decline where there is none; 'found' says whether. */
int best_of(struct desk *d, int side, int *found, struct rested *best);
int rest(struct desk *d, PyObject *order, int64_t rank);
/* Leave fewer lots of an order in its place; none: take it out. */
int shrink(struct desk *d, const struct rested *maker, int64_t remaining);
/* Decline where reduce-only orders of an account have no position left to reduce. */
int nothing_to_trim(struct desk *d, PyObject *account);

/* trade.c: a trade between two accounts by two against the house, as derivatives/trades. */

/* Decline unless a fill of so many signed lots fits an account. */
int fits_account(struct desk *d, PyObject *account, PyObject *record, int64_t size);
int novate(struct desk *d, const struct rested *maker, int64_t size);

/* fill.c: positions, funding and money, as derivatives/positions and perpetuals. */

/* Holders that stand for an instrument or a compartment, as derivatives/ids.py names them. */
enum holder { HOUSE, HOUSE_FUNDING, INSURANCE, FEES, HOLDERS_OF };
PyObject *holder_of(struct desk *d, enum holder which, PyObject *name);

/* Add to what a holder has of the quote asset. */
int give(struct desk *d, PyObject *holder, whole amount);
/* Pay what an account owes of funding; its position stands at the index afterwards. */
int settle(struct desk *d, PyObject *account, struct row *position, PyObject *funding);
/* Change a position by a fill, and store what it realised. */
int fill(struct desk *d, PyObject *account, struct row *position, whole size, whole value,
         PyObject *index, whole *realised);
/* Decline where an account begins or ends to owe cash. */
int owes_as_before(struct desk *d, PyObject *account);
/* Store by how many lots a fill makes the long side grow. */
int long_growth(PyObject *position, int64_t size, whole *growth);

#endif
