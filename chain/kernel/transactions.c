#include "transactions.h"

#include "canonical.h"
#include "reading.h"
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
    LIST_WEIGHT = 20,
    ACTIONS_MAX = 64,
};

static PyObject *body_type, *raw_type, *transaction_type, *list_type, *tag;
static PyObject *name_class, *name_weight;

PyObject *transactions_use(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 5 || !PyBytes_CheckExact(args[4]))
        return PyErr_Format(PyExc_TypeError, "four types and a tag expected");
    Py_XSETREF(body_type, Py_NewRef(args[0]));
    Py_XSETREF(raw_type, Py_NewRef(args[1]));
    Py_XSETREF(transaction_type, Py_NewRef(args[2]));
    Py_XSETREF(list_type, Py_NewRef(args[3]));
    Py_XSETREF(tag, Py_NewRef(args[4]));
    Py_XSETREF(name_class, PyUnicode_InternFromString("transaction_class"));
    Py_XSETREF(name_weight, PyUnicode_InternFromString("weight"));
    if (!name_class || !name_weight)
        return NULL;
    Py_RETURN_NONE;
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
        found->until > UINT32_MAX || found->kind > UINT16_MAX)
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

/* What is asked for: (kind, record) pairs, the highest class among them and their weight; and what
 * the kind that was met last is, since a list is most often of one. */
struct asked {
    PyObject *actions, *class, *number, *type;
    uint64_t kind;
    long weight;
};

static void forget(struct asked *asked)
{
    Py_CLEAR(asked->actions);
    Py_CLEAR(asked->class);
    Py_CLEAR(asked->number);
    Py_CLEAR(asked->type);
}

/* Find the type of a kind, None for an unknown one; return 0 after an error. */
static int look_up(struct asked *asked, PyObject *payload_of, uint64_t kind)
{
    if (asked->type && asked->kind == kind)
        return 1;
    asked->kind = kind;
    Py_XSETREF(asked->number, PyLong_FromUnsignedLongLong(kind));
    Py_XSETREF(asked->type,
               asked->number ? PyObject_CallOneArg(payload_of, asked->number) : NULL);
    return asked->type != NULL;
}

/* Take the class of a record if it is the highest yet, and add its weight. */
static int weigh(struct asked *asked, PyObject *record)
{
    PyObject *class = PyObject_GetAttr(record, name_class);
    PyObject *weight = class ? PyObject_GetAttr(record, name_weight) : NULL;
    long own = weight ? PyLong_AsLong(weight) : -1;
    Py_XDECREF(weight);
    int higher = 0;
    if (class && !(own == -1 && PyErr_Occurred()))
        higher = asked->class ? PyObject_RichCompareBool(class, asked->class, Py_GT) : 1;
    else
        higher = -1;
    if (higher > 0)
        Py_XSETREF(asked->class, Py_NewRef(class));
    Py_XDECREF(class);
    asked->weight += own;
    return higher >= 0;
}

/* Put (kind, record) of bytes under a kind into its place; return 0 where Python says why, or after
 * an error. No record is made of a list: its bytes are read by 'ask_list'. */
static int ask_one(struct asked *asked, Py_ssize_t place, PyObject *payload_of, uint64_t kind,
                   PyObject *data)
{
    if (kind == LIST_KIND || !look_up(asked, payload_of, kind) || asked->type == Py_None)
        return 0;
    PyObject *args[] = {asked->type, data};
    PyObject *record = canonical_decode(NULL, args, 2, NULL);
    PyObject *action = record ? PyTuple_Pack(2, asked->number, record) : NULL;
    Py_XDECREF(record);
    if (!action)
        return 0;
    PyTuple_SET_ITEM(asked->actions, place, action);
    return weigh(asked, record);
}

/* Read the header of an array of at most 64 in its shortest form; 0 for any other. */
static size_t take_count(struct reader *from)
{
    const uint8_t *header = take(from, 1);
    size_t count = 0;
    if (header && (*header & 0xf0) == 0x90)
        count = *header & 15;
    else if (header && *header == 0xdc && (count = length_of(from, 2)) < 16)
        count = 0;
    if (count > ACTIONS_MAX)
        count = 0;
    if (!count)
        from->at = NULL;
    return count;
}

static int ask_next(struct reader *from, PyObject *payload_of, struct asked *asked,
                    Py_ssize_t place)
{
    expect(from, 0x92);
    uint64_t kind = take_integer(from);
    const uint8_t *start = from->at;
    pass_value(from);
    PyObject *raw = from->at ? bytes_at(start, (size_t)(from->at - start)) : NULL;
    int is_whole = raw && ask_one(asked, place, payload_of, kind, raw);
    Py_XDECREF(raw);
    return is_whole;
}

static int ask_list(const struct envelope *found, PyObject *payload_of, struct asked *asked)
{
    struct reader from = {found->payload, found->body_end};
    expect(&from, 0x91);
    int known = look_up(asked, payload_of, LIST_KIND) && asked->type == list_type;
    size_t count = known ? take_count(&from) : 0;
    asked->actions = count ? PyTuple_New((Py_ssize_t)count) : NULL;
    asked->weight = LIST_WEIGHT;
    int is_whole = asked->actions != NULL;
    for (size_t i = 0; is_whole && i < count; i++)
        is_whole = ask_next(&from, payload_of, asked, (Py_ssize_t)i);
    return is_whole && from.at == from.end;
}

