#include "frame.h"

#include <stddef.h>
#include <structmember.h>

#include "canonical.h"
#include "frame_parts.h"
#include "journal_rows.h"

enum { LIST_KIND = 1 };

static PyObject *name_check, *name_apply, *name_copy;

int frame_prepare(void)
{
    name_check = PyUnicode_InternFromString("check");
    name_apply = PyUnicode_InternFromString("apply");
    name_copy = PyUnicode_InternFromString("__copy__");
    return name_check && name_apply && name_copy;
}

/* Use up the sequence. */
static int advance(struct frame *frame, PyObject *body, PyObject *lane)
{
    int64_t sequence;
    if (number(body, BODY, BODY_SEQUENCE, &sequence) != DONE) {
        PyErr_SetString(PyExc_TypeError, "a sequence has 63 bits");
        return 0;
    }
    PyObject *next = PyLong_FromUnsignedLongLong((unsigned long long)sequence + 1);
    PyObject *record = next ? make(LANE, &next) : NULL;
    int sound = record && journal_put(frame->overlay, tables[LANES].object, lane, record) == 0;
    Py_XDECREF(next);
    Py_XDECREF(record);
    return sound;
}

static PyObject *context_of(struct frame *frame, PyObject *body, Py_ssize_t start)
{
    PyObject *context = PyObject_CallMethodNoArgs(frame->context, name_copy);
    PyObject *mark = PyLong_FromSsize_t(start), *events = PyList_New(0), *touched = PyDict_New();
    if (context && mark && events && touched && is_of(context, CONTEXT)) {
        set_field(context, CONTEXT, CONTEXT_SIGNER, Py_NewRef(field(body, BODY, BODY_SIGNER)));
        set_field(context, CONTEXT, CONTEXT_START, mark);
        set_field(context, CONTEXT, CONTEXT_EVENTS, events);
        set_field(context, CONTEXT, CONTEXT_TOUCHED, touched);
        return context;
    }
    Py_XDECREF(context);
    Py_XDECREF(mark);
    Py_XDECREF(events);
    Py_XDECREF(touched);
    return NULL;
}

/* Call with two arguments; 1 for True, 0 for anything else, -1 with an exception. */
static int is_true_of(PyObject *called, PyObject *first, PyObject *second)
{
    PyObject *args[] = {first, second};
    PyObject *answer = PyObject_Vectorcall(called, args, 2, NULL);
    if (!answer)
        return -1;
    Py_DECREF(answer);
    return answer == Py_True;
}

static int act(struct frame *frame, PyObject *payload, PyObject *context)
{
    PyObject *quick = PyDict_GetItemWithError(frame->quick, (PyObject *)Py_TYPE(payload));
    if (!quick && PyErr_Occurred())
        return 0;
    int done = quick ? is_true_of(quick, payload, context) : 0;
    if (done)
        return done > 0;
    PyObject *answer = PyObject_CallMethodNoArgs(payload, name_check);
    if (answer)
        Py_SETREF(answer, PyObject_CallMethodOneArg(payload, name_apply, context));
    Py_XDECREF(answer);
    return answer != NULL;
}

/* Apply every action, noting which of a list is at work. */
static int act_all(struct frame *frame, PyObject *transaction, PyObject *body, PyObject *context)
{
    int64_t kind = 0;
    PyObject *actions = field(transaction, TRANSACTION, TRANSACTION_ACTIONS);
    int is_list = number(body, BODY, BODY_KIND, &kind) == DONE && kind == LIST_KIND;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(actions); i++) {
        PyObject *action = PyTuple_GET_ITEM(actions, i);
        if (!PyTuple_CheckExact(action) || PyTuple_GET_SIZE(action) != 2) {
            PyErr_SetString(PyExc_TypeError, "an action is a kind and a payload");
            return 0;
        }
        frame->action_index = is_list ? i : -1;
        if (!act(frame, PyTuple_GET_ITEM(action, 1), context))
            return 0;
    }
    frame->action_index = -1;
    return 1;
}

static int run_hooks(struct frame *frame, PyObject *context)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(frame->hooks); i++) {
        PyObject *pair = PyTuple_GET_ITEM(frame->hooks, i);
        PyObject *hook = PyTuple_GET_ITEM(pair, 0), *needless = PyTuple_GET_ITEM(pair, 1);
        PyObject *touched = Py_NewRef(field(context, CONTEXT, CONTEXT_TOUCHED));
        int answer = needless == Py_None ? 0 : is_true_of(needless, context, touched);
        if (answer == 0 && is_true_of(hook, context, touched) < 0)
            answer = -1;
        Py_DECREF(touched);
        if (answer < 0)
            return 0;
    }
    return 1;
}

/* Return WORK or WRITES where a block may not have as much, ALONE added where one of the transaction
 * alone may not either; 0 where it may. */
