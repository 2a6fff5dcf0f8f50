#include "transactions.h"

#include <stdint.h>

#include "canonical.h"
#include "sha256.h"

enum {
    VERSION = 1,
    LANES = 64,
    KEY_BYTES = 32,
    SIGNATURE_BYTES = 64,
    SIGNATURES_MAX = 15, /* as many as a one-byte header counts */
    SIGNATURE_WEIGHT = 540,
    BYTES_MAX = 16384,
    LIST_KIND = 1,
    NESTING_MAX = 64,
};

static PyObject *body_type, *raw_type, *transaction_type, *tag, *name_class, *name_weight;

PyObject *transactions_use(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 4 || !PyBytes_CheckExact(args[3]))
        return PyErr_Format(PyExc_TypeError, "three types and a tag expected");
    Py_XSETREF(body_type, Py_NewRef(args[0]));
    Py_XSETREF(raw_type, Py_NewRef(args[1]));
    Py_XSETREF(transaction_type, Py_NewRef(args[2]));
    Py_XSETREF(tag, Py_NewRef(args[3]));
    Py_XSETREF(name_class, PyUnicode_InternFromString("transaction_class"));
    Py_XSETREF(name_weight, PyUnicode_InternFromString("weight"));
    if (!name_class || !name_weight)
        return NULL;
    Py_RETURN_NONE;
}

/* Bytes that are being read; 'at' is NULL once they were not of the common form. */
struct reader {
    const uint8_t *at, *end;
};

static const uint8_t *take(struct reader *from, size_t size)
{
    const uint8_t *start = from->at;
    if (!start || (size_t)(from->end - start) < size)
        return from->at = NULL;
    from->at = start + size;
    return start;
}

static void expect(struct reader *from, uint8_t byte)
{
    const uint8_t *found = take(from, 1);
    if (found && *found != byte)
        from->at = NULL;
}

/* Read byte string of exactly this size, at most 255, under its shortest header. */
static const uint8_t *take_bytes(struct reader *from, size_t size)
{
    expect(from, 0xc4);
    expect(from, (uint8_t)size);
    return take(from, size);
}

/* Read an integer that is not negative, in its shortest form. */
static uint64_t take_integer(struct reader *from)
{
    const uint8_t *header = take(from, 1);
    if (!header)
        return 0;
    if (*header < 0x80)
        return *header;
    if (*header < 0xcc || *header > 0xcf) {
        from->at = NULL;
        return 0;
    }
    size_t size = (size_t)1 << (*header - 0xcc);
    const uint8_t *digits = take(from, size);
    uint64_t number = 0;
    for (size_t i = 0; digits && i < size; i++)
        number = number << 8 | digits[i];
    if (number < 0x80 || (size > 1 && number >> (4 * size) == 0))
        from->at = NULL;
    return number;
}

static size_t length_of(struct reader *from, size_t size)
{
    const uint8_t *digits = take(from, size);
    size_t length = 0;
    for (size_t i = 0; digits && i < size; i++)
        length = length << 8 | digits[i];
    return length;
}

/* Pass over one header and its bytes; return how many values follow that belong to it. */
static size_t pass_header(struct reader *from)
{
    const uint8_t *found = take(from, 1);
    uint8_t header = found ? *found : 0xc1;
    if (header < 0x80 || header >= 0xe0 || header == 0xc0 || header == 0xc2 || header == 0xc3)
        return 0;
    if (header >= 0x90 && header < 0xa0)
        return header & 15;
    if (header >= 0xa0 && header < 0xc0)
        take(from, header & 31);
    else if (header >= 0xc4 && header <= 0xc6)
        take(from, length_of(from, (size_t)1 << (header - 0xc4)));
    else if (header >= 0xcc && header <= 0xd3)
        take(from, (size_t)1 << (header & 3));
    else if (header >= 0xd9 && header <= 0xdb)
        take(from, length_of(from, (size_t)1 << (header - 0xd9)));
    else if (header == 0xdc)
        return length_of(from, 2);
    else
        from->at = NULL; /* floats, maps, extensions, arrays of more: for Python to name */
    return 0;
}

