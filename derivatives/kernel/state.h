/* The open block's state, read and changed through the chain's kernel; and the next row of an
 * ordered table, which chain/state/overlay.py keeps in the order of encoded keys. */

#ifndef NOVATION_STATE_H
#define NOVATION_STATE_H

#include "../../chain/kernel/journal.h"
#include "rows.h"

#define SEEN_MAX 8

struct line;

/* What a work has read of one instrument under a schedule, and does not change. */
struct seen {
    PyObject *name, *schedule;
    const struct line *line;
    PyObject *funding, *price;
};

/* What a work has read of one compartment under a schedule, and does not change. */
struct home {
    PyObject *compartment, *schedule;
    PyObject *limits, *hour, *terms;
};

/* One call's work on an overlay. Keys and records that it makes are kept until it ends, so that
 * everything in between may be borrowed. */
struct work {
    PyObject *state;
    struct rows *rows;
    const uint64_t *moves;
    PyObject **kept;
    size_t kept_count, kept_room;
    PyObject *kept_first[128];
    struct home home;
    struct seen seen[SEEN_MAX];
    int seen_count;
};

/* Say what an overlay is, and what its tables are. Return DONE, or FAILED where their fields are not as known or the chain's kernel is another. */
int learn_overlay(PyObject *overlay, PyObject *tables);

/* Begin work on a state. Return DECLINED for what is no open overlay. */
int work_begin(struct work *w, PyObject *state);

/* Let go of everything that was kept. */
void work_end(struct work *w);

/* Keep a new reference until the work ends, and return it; NULL for NULL or without memory. */
PyObject *keep(struct work *w, PyObject *made);

/* Store the row of a key of these parts as it is now; of one part 'second' is NULL. */
int row_of(struct work *w, enum table table, PyObject *first, PyObject *second, struct row **row);

/* Store the record under a key, borrowed, or NULL where there is none. */
int get(struct work *w, enum table table, PyObject *first, PyObject *second, PyObject **record);
int get_of_three(struct work *w, enum table table, PyObject *first, PyObject *second,
                 PyObject *third, PyObject **record);

/* Put a record into a row; a NULL record takes away what is there. The key is of the table's form:
 * its parts come from records, or were looked at. */
int put(struct work *w, struct row *row, PyObject *record);

/* The same for a key that nobody asks for again, of a table none of whose rows is remembered. */
int get_apart(struct work *w, enum table table, PyObject *key, PyObject **record);
int put_apart(struct work *w, enum table table, PyObject *key, PyObject *record);

/* Return how often the state was changed or undone, plus one. */
static inline uint64_t changes_so_far(const struct work *w)
{
    return w->moves[0] + 1;
}

/* Return the place in the journal that is now, and undo every change after one. */
Py_ssize_t work_mark(const struct work *w);
int work_undo(struct work *w, Py_ssize_t mark);

/* Store the first key beyond 'after' that begins as it does in its first 'same' bytes, and its
 * record, both borrowed; NULL where there is none. 'after' is an encoded key or the beginning of
 * some, and the table is ordered. */
int next_row(struct work *w, enum table table, PyObject *after, Py_ssize_t same, PyObject **key,
             PyObject **record);

/* Return the encoded form of a key, or of its first parts, new; NULL with an exception set, or
 * without one for a value that this kernel does not encode. */
PyObject *encoded(enum table table, PyObject *const *parts, int count);

/* Return a key of so many parts, kept. */
PyObject *pair(struct work *w, PyObject *first, PyObject *second);
PyObject *triple(struct work *w, PyObject *first, PyObject *second, PyObject *third);

#endif
