/* What a block has so far, and whether a transaction may stand after it. */

#ifndef NOVATION_CHAIN_FRAME_STANDING_H
#define NOVATION_CHAIN_FRAME_STANDING_H

#include "known.h"

enum { BIN_HEADER_BYTES = 5 }; /* the most that msgpack puts before a byte string */

enum limit { TRANSACTIONS, BYTES, WORK, WRITES, BLOCKS, LIMITS };

struct frame {
    PyObject_HEAD
    PyObject *overlay, *context, *quick, *hooks, *numbers, *receipts;
    int64_t height, limits[LIMITS];
    long long transaction_class, body_bytes, work, writes, action_index;
};

/* Return DONE where a transaction may stand here beyond doubt; DECLINED where Python is to say.
 * 'lane' is the key of its lane. Changes nothing. */
int frame_may_stand(struct frame *frame, PyObject *transaction, PyObject *lane);

#endif