/* Pass over one value of any form that records have. */
static void pass_value(struct reader *from)
{
    size_t left[NESTING_MAX] = {1};
    int depth = 0;
    while (from->at && depth >= 0) {
        if (left[depth]-- == 0) {
            depth--;
            continue;
        }
        size_t inner = pass_header(from);
        if (inner && ++depth == NESTING_MAX)
            from->at = NULL;
        else if (inner)
            left[depth] = inner;
    }
}

/* What was read: places in the bytes, and numbers. */
struct envelope {
    const uint8_t *body, *body_end, *signer, *payload, *signatures;
    uint64_t lane, sequence, until, kind;
    size_t signatures_count;
};

static int read_envelope(struct reader *from, struct envelope *found)
{
    expect(from, 0x92);
    found->body = from->at;
    expect(from, 0x97);
    expect(from, VERSION);
    found->signer = take_bytes(from, KEY_BYTES);
    found->lane = take_integer(from);
    found->sequence = take_integer(from);
    found->until = take_integer(from);
    found->kind = take_integer(from);
    found->payload = from->at;
    pass_value(from);
    found->body_end = from->at;
    const uint8_t *header = take(from, 1);
    if (!header || found->lane >= LANES || found->sequence > INT64_MAX ||
        found->until > UINT32_MAX || found->kind > UINT16_MAX || found->kind == LIST_KIND)
        return 0;
    found->signatures_count = *header ^ 0x90u;
    if (found->signatures_count < 1 || found->signatures_count > SIGNATURES_MAX)
        return 0;
    found->signatures = from->at;
    const uint8_t *before = NULL;
    for (size_t i = 0; i < found->signatures_count; i++) {
        expect(from, 0x92);
        const uint8_t *key = take_bytes(from, KEY_BYTES);
        take_bytes(from, SIGNATURE_BYTES);
        if (!from->at || (before && memcmp(before, key, KEY_BYTES) >= 0))
            return 0;
        before = key;
    }
    return from->at == from->end;
}

static PyObject *bytes_at(const uint8_t *at, size_t size)
{
    return PyBytes_FromStringAndSize((const char *)at, (Py_ssize_t)size);
}

/* Return the (key, signature) pairs. */
static PyObject *signatures_of(const struct envelope *found)
{
    enum { KEY_AT = 3, SIGNATURE_AT = KEY_AT + KEY_BYTES + 2 };
    PyObject *pairs = PyTuple_New((Py_ssize_t)found->signatures_count);
    const uint8_t *at = found->signatures;
    for (size_t i = 0; pairs && i < found->signatures_count; i++) {
        PyObject *key = bytes_at(at + KEY_AT, KEY_BYTES);
        PyObject *signature = bytes_at(at + SIGNATURE_AT, SIGNATURE_BYTES);
        PyObject *pair = key && signature ? PyTuple_Pack(2, key, signature) : NULL;
        Py_XDECREF(key);
        Py_XDECREF(signature);
        if (!pair)
            Py_CLEAR(pairs);
        else
            PyTuple_SET_ITEM(pairs, i, pair);
        at += SIGNATURE_AT + SIGNATURE_BYTES;
    }
    return pairs;
}

/* Call a type with arguments that are given up; NULL if one is missing. */
static PyObject *made(PyObject *type, PyObject **args, size_t count)
{
    int whole = 1;
    for (size_t i = 0; i < count; i++)
        whole &= args[i] != NULL;
    PyObject *answer = whole ? PyObject_Vectorcall(type, args, count, NULL) : NULL;
    for (size_t i = 0; i < count; i++)
        Py_XDECREF(args[i]);
    return answer;
}

static PyObject *body_of(const struct envelope *found, PyObject *payload)
{
    PyObject *args[] = {
        PyLong_FromLong(VERSION),
        bytes_at(found->signer, KEY_BYTES),
        PyLong_FromUnsignedLongLong(found->lane),
        PyLong_FromUnsignedLongLong(found->sequence),
        PyLong_FromUnsignedLongLong(found->until),
        PyLong_FromUnsignedLongLong(found->kind),
        PyObject_CallOneArg(raw_type, payload),
    };
    return made(body_type, args, 7);
}

