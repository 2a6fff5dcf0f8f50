#include "journal_rows.h"

#include <stddef.h>
#include <structmember.h>

#define SELF ((struct journal *)self)
#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static int has(Py_ssize_t given, Py_ssize_t expected)
{
    if (given == expected)
        return 1;
    PyErr_Format(PyExc_TypeError, "%zd arguments expected, %zd given", expected, given);
    return 0;
}

static PyObject *get(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    return has(given, 2) ? journal_get(self, args[0], args[1]) : NULL;
}

static PyObject *put(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    if (!has(given, 3) || journal_put(self, args[0], args[1], args[2]) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *delete(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    if (!has(given, 2) || journal_put(self, args[0], args[1], NULL) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *order_key(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    (void)self;
    (void)args;
    return has(given, 2) ? Py_NewRef(Py_None) : NULL;
}

static PyObject *mark(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyLong_FromSsize_t(journal_mark(self));
}

/* Read a mark; -1 with an exception set for what is none. */
static Py_ssize_t mark_of(PyObject *argument)
{
    Py_ssize_t at = PyLong_AsSsize_t(argument);
    if (at >= 0 || PyErr_Occurred())
        return at;
    PyErr_SetString(PyExc_ValueError, "a mark is a place in the journal");
    return -1;
}

static PyObject *rollback(PyObject *self, PyObject *argument)
{
    Py_ssize_t at = mark_of(argument);
    if (at < 0 || journal_rollback(self, at) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *check_since(PyObject *self, PyObject *argument)
{
    Py_ssize_t at = mark_of(argument);
    if (at < 0 || journal_check_since(SELF, at) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *settle(PyObject *self, PyObject *unused)
{
    (void)unused;
    journal_settle(SELF);
    Py_RETURN_NONE;
}

static PyObject *former_since(PyObject *self, PyObject *argument)
{
    Py_ssize_t at = mark_of(argument);
    at = at < 0 ? at : journal_since(SELF, at);
    PyObject *former = at < 0 ? NULL : PyDict_New();
    for (; former && at < SELF->count; at++) {
        struct entry *entry = &SELF->entries[at];
        PyObject *place = PyTuple_Pack(2, entry->table, entry->key), *record = NULL;
        int known = place ? PyDict_Contains(former, place) : -1;
        if (known == 0)
            record = entry->former ? Py_NewRef(entry->former)
                                   : journal_get(SELF->parent, entry->table, entry->key);
        if (known < 0 || (known == 0 && (!record || PyDict_SetItem(former, place, record) < 0)))
            Py_CLEAR(former);
        Py_XDECREF(record);
        Py_XDECREF(place);
    }
    return former;
}

static PyObject *changed_count(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyLong_FromSsize_t(journal_changed_count(SELF));
}

static PyObject *encoded_of(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    return has(given, 2) ? journal_encoded_of(self, args[0], args[1]) : NULL;
}

/* Make an empty journal on a parent; called again it does not change one. */
static PyObject *new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    (void)args;
    (void)names;
    PyObject *self = type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    SELF->parent = Py_NewRef(Py_None);
    SELF->changes = PyDict_New();
    SELF->memory = PyDict_New();
    SELF->met = PyDict_New();
    if (!SELF->changes || !SELF->memory || !SELF->met)
        Py_CLEAR(self);
    return self;
}

static int init(PyObject *self, PyObject *args, PyObject *names)
{
    static char *known[] = {"parent", NULL};
    PyObject *parent;
    if (!PyArg_ParseTupleAndKeywords(args, names, "O", known, &parent))
        return -1;
    Py_XSETREF(SELF->parent, Py_NewRef(parent));
    return 0;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(SELF->parent);
    Py_VISIT(SELF->changes);
    Py_VISIT(SELF->memory);
    Py_VISIT(SELF->met);
    Py_VISIT(SELF->changes_at.of);
    Py_VISIT(SELF->aside);
    for (Py_ssize_t i = 0; i < SELF->count; i++) {
        Py_VISIT(SELF->entries[i].table);
        Py_VISIT(SELF->entries[i].key);
        Py_VISIT(SELF->entries[i].former);
    }
    return 0;
}

static int clear(PyObject *self)
{
    journal_forget(SELF);
    Py_CLEAR(SELF->aside);
    Py_CLEAR(SELF->parent);
    Py_CLEAR(SELF->changes);
    Py_CLEAR(SELF->memory);
    Py_CLEAR(SELF->met);
    shelf_clear(&SELF->changes_at);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef methods[] = {
    {"get", FAST(get), "get(table, key)\n--\n\nReturn the record under this key, or None."},
    {"put", FAST(put), "put(table, key, record)\n--\n\nPut a record under a key."},
    {"delete", FAST(delete), "delete(table, key)\n--\n\nTake away what is under this key."},
    {"order_key", FAST(order_key), "order_key(table, key)\n--\n\nHear of a key that is new here."},
    {"mark", mark, METH_NOARGS, "mark()\n--\n\nReturn the place in the journal that is now."},
    {"settle", settle, METH_NOARGS, "settle()\n--\n\nLet every change so far stay."},
    {"rollback", rollback, METH_O, "rollback(mark)\n--\n\nUndo every change after the mark."},
    {"check_since", check_since, METH_O,
     "check_since(mark)\n--\n\nHold what changed after the mark against its stored form."},
    {"former_since", former_since, METH_O,
     "former_since(mark)\n--\n\nReturn what was under each key changed after the mark."},
    {"changed_count", changed_count, METH_NOARGS,
     "changed_count()\n--\n\nReturn how many keys have been put or deleted."},
    {"encoded_of", FAST(encoded_of),
     "encoded_of(table, key)\n--\n\nReturn the bytes of the record under this key, or None."},
    {NULL, NULL, 0, NULL},
};

#define OBJECT(name, field) {name, T_OBJECT_EX, offsetof(struct journal, field), 0, NULL}

static PyMemberDef members[] = {
    OBJECT("_parent", parent),
    OBJECT("changes", changes),
    OBJECT("memory", memory),
    OBJECT("_met", met),
    {"is_fixed", T_BOOL, offsetof(struct journal, is_fixed), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject Journal_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.Journal",
    .tp_doc = "Journal(parent)\n--\n\nChanges over a state; as chain.state.journal.PlainJournal.",
    .tp_basicsize = sizeof(struct journal),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = new,
    .tp_init = init,
    .tp_dealloc = dealloc,
    .tp_traverse = traverse,
    .tp_clear = clear,
    .tp_methods = methods,
    .tp_members = members,
};

static PyObject *rows_get(PyObject *self, PyObject *const *args, Py_ssize_t given)
{
    Py_hash_t hash = has(given, 2) ? PyObject_Hash(args[1]) : -1;
    return hash == -1 ? NULL : final_get(self, args[0], args[1], hash);
}

static int rows_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct final_rows *)self)->rows);
    Py_VISIT(((struct final_rows *)self)->rows_at.of);
    return 0;
}

static int rows_clear(PyObject *self)
{
    Py_CLEAR(((struct final_rows *)self)->rows);
    shelf_clear(&((struct final_rows *)self)->rows_at);
    return 0;
}

static void rows_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    rows_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMethodDef rows_methods[] = {
    {"get", FAST(rows_get), "get(table, key)\n--\n\nReturn the record under this key, or None."},
    {"encoded_of", FAST(encoded_of),
     "encoded_of(table, key)\n--\n\nReturn the bytes of the record under this key, or None."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef rows_members[] = {
    {"_rows", T_OBJECT_EX, offsetof(struct final_rows, rows), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject FinalRows_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "chain.kernel.native.FinalRows",
    .tp_doc = "FinalRows()\n--\n\nFinal rows by table; as chain.state.journal.PlainRows.",
    .tp_basicsize = sizeof(struct final_rows),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = rows_dealloc,
    .tp_traverse = rows_traverse,
    .tp_clear = rows_clear,
    .tp_methods = rows_methods,
    .tp_members = rows_members,
};
