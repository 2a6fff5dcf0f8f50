/* What a hook at a transaction's end would do, where that is nothing: of each such hook the question
 * whether it may be passed. DECLINED says only that the hook is to look for itself. */

#ifndef NOVATION_QUIET_H
#define NOVATION_QUIET_H

#include "health.h"

/* Nobody touched is in a compartment that stands still: solvency.freezing.hold_frozen. */
int none_is_frozen(struct work *w, PyObject *context, PyObject *touched);

/* Everybody touched is its owner's and stands well or idle: margin.hooks.margin_touched. */
int all_stand_well(struct work *w, PyObject *context, PyObject *touched);

/* Nothing was withdrawn: insurance.hooks.share_withdrawals. */
int none_withdrew(struct work *w, PyObject *context, PyObject *touched);

/* Nobody touched holds a synthetic: synthetics.hooks.follow_debts. */
int none_owes_synthetic(struct work *w, PyObject *context, PyObject *touched);

#endif