static int beyond(const struct frame *frame, int64_t work, int64_t writes)
{
    int64_t had[LIMITS] = {[WORK] = frame->work, [WRITES] = frame->writes};
    int64_t own[LIMITS] = {[WORK] = work, [WRITES] = writes};
    for (int limit = WORK; limit <= WRITES; limit++) {
        if (own[limit] > frame->limits[limit])
            return ALONE + limit;
    }
    for (int limit = WORK; limit <= WRITES; limit++) {
        if (had[limit] + own[limit] > frame->limits[limit])
            return limit;
    }
    return 0;
}

/* Count a transaction and keep its receipt. Return 0; what it is beyond, which is undone; -1 with an
 * exception. */
static int take(struct frame *frame, PyObject *transaction, PyObject *receipt, Py_ssize_t start)
{
    int64_t work = CHANGE_WORK_COUNT * (journal_mark(frame->overlay) - start);
    int64_t weight, transaction_class;
    PyObject *data = field(transaction, TRANSACTION, TRANSACTION_DATA);
    if (number(transaction, TRANSACTION, TRANSACTION_CLASS, &transaction_class) != DONE ||
        number(transaction, TRANSACTION, TRANSACTION_WEIGHT, &weight) != DONE ||
        !PyBytes_CheckExact(data)) {
        PyErr_SetString(PyExc_TypeError, "a transaction has bytes, a class and a weight");
        return -1;
    }
    work = work > weight ? work : weight;
    int64_t writes = journal_changed_count((struct journal *)frame->overlay) -
                     frame->opened_count - frame->writes;
    int limit = beyond(frame, work, writes);
    if (limit)
        return journal_rollback(frame->overlay, start) < 0 ? -1 : limit;
    if (PyList_Append(frame->encoded_receipts, receipt) < 0)
        return -1;
    frame->work += work;
    frame->writes += writes;
    frame->body_bytes += PyBytes_GET_SIZE(data) + BIN_HEADER_BYTES;
    frame->transaction_class = transaction_class;
    return 0;
}

/* Return what a step of taking comes to: the receipt's bytes, or which limit it went beyond. A
 * reference to them is taken over; they are NULL where there is an exception. */
static PyObject *taken(struct frame *frame, PyObject *transaction, PyObject *receipt,
                       Py_ssize_t start)
{
    int limit = receipt ? take(frame, transaction, receipt, start) : -1;
    if (limit == 0)
        return receipt;
    Py_XDECREF(receipt);
    return limit < 0 ? NULL : PyLong_FromLong(limit);
}

static PyObject *execute(struct frame *frame, PyObject *transaction, PyObject *body, PyObject *lane)
{
    Py_ssize_t start = journal_mark(frame->overlay);
    if (!advance(frame, body, lane))
        return NULL;
    PyObject *context = context_of(frame, body, start), *receipt = NULL;
    if (context && act_all(frame, transaction, body, context) && run_hooks(frame, context) &&
        journal_check_since((struct journal *)frame->overlay, start) == 0)
        receipt = frame_receipt(frame, transaction, field(context, CONTEXT, CONTEXT_EVENTS));
    Py_XDECREF(context);
    return taken(frame, transaction, receipt, start);
}

/* Return whether a transaction is laid out as those that are taken apart here. */
static int is_transaction(PyObject *transaction)
{
    return known_is_ready() && is_of(transaction, TRANSACTION) &&
           is_of(field(transaction, TRANSACTION, TRANSACTION_BODY), BODY) &&
           PyTuple_CheckExact(field(transaction, TRANSACTION, TRANSACTION_ACTIONS));
}

static PyObject *apply(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    struct frame *frame = (struct frame *)self;
    if (count != 2 || !is_transaction(args[0]))
        return PyErr_Format(PyExc_TypeError, "a transaction, and whether it is fit, expected");
    PyObject *transaction = args[0], *body = field(transaction, TRANSACTION, TRANSACTION_BODY);
    frame->action_index = -1;
    if (PyList_GET_SIZE(frame->encoded_receipts)) /* what came before is for good */
        journal_settle((struct journal *)frame->overlay);
    PyObject *lane = PyTuple_Pack(2, field(body, BODY, BODY_SIGNER), field(body, BODY, BODY_LANE));
    if (!lane)
        return NULL;
    PyObject *answer = NULL;
    int fit = args[1] == Py_True ? DONE : frame_may_stand(frame, transaction, lane);
    if (fit == FAILED && PyErr_ExceptionMatches(PyExc_Exception)) {
        PyErr_Clear(); /* Python looks again, and says it */
        fit = DECLINED;
    }
    if (fit == DONE)
        answer = execute(frame, transaction, body, lane);
    else if (fit == DECLINED)
        answer = Py_NewRef(Py_None);
    Py_DECREF(lane);
    return answer;
}

