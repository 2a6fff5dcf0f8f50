#include "rows.h"

#include <string.h>

#define CHUNK_ROWS 128
#define ROWS_MAX 65536
#define PLACES_FIRST 1024

struct chunk {
    struct chunk *before;
    int count;
    struct row each[CHUNK_ROWS];
};

#define HINTS_COUNT 32
#define NEAR_BITS 9
#define NEAR_COUNT (1 << NEAR_BITS)

/* A row as it was asked for last by these very objects, which are held. */
struct near {
    struct row *row;
    PyObject *parts[ROW_PARTS_MAX];
};

struct rows {
    struct chunk *last;
    struct near near[NEAR_COUNT];
    struct hint hints[HINTS_COUNT];
    struct row **places; /* by hash, NULL where there is none; a power of two, half of it free */
    size_t places_count, count;
};

static void let_go_of(struct rows *rows)
{
    for (int i = 0; i < NEAR_COUNT; i++)
        for (int part = 0; part < ROW_PARTS_MAX; part++)
            Py_CLEAR(rows->near[i].parts[part]);
    memset(rows->near, 0, sizeof rows->near);
    for (int i = 0; i < HINTS_COUNT; i++)
        hint_clear(&rows->hints[i]);
    while (rows->last != NULL) {
        struct chunk *chunk = rows->last;
        rows->last = chunk->before;
        for (int i = 0; i < chunk->count; i++) {
            Py_DECREF(chunk->each[i].key);
            Py_XDECREF(chunk->each[i].record);
        }
        PyMem_Free(chunk);
    }
    PyMem_Free(rows->places);
    rows->places = NULL;
    rows->places_count = rows->count = 0;
}

static void end(PyObject *capsule)
{
    struct rows *rows = PyCapsule_GetPointer(capsule, NULL);
    let_go_of(rows);
    PyMem_Free(rows);
}

struct rows *rows_aside(PyObject **aside)
{
    struct rows *rows;
    if (*aside != NULL) {
        rows = PyCapsule_GetPointer(*aside, NULL);
        if (rows != NULL && rows->count >= ROWS_MAX)
            let_go_of(rows);
        return rows;
    }
    rows = PyMem_Calloc(1, sizeof *rows);
    if (rows == NULL || (*aside = PyCapsule_New(rows, NULL, end)) == NULL) {
        PyMem_Free(rows);
        if (!PyErr_Occurred())
            PyErr_NoMemory();
        return NULL;
    }
    return rows;
}

/* Have room for one row more, all in their places. */
static int make_room(struct rows *rows)
{
    if (2 * (rows->count + 1) > rows->places_count) {
        size_t more = rows->places_count == 0 ? PLACES_FIRST : 2 * rows->places_count;
        struct row **places = PyMem_Calloc(more, sizeof *places);
        if (places == NULL)
            goto no_memory;
        for (size_t i = 0; i < rows->places_count; i++) {
            if (rows->places[i] == NULL)
                continue;
            size_t place = rows->places[i]->mixed & (more - 1);
            while (places[place] != NULL)
                place = (place + 1) & (more - 1);
            places[place] = rows->places[i];
        }
        PyMem_Free(rows->places);
        rows->places = places;
        rows->places_count = more;
    }
    if (rows->last == NULL || rows->last->count == CHUNK_ROWS) {
        struct chunk *chunk = PyMem_Malloc(sizeof *chunk);
        if (chunk == NULL)
            goto no_memory;
        chunk->before = rows->last;
        chunk->count = 0;
        rows->last = chunk;
    }
    return DONE;
no_memory:
    PyErr_NoMemory();
    return FAILED;
}

/* Return 1 where two parts of a key are equal, as a dict of Python has it. */
static int is_same(PyObject *a, PyObject *b)
{
    if (a == b)
        return 1;
    if (a == NULL || b == NULL)
        return 0;
    if (PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b) && PyUnicode_IS_COMPACT_ASCII(a) &&
        PyUnicode_IS_COMPACT_ASCII(b)) {
        Py_ssize_t length = PyUnicode_GET_LENGTH(a);
        return length == PyUnicode_GET_LENGTH(b) &&
               memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)length) == 0;
    }
    return PyObject_RichCompareBool(a, b, Py_EQ);
}

