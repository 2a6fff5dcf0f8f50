/* A whole order: from what its signer may, over what it meets, to what of it rests. */

#ifndef NOVATION_PLACE_H
#define NOVATION_PLACE_H

#include "desk.h"

/* Take an order in, as orders.transactions.Place does by check and apply, for one that is plain: of the
 * account's own signer, on a perpetual that trades continuously, without trigger and not
 * reduce-only, which nothing refuses and which loses no resting order.
 *
 * Return DECLINED with state and context as they were for every other one. */
int place_order(struct work *w, PyObject *order, PyObject *context);

#endif