static PyObject *take_receipt(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t start = count == 3 ? PyLong_AsSsize_t(args[2]) : -1;
    if (start < 0 || !is_transaction(args[0]) || !PyBytes_CheckExact(args[1])) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "a transaction, a receipt's bytes and a mark expected");
        return NULL;
    }
    return taken((struct frame *)self, args[0], Py_NewRef(args[1]), start);
}

static int take_limits(struct frame *frame, PyObject *limits)
{
    int sound = PyTuple_GET_SIZE(limits) == LIMITS;
    for (int i = 0; sound && i < LIMITS; i++)
        sound = read_number(PyTuple_GET_ITEM(limits, i), &frame->limits[i]) == DONE &&
                frame->limits[i] >= 0 && frame->limits[i] <= INT32_MAX;
    if (!sound)
        PyErr_SetString(PyExc_ValueError, "five limits of at most 31 bits expected");
    return sound;
}

static int are_hooks(PyObject *hooks)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(hooks); i++) {
        PyObject *pair = PyTuple_GET_ITEM(hooks, i);
        if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_SetString(PyExc_TypeError, "a hook and what passes it expected");
            return 0;
        }
    }
    return 1;
}

static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    static char *known[] = {"overlay", "context", "quick",  "hooks",
                            "numbers", "height",  "limits", NULL};
    PyObject *overlay, *context, *quick, *hooks, *numbers, *limits;
    long long height;
    if (!PyArg_ParseTupleAndKeywords(args, names, "O!OO!O!O!LO!", known, &Journal_Type, &overlay,
                                     &context, &PyDict_Type, &quick, &PyTuple_Type, &hooks,
                                     &PyDict_Type, &numbers, &height, &PyTuple_Type, &limits))
        return NULL;
    if (!known_is_ready() || !is_of(context, CONTEXT))
        return PyErr_Format(PyExc_TypeError, "a context that the kernel has been told of expected");
    if (!are_hooks(hooks))
        return NULL;
    struct frame *frame = (struct frame *)type->tp_alloc(type, 0);
    if (!frame)
        return NULL;
    frame->overlay = Py_NewRef(overlay);
    frame->context = Py_NewRef(context);
    frame->quick = Py_NewRef(quick);
    frame->hooks = Py_NewRef(hooks);
    frame->numbers = Py_NewRef(numbers);
    frame->encoded_receipts = PyList_New(0);
    frame->height = height;
    frame->opened_count = journal_changed_count((struct journal *)overlay);
    frame->action_index = -1;
    if (!frame->encoded_receipts || !take_limits(frame, limits))
        Py_CLEAR(frame);
    return (PyObject *)frame;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    struct frame *frame = (struct frame *)self;
    Py_VISIT(frame->overlay);
    Py_VISIT(frame->context);
    Py_VISIT(frame->quick);
    Py_VISIT(frame->hooks);
    Py_VISIT(frame->numbers);
    Py_VISIT(frame->encoded_receipts);
    return 0;
}

static int clear(PyObject *self)
{
    struct frame *frame = (struct frame *)self;
    Py_CLEAR(frame->overlay);
    Py_CLEAR(frame->context);
    Py_CLEAR(frame->quick);
    Py_CLEAR(frame->hooks);
    Py_CLEAR(frame->numbers);
    Py_CLEAR(frame->encoded_receipts);
    PyMem_Free(frame->told);
    frame->told = NULL;
    frame->told_room = 0;
    return 0;
}

static void dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef methods[] = {
    {"apply", FAST(apply),
     "apply(transaction, is_fit)\n--\n\n"
     "Return the receipt's bytes; None where Python is to say whether it is fit; which limit it went beyond."},
    {"take", FAST(take_receipt),
     "take(transaction, receipt, start)\n--\n\n"
     "Return the receipt, now counted; which limit it went beyond since the mark, undone."},
    {NULL, NULL, 0, NULL},
};

#define COUNT(name) {#name, T_LONGLONG, offsetof(struct frame, name), READONLY, NULL}

static PyMemberDef members[] = {
    {"encoded_receipts", T_OBJECT_EX, offsetof(struct frame, encoded_receipts), READONLY, NULL},
    COUNT(transaction_class),
    COUNT(body_bytes),
    COUNT(work),
    COUNT(writes),
    COUNT(action_index),
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject Frame_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.Frame",
    .tp_doc = "Frame(overlay, context, quick, hooks, numbers, height, limits)\n--\n\n"
              "What a block has so far, and what is added to it; as "
              "chain.machine.frame.PlainFrame.",
    .tp_basicsize = sizeof(struct frame),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = new,
    .tp_methods = methods,
    .tp_members = members,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
};
