/* What the files of a frame share: what a block has so far, whether a transaction may stand after
 * it, and the receipt of one that was applied. */

#ifndef NOVATION_CHAIN_FRAME_PARTS_H
#define NOVATION_CHAIN_FRAME_PARTS_H

#include "known.h"

enum {
    BIN_HEADER_BYTES = 5, /* the most that msgpack puts before a byte string */
    CHANGE_WORK_COUNT = 250,
};

enum limit { TRANSACTIONS, BYTES, WORK, WRITES, BLOCKS, LIMITS };
/* Added to WORK or WRITES where not even a block of its own would hold a transaction. */
enum { ALONE = LIMITS };

struct frame {
    PyObject_HEAD
    PyObject *overlay, *context, *quick, *hooks, *numbers, *encoded_receipts;
    int64_t height, limits[LIMITS], opened_count; /* keys that were changed before it */
    long long transaction_class, body_bytes, work, writes, action_index;
    char *told; /* events of the transaction at work, as its receipt has them */
    size_t told_bytes, told_room;
};

/* Return DONE where a transaction may stand here beyond doubt; DECLINED where Python is to say.
 * 'lane' is the key of its lane. Changes nothing. */
int frame_may_stand(struct frame *frame, PyObject *transaction, PyObject *lane);

/* Return the bytes of the receipt of an applied transaction that told these events, the next of the
 * block; NULL with an exception, OutOfBounds for an event out of its width. */
PyObject *frame_receipt(struct frame *frame, PyObject *transaction, PyObject *events);

#endif