static int is_of(const struct row *row, enum table table, PyObject *const *parts)
{
    if (row->table != table)
        return 0;
    for (int i = 0; i < ROW_PARTS_MAX; i++) {
        int same = is_same(row->parts[i], parts[i]);
        if (same != 1)
            return same;
    }
    return 1;
}

/* Store a hash of table and parts. */
static int mix(enum table table, PyObject *const *parts, uint64_t *mixed)
{
    uint64_t all = (uint64_t)table + 1;
    for (int i = 0; i < ROW_PARTS_MAX && parts[i] != NULL; i++) {
        Py_hash_t hash = PyObject_Hash(parts[i]);
        if (hash == -1)
            return FAILED;
        all = (all ^ (uint64_t)hash) * 0x9E3779B97F4A7C15u;
        all ^= all >> 32;
    }
    *mixed = all;
    return DONE;
}

/* Return the key of these parts, new: the only one, or a tuple. */
static PyObject *key_of(PyObject *const *parts)
{
    Py_ssize_t count = 0;
    while (count < ROW_PARTS_MAX && parts[count] != NULL)
        count++;
    if (count == 1)
        return Py_NewRef(parts[0]);
    PyObject *key = PyTuple_New(count);
    for (Py_ssize_t i = 0; key != NULL && i < count; i++)
        PyTuple_SET_ITEM(key, i, Py_NewRef(parts[i]));
    return key;
}

/* Return where a row is near, by the addresses of what it is asked by. */
static inline struct near *near_of(struct rows *rows, enum table table, PyObject *const *parts)
{
    uint64_t first = (uint64_t)(uintptr_t)parts[0] >> 4, second = (uint64_t)(uintptr_t)parts[1] >> 4;
    uint64_t mixed = (first ^ second << 20 ^ (uint64_t)table << 40) * 0x9E3779B97F4A7C15u;
    return &rows->near[mixed >> (64 - NEAR_BITS)];
}

static inline int is_near(const struct near *near, enum table table, PyObject *const *parts)
{
    return near->parts[0] == parts[0] && near->parts[1] == parts[1] &&
           near->parts[2] == parts[2] && near->row != NULL && near->row->table == table;
}

/* Let a row be near for whoever asks by the same objects again. */
static void come_near(struct near *near, struct row *row, PyObject *const *parts)
{
    near->row = row;
    for (int i = 0; i < ROW_PARTS_MAX; i++)
        Py_XSETREF(near->parts[i], Py_XNewRef(parts[i]));
}

int row_find(struct rows *rows, enum table table, PyObject *const *parts, struct row **found)
{
    uint64_t mixed;
    struct near *near = near_of(rows, table, parts);
    if (is_near(near, table, parts)) {
        *found = near->row;
        return DONE;
    }
    TRY(mix(table, parts, &mixed));
    TRY(make_room(rows));
    size_t last = rows->places_count - 1, place = mixed & last;
    for (; rows->places[place] != NULL; place = (place + 1) & last) {
        struct row *row = rows->places[place];
        int same = row->mixed == mixed ? is_of(row, table, parts) : 0;
        if (same < 0)
            return FAILED;
        if (same) {
            come_near(near, row, parts);
            *found = row;
            return DONE;
        }
    }
    PyObject *key = key_of(parts);
    if (key == NULL)
        return FAILED;
    struct row *row = &rows->last->each[rows->last->count];
    *row = (struct row){.key = key, .mixed = mixed, .hash = PyObject_Hash(key), .table = table};
    for (int i = 0; i < ROW_PARTS_MAX; i++)
        row->parts[i] = parts[i];
    if (row->hash == -1) {
        Py_DECREF(key);
        return FAILED;
    }
    rows->last->count++;
    rows->count++;
    come_near(near, row, parts);
    *found = rows->places[place] = row;
    return DONE;
}

struct hint *row_hint(struct rows *rows, PyObject *order, const char *begins, Py_ssize_t same)
{
    uint64_t mixed = (uint64_t)(uintptr_t)order >> 4;
    for (Py_ssize_t i = 0; i < same; i++)
        mixed = (mixed ^ (unsigned char)begins[i]) * 0x100000001B3u;
    return &rows->hints[(mixed >> 32) % HINTS_COUNT];
}