static int ask(const struct envelope *found, PyObject *payload_of, PyObject *raw,
               struct asked *asked)
{
    if (found->kind == LIST_KIND)
        return ask_list(found, payload_of, asked);
    asked->actions = PyTuple_New(1);
    return asked->actions && ask_one(asked, 0, payload_of, found->kind, raw);
}

/* Return the transaction that was read and asks for this. */
static PyObject *transaction_of(PyObject *data, PyObject *id, PyObject *sign_bytes,
                                const struct envelope *found, PyObject *raw,
                                const struct asked *asked)
{
    PyObject *parts[] = {
        Py_NewRef(data),
        digest_of((const uint8_t *)PyBytes_AS_STRING(data), (size_t)PyBytes_GET_SIZE(data)),
        Py_NewRef(id),
        body_of(found, raw),
        Py_NewRef(asked->actions),
        signatures_of(found),
        Py_NewRef(sign_bytes),
        Py_NewRef(asked->class),
        PyLong_FromLong(asked->weight + SIGNATURE_WEIGHT * (long)found->signatures_count),
    };
    return made(transaction_type, parts, 9);
}

/* Return whether an id is a key of one of the mappings in a tuple, -1 after an error. */
static int is_known(PyObject *id, PyObject *known)
{
    int found = 0;
    for (Py_ssize_t i = 0; !found && i < PyTuple_GET_SIZE(known); i++)
        found = PySequence_Contains(PyTuple_GET_ITEM(known, i), id);
    return found;
}

/* Return the transaction that bytes are; its id if that is known; None where Python says what is
 * wrong; NULL after an error. */
static PyObject *parsed(PyObject *data, PyObject *chain_id, PyObject *payload_of, PyObject *known)
{
    const uint8_t *start = (const uint8_t *)PyBytes_AS_STRING(data);
    size_t size = (size_t)PyBytes_GET_SIZE(data);
    struct reader from = {start, start + size};
    struct envelope found;
    if (size > BYTES_MAX || !read_envelope(&from, &found))
        Py_RETURN_NONE;
    PyObject *sign_bytes = sign_bytes_of(chain_id, &found), *id = NULL, *raw = NULL;
    if (sign_bytes)
        id = digest_of((const uint8_t *)PyBytes_AS_STRING(sign_bytes),
                       (size_t)PyBytes_GET_SIZE(sign_bytes));
    int was_known = id && known ? is_known(id, known) : 0;
    if (was_known > 0) {
        Py_DECREF(sign_bytes);
        return id;
    }
    if (id && was_known == 0)
        raw = bytes_at(found.payload, (size_t)(found.body_end - found.payload));
    struct asked asked = {0};
    PyObject *answer = NULL;
    if (raw && ask(&found, payload_of, raw, &asked)) {
        answer = transaction_of(data, id, sign_bytes, &found, raw, &asked);
    } else if (raw && (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_ValueError))) {
        PyErr_Clear();
        answer = Py_NewRef(Py_None);
    }
    forget(&asked);
    Py_XDECREF(raw);
    Py_XDECREF(id);
    Py_XDECREF(sign_bytes);
    return answer;
}

static int knows_transactions(void)
{
    if (!transaction_type)
        PyErr_SetString(PyExc_RuntimeError, "the kernel knows no transactions yet");
    return transaction_type != NULL;
}

PyObject *transactions_parse(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 3 || !PyBytes_CheckExact(args[0]) || !PyBytes_CheckExact(args[1]))
        return PyErr_Format(PyExc_TypeError, "bytes, a chain's id and what knows kinds expected");
    return knows_transactions() ? parsed(args[0], args[1], args[2], NULL) : NULL;
}

PyObject *transactions_parse_many(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 5 || !PyBytes_CheckExact(args[1]) || !PyTuple_CheckExact(args[3]))
        return PyErr_Format(PyExc_TypeError, "a sequence of bytes, a chain's id, what knows kinds, "
                                             "a tuple of ids that are known and a twin expected");
    PyObject *batch = knows_transactions() ? PySequence_Tuple(args[0]) : NULL;
    if (!batch)
        return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(batch);
    PyObject *answers = PyList_New(size);
    for (Py_ssize_t i = 0; answers && i < size; i++) {
        PyObject *data = PyTuple_GET_ITEM(batch, i);
        PyObject *answer = PyBytes_CheckExact(data) ? parsed(data, args[1], args[2], args[3])
                                                    : Py_NewRef(Py_None);
        if (answer == Py_None) {
            Py_DECREF(answer);
            answer = PyObject_CallOneArg(args[4], data);
        }
        if (answer)
            PyList_SET_ITEM(answers, i, answer);
        else
            Py_CLEAR(answers);
    }
    Py_DECREF(batch);
    return answers;
}
