/* The Python face of the kernel: what it is told once, and what it is asked. */

#include "place.h"
#include "quiet.h"
#include "rested.h"

/* Of what Python and C have agreed on; level.py asks no kernel of another. */
#define REVISION 5

static PyObject *health_type;
static int is_ready;

/* Return None for DECLINED, NULL for FAILED. */
static PyObject *none_or_fault(int came_to)
{
    if (came_to == FAILED || PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

/* End the work, and return what was made where it came to that. */
static PyObject *answer(struct work *w, int came_to, PyObject *made)
{
    work_end(w);
    if (came_to == DONE)
        return made;
    Py_XDECREF(made);
    return none_or_fault(came_to);
}

PyDoc_STRVAR(learn_doc,
             "learn(records, tables, overlay, base, line_of, line, health)\n--\n\n"
             "Take in records and tables by name, the classes of overlay and tables, and what\n"
             "makes and is a line and a health. Return the name of something that is still\n"
             "unknown, or None.\n"
             "Refuses: ValueError, for what is not as this kernel knows it.");

static PyObject *learn(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *records, *known_tables, *overlay, *base, *line_of_python, *line, *health;
    if (!PyArg_ParseTuple(args, "O!O!OOOOO", &PyDict_Type, &records, &PyDict_Type, &known_tables,
                          &overlay, &base, &line_of_python, &line, &health))
        return NULL;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    is_ready = 0;
    while (PyDict_Next(records, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        if (name == NULL || learn_record(name, value) != DONE)
            return NULL;
    }
    at = 0;
    while (PyDict_Next(known_tables, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        if (name == NULL || learn_table(name, value) != DONE)
            return NULL;
    }
    if (learn_overlay(overlay, base) != DONE || learn_line(line_of_python, line) != DONE)
        return NULL;
    Py_XSETREF(health_type, Py_NewRef(health));
    const char *lacking = still_unknown();
    is_ready = lacking == NULL;
    if (lacking == NULL)
        Py_RETURN_NONE;
    return PyUnicode_FromString(lacking);
}

/* Return a Health of these figures, new. */
static PyObject *health_tuple(const struct health *h)
{
    const whole figures[] = {h->cash, h->equity, h->index_equity, h->solvency, h->backing,
                             h->unrealised, h->risk, h->risk_open, h->haircut, h->initial,
                             h->maintenance, h->delta};
    const Py_ssize_t count = sizeof figures / sizeof *figures;
    PyObject *items = PyTuple_New(count);
    for (Py_ssize_t i = 0; items != NULL && i < count; i++) {
        PyObject *one = int_of(figures[i]);
        if (one == NULL)
            Py_CLEAR(items);
        else
            PyTuple_SET_ITEM(items, i, one);
    }
    PyObject *args = items == NULL ? NULL : PyTuple_Pack(1, items);
    PyObject *made = args == NULL
                         ? NULL
                         : PyTuple_Type.tp_new((PyTypeObject *)health_type, args, NULL);
    Py_XDECREF(items);
    Py_XDECREF(args);
    return made;
}

PyDoc_STRVAR(health_doc,
             "health(state, account)\n--\n\n"
             "Return how an account stands, or None where the twin is to say.");

static PyObject *health(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    struct work w;
    struct health stands;
    PyObject *record = NULL;
    if (count != 2 || !is_ready)
        Py_RETURN_NONE;
    int came_to = work_begin(&w, args[0]);
    if (came_to != DONE)
        return none_or_fault(came_to);
    came_to = get(&w, ACCOUNTS, args[1], NULL, &record);
    if (came_to == DONE)
        came_to = record == NULL ? DECLINED : health_of(&w, args[1], record, &stands);
    return answer(&w, came_to, came_to == DONE ? health_tuple(&stands) : NULL);
}

PyDoc_STRVAR(unsure_doc,
             "unsure(state, holders)\n--\n\n"
             "Return a list of those holders, in their order, whose margin the twin is to look at.");

static PyObject *unsure(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    struct work w;
    if (count != 2)
        return PyErr_Format(PyExc_TypeError, "unsure takes a state and holders");
    PyObject *left = PySequence_List(args[1]);
    if (left == NULL || !is_ready)
        return left;
    int begun = work_begin(&w, args[0]);
    if (begun == FAILED)
        Py_CLEAR(left);
    if (begun != DONE)
        return left;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(left);) {
        int came_to = needs_no_look(&w, PyList_GET_ITEM(left, i));
        if (came_to == FAILED || PyErr_Occurred() ||
            (came_to == DONE && PyList_SetSlice(left, i, i + 1, NULL) < 0)) {
            work_end(&w);
            Py_DECREF(left);
            return NULL;
        }
        if (came_to == DECLINED)
            i++;
    }
    work_end(&w);
    return left;
}

PyDoc_STRVAR(place_doc,
             "place(order, context)\n--\n\n"
             "Return True where all of check and apply was done, None where the twin is to, and\n"
             "nothing was changed.");

static PyObject *place(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    struct work w;
    if (count != 2 || !is_ready || !Py_IS_TYPE(args[1], layouts[CONTEXT].type))
        Py_RETURN_NONE;
    int came_to = work_begin(&w, field(args[1], CONTEXT, CONTEXT_STATE));
    if (came_to != DONE)
        return none_or_fault(came_to);
    came_to = place_order(&w, args[0], args[1]);
    return answer(&w, came_to, came_to == DONE ? Py_NewRef(Py_True) : NULL);
}

PyDoc_STRVAR(rested_doc,
             "rested(state, instrument, side, most)\n--\n\n"
             "Return the first orders of a side as derivatives.marks.looked reads them, or None where\n"
             "the twin is to say.");

static PyObject *rested(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    struct work w;
    PyObject *found = NULL;
    if (count != 4 || !is_ready)
        Py_RETURN_NONE;
    Py_ssize_t most = PyLong_AsSsize_t(args[3]);
    if (most == -1 && PyErr_Occurred())
        return NULL;
    int came_to = work_begin(&w, args[0]);
    if (came_to != DONE)
        return none_or_fault(came_to);
    came_to = rested_on(&w, args[1], args[2], most, &found);
    return answer(&w, came_to, found);
}

#define QUIET_DOC                                                                              \
    "(context, touched)\n--\n\nReturn True where this hook has nothing to do, None where it is to look."

static PyObject *quiet(PyObject *const *args, Py_ssize_t count,
                       int (*passes)(struct work *, PyObject *, PyObject *))
{
    struct work w;
    if (count != 2 || !is_ready || !Py_IS_TYPE(args[0], layouts[CONTEXT].type) ||
        !PyDict_CheckExact(args[1]))
        Py_RETURN_NONE;
    int came_to = work_begin(&w, field(args[0], CONTEXT, CONTEXT_STATE));
    if (came_to != DONE)
        return none_or_fault(came_to);
    came_to = passes(&w, args[0], args[1]);
    return answer(&w, came_to, came_to == DONE ? Py_NewRef(Py_True) : NULL);
}

#define QUIET(name, passes)                                                                    \
    static PyObject *name(PyObject *module, PyObject *const *args, Py_ssize_t count)           \
    {                                                                                          \
        (void)module;                                                                          \
        return quiet(args, count, passes);                                                     \
    }

QUIET(hold_frozen, none_is_frozen)
QUIET(margin_touched, all_stand_well)
QUIET(share_withdrawals, none_withdrew)
QUIET(follow_debts, none_owes_synthetic)

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef methods[] = {
    {"learn", learn, METH_VARARGS, learn_doc},
    {"health", FAST(health), health_doc},
    {"unsure", FAST(unsure), unsure_doc},
    {"place", FAST(place), place_doc},
    {"rested", FAST(rested), rested_doc},
    {"hold_frozen", FAST(hold_frozen), "hold_frozen" QUIET_DOC},
    {"margin_touched", FAST(margin_touched), "margin_touched" QUIET_DOC},
    {"share_withdrawals", FAST(share_withdrawals), "share_withdrawals" QUIET_DOC},
    {"follow_debts", FAST(follow_debts), "follow_debts" QUIET_DOC},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "native", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC PyInit_native(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && PyModule_AddIntConstant(module, "REVISION", REVISION) < 0)
        Py_CLEAR(module);
    return module;
}
