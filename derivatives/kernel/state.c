#include "state.h"

#include "sorted.h"

#include <string.h>
#include <structmember.h>

enum slot { LAYER, MET, ORDER_OF, PARENT, SLOTS };

static const char *const slot_names[SLOTS] = {"_layer", "_met", "_order", "_parent"};
static Py_ssize_t slots[SLOTS];
static Py_ssize_t base_order, base_version;
static PyTypeObject *overlay_type, *base_type;
static PyObject *name_order_key;
static const struct journal_calls *calls;

static inline PyObject *slot(PyObject *view, enum slot which)
{
    return *(PyObject **)((char *)view + slots[which]);
}

static int offset_of(PyObject *type, const char *name, Py_ssize_t *offset)
{
    PyObject *member = PyObject_GetAttrString(type, name);
    if (member == NULL)
        return FAILED;
    int is_slot = Py_IS_TYPE(member, &PyMemberDescr_Type);
    if (is_slot)
        *offset = ((PyMemberDescrObject *)member)->d_member->offset;
    else
        PyErr_Format(PyExc_ValueError, "%s is no slot", name);
    Py_DECREF(member);
    return is_slot ? DONE : FAILED;
}

int learn_overlay(PyObject *overlay, PyObject *tables_class)
{
    calls = PyCapsule_Import(JOURNAL_CAPSULE, 0);
    if (calls == NULL)
        return FAILED;
    if (calls->revision != JOURNAL_REVISION) {
        PyErr_SetString(PyExc_ValueError, "the journal is of another revision");
        return FAILED;
    }
    for (int i = 0; i < SLOTS; i++)
        TRY(offset_of(overlay, slot_names[i], &slots[i]));
    TRY(offset_of(tables_class, "_order", &base_order));
    TRY(offset_of(tables_class, "generation", &base_version));
    TRY(sorted_prepare());
    for (int i = 0; i < TABLES; i++)
        if (tables[i].object != NULL && (tables[i].number = calls->watch(tables[i].object)) < 0)
            return FAILED;
    if (name_order_key == NULL &&
        (name_order_key = PyUnicode_InternFromString("order_key")) == NULL)
        return FAILED;
    Py_XSETREF(overlay_type, (PyTypeObject *)Py_NewRef(overlay));
    Py_XSETREF(base_type, (PyTypeObject *)Py_NewRef(tables_class));
    return DONE;
}

int work_begin(struct work *w, PyObject *state)
{
    ONLY_IF(overlay_type != NULL && Py_IS_TYPE(state, overlay_type) && calls->is_journal(state));
    w->state = state;
    w->kept = w->kept_first;
    w->kept_count = 0;
    w->seen_count = 0;
    w->home = (struct home){0};
    w->kept_room = sizeof w->kept_first / sizeof *w->kept_first;
    ONLY_IF(slot(state, LAYER) == Py_None);
    w->moves = calls->moves(state);
    w->rows = rows_aside(calls->aside(state));
    return w->rows == NULL ? FAILED : DONE;
}

void work_end(struct work *w)
{
    for (size_t i = 0; i < w->kept_count; i++)
        Py_DECREF(w->kept[i]);
    if (w->kept != w->kept_first)
        PyMem_Free(w->kept);
    w->kept_count = 0;
    w->kept = w->kept_first;
}

PyObject *keep(struct work *w, PyObject *made)
{
    if (made == NULL)
        return NULL;
    if (w->kept_count == w->kept_room) {
        size_t room = 2 * w->kept_room;
        PyObject **more = PyMem_Malloc(room * sizeof *more);
        if (more == NULL) {
            Py_DECREF(made);
            return PyErr_NoMemory();
        }
        memcpy(more, w->kept, w->kept_count * sizeof *more);
        if (w->kept != w->kept_first)
            PyMem_Free(w->kept);
        w->kept = more;
        w->kept_room = room;
    }
    return w->kept[w->kept_count++] = made;
}

int get_apart(struct work *w, enum table which, PyObject *key, PyObject **record)
{
    *record = NULL;
    PyObject *found = key == NULL ? NULL : calls->get(w->state, tables[which].object, key);
    if (found == NULL)
        return FAILED;
    if (found == Py_None) {
        Py_DECREF(found);
        return DONE;
    }
    /* Kept, since a parent may be folded while Python is asked something. */
    *record = keep(w, found);
    return *record == NULL ? FAILED : DONE;
}

