#include "line.h"

#define KIND_PERPETUAL 1
#define LINES_MAX 8192

static PyObject *lines; /* (instrument, schedule) -> capsule of a line */
static PyObject *maker, *line_type;

enum {LINE_INSTRUMENT, LINE_FAMILY, LINE_MARK_VALUE, LINE_INDEX_VALUE, LINE_TICK_VALUE,
      LINE_LOSSES, LINE_TERMS, LINE_EXIT_FEE, LINE_HALF_SPREAD, LINE_DEPTH, LINE_MOVING,
      LINE_IS_OPTION, LINE_CHARGES, LINE_PINS, LINE_PIN_LOSSES, LINE_LEAN, LINE_FIELDS};

static const char line_fields[] =
    "instrument family mark_value_quantums index_value_quantums tick_value_quantums "
    "losses_quantums terms exit_fee_ppm half_spread_ppm external_depth_lots moving_quantums "
    "is_option charges pins pin_losses_quantums lean";

int learn_line(PyObject *line_of_function, PyObject *line_class)
{
    PyObject *names = PyObject_GetAttrString(line_class, "_fields");
    PyObject *space = names == NULL ? NULL : PyUnicode_FromString(" ");
    PyObject *joined = space == NULL ? NULL : PyUnicode_Join(space, names);
    Py_XDECREF(space);
    Py_XDECREF(names);
    if (joined == NULL)
        return FAILED;
    int same = PyUnicode_CompareWithASCIIString(joined, line_fields) == 0;
    Py_DECREF(joined);
    if (!same) {
        PyErr_SetString(PyExc_ValueError, "Line has other fields");
        return FAILED;
    }
    if (lines == NULL && (lines = PyDict_New()) == NULL)
        return FAILED;
    Py_XSETREF(maker, Py_NewRef(line_of_function));
    Py_XSETREF(line_type, Py_NewRef(line_class));
    return DONE;
}

static void let_go(PyObject *capsule)
{
    struct line *line = PyCapsule_GetPointer(capsule, NULL);
    Py_XDECREF(line->instrument);
    Py_XDECREF(line->mark);
    Py_XDECREF(line->terms);
    Py_XDECREF(line->settlement);
    Py_XDECREF(line->family_terms.record);
    Py_XDECREF(line->family);
    PyMem_Free(line);
}

/* Return a new line that is made of these records and says nothing yet, kept. */
static PyObject *begin_line(struct work *w, const struct line *made_of)
{
    struct line *line = PyMem_Malloc(sizeof *line);
    if (line == NULL)
        return PyErr_NoMemory();
    PyObject *capsule = PyCapsule_New(line, NULL, let_go);
    if (capsule == NULL) {
        PyMem_Free(line);
        return NULL;
    }
    *line = *made_of;
    Py_INCREF(line->instrument);
    Py_INCREF(line->mark);
    Py_INCREF(line->terms);
    Py_XINCREF(line->settlement);
    Py_INCREF(line->family_terms.record);
    return keep(w, capsule);
}

int read_family_terms(PyObject *record, struct family_terms *terms)
{
    PyObject *scenarios = field(record, FAMILY_TERMS, FAMILY_SCENARIOS);
    ONLY_IF(field(record, FAMILY_TERMS, FAMILY_OFFSETS) == Py_False);
    ONLY_IF(PyUnicode_GET_LENGTH(field(record, FAMILY_TERMS, FAMILY_MOVES_WITH)) == 0);
    ONLY_IF(PyTuple_GET_SIZE(scenarios) <= SCENARIOS_MAX);
    terms->record = record;
    terms->width = (int)PyTuple_GET_SIZE(scenarios);
    for (int s = 0; s < terms->width; s++) {
        PyObject *scenario = PyTuple_GET_ITEM(scenarios, s);
        ONLY_IF(Py_IS_TYPE(scenario, layouts[SCENARIO].type));
        TRY(number(scenario, SCENARIO, SCENARIO_SHOCK, &terms->shocks[s]));
        TRY(number(scenario, SCENARIO, SCENARIO_WEIGHT, &terms->weights[s]));
    }
    TRY(number(record, FAMILY_TERMS, FAMILY_BASIS, &terms->basis_ppm));
    TRY(number(record, FAMILY_TERMS, FAMILY_THRESHOLD, &terms->threshold));
    TRY(number(record, FAMILY_TERMS, FAMILY_UNIT, &terms->unit));
    TRY(number(record, FAMILY_TERMS, FAMILY_CONCENTRATION, &terms->concentration_ppm));
    TRY(number(record, FAMILY_TERMS, FAMILY_LIMIT, &terms->limit_ppm));
    ONLY_IF(terms->unit > 0);
    return DONE;
}

