/* What margin knows of one instrument under one schedule: made by Python, read once, kept while
 * the records it was made of are the same objects. A line never changes: another thread may be
 * at work on another block, so what is new is a new line, and each work keeps those it reads. */

#ifndef NOVATION_LINE_H
#define NOVATION_LINE_H

#include "state.h"

#define SCENARIOS_MAX 64

/* How one underlying is shocked under a schedule, and what its size costs. */
struct family_terms {
    PyObject *record;
    int64_t basis_ppm, threshold, unit, concentration_ppm, limit_ppm;
    int width;
    int64_t shocks[SCENARIOS_MAX];
    int64_t weights[SCENARIOS_MAX];
};

struct line {
    PyObject *instrument; /* its name */
    PyObject *mark, *terms, *settlement; /* what it was made of, and its family's record */
    PyObject *family;
    int64_t mark_value, index_value, tick_value, moving;
    int64_t exit_fee_ppm, half_spread_ppm, external_depth;
    int64_t losses[SCENARIOS_MAX];
    struct family_terms family_terms;
};

/* Store what a family's record says. Return DECLINED where it ties the family to others. */
int read_family_terms(PyObject *record, struct family_terms *terms);

/* Return 1 where two texts are the same. */
static inline int is_same_text(PyObject *a, PyObject *b)
{
    return a == b || PyUnicode_Compare(a, b) == 0;
}

/* Say what makes lines: derivatives.margin.rows.line_of and its Line. Return DONE, or FAILED
 * with ValueError where a line has other fields than this kernel knows. */
int learn_line(PyObject *line_of, PyObject *line_class);

/* Store an instrument's line, whose 'terms' is its record. Return DECLINED before its first mark,
 * for what is no perpetual, and for families that offset each other or move together. */
int line_of(struct work *w, PyObject *name, PyObject *terms, PyObject *compartment,
            PyObject *schedule, const struct line **line);

/* Store the mark of an instrument, or decline where it has none. */
int mark_of(struct work *w, PyObject *name, PyObject **mark);

#endif