static PyObject *digest_of(const uint8_t *data, size_t size)
{
    uint8_t out[HASH_BYTES];
    sha256_of(data, size, out);
    return bytes_at(out, HASH_BYTES);
}

/* Return tag | chain id | body. */
static PyObject *sign_bytes_of(PyObject *chain_id, const struct envelope *found)
{
    size_t tag_size = (size_t)PyBytes_GET_SIZE(tag), id_size = (size_t)PyBytes_GET_SIZE(chain_id);
    size_t body_size = (size_t)(found->body_end - found->body);
    PyObject *whole = bytes_at(NULL, tag_size + id_size + body_size);
    if (!whole)
        return NULL;
    char *at = PyBytes_AS_STRING(whole);
    memcpy(at, PyBytes_AS_STRING(tag), tag_size);
    memcpy(at + tag_size, PyBytes_AS_STRING(chain_id), id_size);
    memcpy(at + tag_size + id_size, found->body, body_size);
    return whole;
}

static PyObject *weight_of(PyObject *payload, const struct envelope *found)
{
    PyObject *weight = PyObject_GetAttr(payload, name_weight);
    long own = weight ? PyLong_AsLong(weight) : -1;
    Py_XDECREF(weight);
    if (own == -1 && PyErr_Occurred())
        return NULL;
    return PyLong_FromLong(own + SIGNATURE_WEIGHT * (long)found->signatures_count);
}

static PyObject *action_of(const struct envelope *found, PyObject *payload)
{
    PyObject *kind = PyLong_FromUnsignedLongLong(found->kind);
    PyObject *action = kind ? PyTuple_Pack(2, kind, payload) : NULL;
    PyObject *actions = action ? PyTuple_Pack(1, action) : NULL;
    Py_XDECREF(kind);
    Py_XDECREF(action);
    return actions;
}

/* Return the record of a payload, or NULL: then Python says why, if it can. */
static PyObject *payload_of(PyObject *payload_type, PyObject *data)
{
    if (payload_type == Py_None)
        return NULL;
    PyObject *args[] = {payload_type, data};
    return canonical_decode(NULL, args, 2, NULL);
}

PyObject *transactions_parse(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 3 || !PyBytes_CheckExact(args[0]) || !PyBytes_CheckExact(args[1]))
        return PyErr_Format(PyExc_TypeError, "bytes, a chain's id and what knows kinds expected");
    if (!transaction_type)
        return PyErr_Format(PyExc_RuntimeError, "the kernel knows no transactions yet");
    const uint8_t *data = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    size_t size = (size_t)PyBytes_GET_SIZE(args[0]);
    struct reader from = {data, data + size};
    struct envelope found;
    if (size > BYTES_MAX || !read_envelope(&from, &found))
        Py_RETURN_NONE;
    PyObject *kind = PyLong_FromUnsignedLongLong(found.kind), *payload = NULL, *answer = NULL;
    PyObject *type = kind ? PyObject_CallOneArg(args[2], kind) : NULL;
    PyObject *raw = type ? bytes_at(found.payload, (size_t)(found.body_end - found.payload)) : NULL;
    if (raw)
        payload = payload_of(type, raw);
    if (payload) {
        PyObject *sign_bytes = sign_bytes_of(args[1], &found);
        PyObject *parts[] = {
            Py_NewRef(args[0]),
            digest_of(data, size),
            sign_bytes ? digest_of((const uint8_t *)PyBytes_AS_STRING(sign_bytes),
                                   (size_t)PyBytes_GET_SIZE(sign_bytes))
                       : NULL,
            body_of(&found, raw),
            payload,
            action_of(&found, payload),
            signatures_of(&found),
            sign_bytes,
            PyObject_GetAttr(payload, name_class),
            weight_of(payload, &found),
        };
        answer = made(transaction_type, parts, 10);
    } else if (raw && (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_ValueError))) {
        PyErr_Clear();
        answer = Py_NewRef(Py_None);
    }
    Py_XDECREF(kind);
    Py_XDECREF(type);
    Py_XDECREF(raw);
    return answer;
}