/* Let a row hold another record, whose reference it takes; the former one is kept, since it may be
 * borrowed. */
static int hold(struct work *w, struct row *row, PyObject *record)
{
    PyObject *former = row->record;
    row->record = record;
    return former == NULL || keep(w, former) != NULL ? DONE : FAILED;
}

/* Store the row of these parts as it is now. */
static int row_now(struct work *w, enum table which, PyObject *const *parts, struct row **found)
{
    uint64_t count = w->moves[tables[which].number];
    if (parts[0] == NULL)
        return FAILED; /* it could not be made */
    TRY(row_find(w->rows, which, parts, found));
    struct row *row = *found;
    if (row->is_read && row->read_at == count)
        return DONE;
    PyObject *record = calls->get(w->state, tables[which].object, row->key);
    if (record == NULL)
        return FAILED;
    if (record == Py_None)
        Py_CLEAR(record);
    row->is_read = 1;
    row->read_at = count;
    return hold(w, row, record);
}

int row_of(struct work *w, enum table which, PyObject *first, PyObject *second, struct row **row)
{
    return row_now(w, which, (PyObject *[ROW_PARTS_MAX]){first, second}, row);
}

int get(struct work *w, enum table which, PyObject *first, PyObject *second, PyObject **record)
{
    struct row *row;
    TRY(row_of(w, which, first, second, &row));
    *record = row->record;
    return DONE;
}

int get_of_three(struct work *w, enum table which, PyObject *first, PyObject *second,
                 PyObject *third, PyObject **record)
{
    struct row *row;
    TRY(row_now(w, which, (PyObject *[ROW_PARTS_MAX]){first, second, third}, &row));
    *record = row->record;
    return DONE;
}

/* Return 1 and set the bytes of one part of a key, 0 where it is not of its form. */
static int encode_part(PyObject *part, int part_bytes, unsigned char *to, Py_ssize_t *length)
{
    if (part_bytes > 0) {
        int64_t value;
        if (!PyLong_CheckExact(part) || read_number(part, &value) != DONE || value < 0)
            return 0;
        if (part_bytes < 8 && value >> (8 * part_bytes) != 0)
            return 0;
        for (int i = part_bytes; i-- > 0; value >>= 8)
            to[i] = (unsigned char)value;
        *length = part_bytes;
        return 1;
    }
    if (part_bytes == 0 || !PyUnicode_CheckExact(part) || !PyUnicode_IS_COMPACT_ASCII(part))
        return 0;
    Py_ssize_t count = PyUnicode_GET_LENGTH(part);
    if (count > -part_bytes || memchr(PyUnicode_DATA(part), 0, (size_t)count) != NULL)
        return 0;
    memcpy(to, PyUnicode_DATA(part), (size_t)count);
    to[count] = 0;
    *length = count + 1;
    return 1;
}

PyObject *encoded(enum table which, PyObject *const *parts, int count)
{
    const struct table_known *table = &tables[which];
    unsigned char bytes[2 + PARTS_MAX * 128];
    Py_ssize_t length = 2;
    memcpy(bytes, table->prefix, 2);
    for (int i = 0; i < count; i++) {
        Py_ssize_t written = 0;
        if (i >= table->parts || table->part_bytes[i] < -120 ||
            !encode_part(parts[i], table->part_bytes[i], bytes + length, &written))
            return NULL;
        length += written;
    }
    return PyBytes_FromStringAndSize((char *)bytes, length);
}

/* Let scans meet a key that is new to the overlay, as its 'order_key' does, which does it where
 * there is no order of this table yet, or a key is of no form that is written here. A key under
 * which nothing is left need not be met: who scans finds it in a layer below, if at all. */
static int order_key(struct work *w, enum table which, PyObject *key)
{
    PyObject *table = tables[which].object, *bytes = NULL;
    PyObject *met = PyDict_GetItemWithError(slot(w->state, MET), table);
    PyObject *order = PyDict_GetItemWithError(slot(w->state, ORDER_OF), table);
    if (met != NULL && order != NULL) {
        int known = PyDict_Contains(met, key);
        if (known != 0)
            return known < 0 ? FAILED : DONE;
        int is_tuple = PyTuple_CheckExact(key);
        PyObject *const *parts = is_tuple ? &PyTuple_GET_ITEM(key, 0) : &key;
        bytes = encoded(which, parts, is_tuple ? (int)PyTuple_GET_SIZE(key) : 1);
    }
    if (PyErr_Occurred())
        return FAILED;
    if (bytes == NULL) {
        PyObject *done = PyObject_CallMethodObjArgs(w->state, name_order_key, table, key, NULL);
        Py_XDECREF(done);
        return done == NULL ? FAILED : DONE;
    }
    int kept = sorted_add(order, bytes, key) == DONE && PyDict_SetItem(met, key, bytes) == 0;
    Py_DECREF(bytes);
    return kept ? DONE : FAILED;
}