static int read_made(struct line *line, PyObject *made)
{
    PyObject *losses = PyTuple_GET_ITEM(made, LINE_LOSSES);
    ONLY_IF(PyTuple_GET_ITEM(made, LINE_IS_OPTION) == Py_False);
    ONLY_IF(PyTuple_GET_ITEM(made, LINE_TERMS) == line->family_terms.record);
    ONLY_IF(PyTuple_GET_SIZE(losses) == line->family_terms.width);
    for (int s = 0; s < line->family_terms.width; s++)
        TRY(read_number(PyTuple_GET_ITEM(losses, s), &line->losses[s]));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_MARK_VALUE), &line->mark_value));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_INDEX_VALUE), &line->index_value));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_TICK_VALUE), &line->tick_value));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_EXIT_FEE), &line->exit_fee_ppm));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_HALF_SPREAD), &line->half_spread_ppm));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_DEPTH), &line->external_depth));
    TRY(read_number(PyTuple_GET_ITEM(made, LINE_MOVING), &line->moving));
    return DONE;
}

/* Let Python make a line, and read it. */
static int make_line(struct work *w, struct line *line, PyObject *compartment, PyObject *schedule)
{
    PyObject *made = keep(w, PyObject_CallFunctionObjArgs(maker, w->state, line->instrument,
                                                          compartment, schedule, NULL));
    if (made == NULL)
        return FAILED;
    ONLY_IF(Py_IS_TYPE(made, (PyTypeObject *)line_type) &&
            PyTuple_GET_SIZE(made) == LINE_FIELDS);
    TRY(read_family_terms(line->family_terms.record, &line->family_terms));
    TRY(read_made(line, made));
    line->family = Py_NewRef(PyTuple_GET_ITEM(made, LINE_FAMILY));
    return DONE;
}

int mark_of(struct work *w, PyObject *name, PyObject **mark)
{
    TRY(get(w, MARKS, name, NULL, mark));
    ONLY_IF(*mark != NULL);
    return DONE;
}

int line_of(struct work *w, PyObject *name, PyObject *terms, PyObject *compartment,
            PyObject *schedule, const struct line **found)
{
    int64_t kind;
    PyObject *mark, *settlement, *family_terms;
    TRY(number(terms, INSTRUMENT, INSTRUMENT_KIND, &kind));
    ONLY_IF(kind == KIND_PERPETUAL);
    PyObject *family = field(terms, INSTRUMENT, INSTRUMENT_UNDERLYING);
    TRY(mark_of(w, name, &mark));
    TRY(get(w, SETTLEMENTS, name, NULL, &settlement));
    TRY(get_of_three(w, FAMILIES, compartment, schedule, family, &family_terms));
    ONLY_IF(family_terms != NULL);
    PyObject *key = pair(w, name, schedule);
    PyObject *capsule = key == NULL ? NULL : PyDict_GetItemWithError(lines, key);
    if (capsule != NULL) {
        struct line *line = PyCapsule_GetPointer(keep(w, Py_NewRef(capsule)), NULL);
        *found = line;
        if (line != NULL && line->mark == mark && line->terms == terms &&
            line->settlement == settlement && line->family_terms.record == family_terms)
            return DONE;
    }
    if (PyErr_Occurred())
        return FAILED;
    capsule = begin_line(w, &(struct line){.instrument = name, .mark = mark, .terms = terms,
                                           .settlement = settlement,
                                           .family_terms.record = family_terms});
    if (capsule == NULL)
        return FAILED;
    struct line *line = PyCapsule_GetPointer(capsule, NULL);
    TRY(make_line(w, line, compartment, schedule));
    if (PyDict_GET_SIZE(lines) >= LINES_MAX)
        PyDict_Clear(lines);
    *found = line;
    return PyDict_SetItem(lines, key, capsule) < 0 ? FAILED : DONE;
}
