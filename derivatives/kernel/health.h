/* How one account stands, from the records of the open block: the sums of
 * derivatives/margin/risk.py over what derivatives/margin/account.py reads.
 *
 * For accounts that hold perpetuals alone, in families that neither offset nor move together; the
 * twin margins the rest. */

#ifndef NOVATION_HEALTH_H
#define NOVATION_HEALTH_H

#include "line.h"

struct health {
    whole cash, equity, index_equity, solvency, backing, unrealised, risk, risk_open, haircut,
        initial, maintenance, delta;
};

/* Store how an account stands; 'record' is its row of accounts. */
int health_of(struct work *w, PyObject *account, PyObject *record, struct health *health);

/* Decline unless nothing refuses an account at the end of a transaction that touched it: it is
 * its owner's by number, and it is idle or stands well. */
int needs_no_look(struct work *w, PyObject *holder);

/* Decline unless an account meets its initial requirement, is solvent, and owes no cash: then
 * nothing refuses it, whatever it did before. It is remembered until the state changes. */
int stands_well(struct work *w, PyObject *account);

#endif