int put(struct work *w, struct row *row, PyObject *record)
{
    const struct table_known *table = &tables[row->table];
    if (table->is_ordered && !row->is_met && record != NULL) {
        TRY(order_key(w, row->table, row->key));
        row->is_met = 1;
    }
    if (calls->put_met(w->state, table->object, row->key, row->hash, record) < 0)
        return FAILED;
    return hold(w, row, Py_XNewRef(record));
}

int put_apart(struct work *w, enum table which, PyObject *key, PyObject *record)
{
    Py_hash_t hash = key == NULL ? -1 : PyObject_Hash(key);
    if (hash == -1)
        return FAILED;
    if (tables[which].is_ordered && record != NULL)
        TRY(order_key(w, which, key));
    return calls->put_met(w->state, tables[which].object, key, hash, record) < 0 ? FAILED : DONE;
}

Py_ssize_t work_mark(const struct work *w)
{
    return calls->mark(w->state);
}

int work_undo(struct work *w, Py_ssize_t mark)
{
    return calls->rollback(w->state, mark) < 0 ? FAILED : DONE;
}

/* Store the first key of any layer beyond 'after', encoded and plain, or NULL. Those of an overlay
 * come and never go; those of the tables do both when a block is folded in. */
static int first_of_layers(struct work *w, PyObject *table, PyObject *after, Py_ssize_t same,
                           PyObject **first, PyObject **key)
{
    *first = NULL;
    PyObject *view = w->state, *home = NULL;
    for (;;) {
        int is_overlay = Py_IS_TYPE(view, overlay_type);
        ONLY_IF(is_overlay || Py_IS_TYPE(view, base_type));
        PyObject *orders = is_overlay ? slot(view, ORDER_OF)
                                      : *(PyObject **)((char *)view + base_order);
        PyObject *version = is_overlay ? NULL : *(PyObject **)((char *)view + base_version);
        PyObject *order = PyDict_GetItemWithError(orders, table);
        if (order != NULL) {
            PyObject *found;
            struct hint *hint = row_hint(w->rows, order, PyBytes_AS_STRING(after), same);
            TRY(sorted_beyond(order, version, after, hint, &found));
            if (found != NULL && (*first == NULL || bytes_less(found, *first))) {
                *first = found;
                home = order;
            }
        }
        if (PyErr_Occurred())
            return FAILED;
        if (!is_overlay)
            break;
        view = slot(view, PARENT);
    }
    if (*first != NULL) {
        *key = PyDict_GetItemWithError(home, *first);
        ONLY_IF(*key != NULL);
        *key = keep(w, Py_NewRef(*key));
        *first = keep(w, Py_NewRef(*first));
        if (*key == NULL || *first == NULL)
            return FAILED;
    }
    return DONE;
}

int next_row(struct work *w, enum table which, PyObject *after, Py_ssize_t same, PyObject **key,
             PyObject **record)
{
    if (after == NULL) {
        if (PyErr_Occurred())
            return FAILED;
        return DECLINED;
    }
    const char *begins = PyBytes_AS_STRING(after);
    *key = *record = NULL;
    PyObject *at = after;
    for (;;) {
        PyObject *first, *found_key = NULL;
        TRY(first_of_layers(w, tables[which].object, at, same, &first, &found_key));
        if (first == NULL || PyBytes_GET_SIZE(first) < same ||
            memcmp(PyBytes_AS_STRING(first), begins, (size_t)same) != 0)
            return DONE;
        TRY(get_apart(w, which, found_key, record));
        if (*record != NULL) {
            *key = found_key;
            return DONE;
        }
        at = first; /* taken away since */
    }
}

PyObject *pair(struct work *w, PyObject *first, PyObject *second)
{
    return keep(w, PyTuple_Pack(2, first, second));
}

PyObject *triple(struct work *w, PyObject *first, PyObject *second, PyObject *third)
{
    return keep(w, PyTuple_Pack(3, first, second, third));
}
