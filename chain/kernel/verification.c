#include "verification.h"

#include "met_keys.h"

enum { KEY_BYTES = 32, HALF_BYTES = 32, SIGNATURE_BYTES = 64, HASH_BYTES = 64 };

/* int crypto_sign_open(message, message length, signature | message, its length, public key):
 * 0 for a genuine one. The first two may be NULL. */
typedef int (*sign_open)(unsigned char *, unsigned long long *, const unsigned char *,
                         unsigned long long, const unsigned char *);
/* int crypto_hash_sha512(hash, input, its length) */
typedef int (*hash_sha512)(unsigned char *, const unsigned char *, unsigned long long);
/* void crypto_core_ed25519_scalar_reduce(number modulo L, number of 64 bytes) */
typedef void (*scalar_reduce)(unsigned char *, const unsigned char *);

static sign_open opened;
static hash_sha512 hashed;
static scalar_reduce reduced;

static unsigned long long by_multiples_count, by_library_count;

PyObject *verification_use(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    void *found[3];
    if (count != 3)
        return PyErr_Format(PyExc_TypeError, "three addresses of functions expected");
    for (int i = 0; i < 3; i++) {
        found[i] = PyLong_AsVoidPtr(args[i]);
        if (!found[i] && PyErr_Occurred())
            return NULL;
        if (!found[i])
            return PyErr_Format(PyExc_ValueError, "no address of a function");
    }
    opened = (sign_open)found[0];
    hashed = (hash_sha512)found[1];
    reduced = (scalar_reduce)found[2];
    curve_begin();
    Py_RETURN_NONE;
}

struct question {
    PyObject *key, *message, *signature;
    PyObject *kept;      /* a reference to what is kept of the key, or NULL */
    struct met_key *met; /* the same, if its multiples may be used here */
    int is_well_formed, is_maker, is_genuine, is_by_multiples;
};

static const uint8_t *bytes_of(PyObject *bytes)
{
    return (const uint8_t *)PyBytes_AS_STRING(bytes);
}

/* Read one question; lengths that no genuine one has are answered without asking. */
static int take(PyObject *triple, struct question *question)
{
    if (!PyTuple_CheckExact(triple) || PyTuple_GET_SIZE(triple) != 3)
        return 0;
    for (int i = 0; i < 3; i++)
        if (!PyBytes_CheckExact(PyTuple_GET_ITEM(triple, i)))
            return 0;
    *question = (struct question){.key = PyTuple_GET_ITEM(triple, 0),
                                  .message = PyTuple_GET_ITEM(triple, 1),
                                  .signature = PyTuple_GET_ITEM(triple, 2)};
    question->is_well_formed = PyBytes_GET_SIZE(question->key) == KEY_BYTES &&
                               PyBytes_GET_SIZE(question->signature) == SIGNATURE_BYTES;
    return 1;
}

/* Find what is kept of the keys. */
static void find(struct question *questions, Py_ssize_t count)
{
    for (struct question *each = questions; each < questions + count; each++) {
        each->kept = each->is_well_formed ? met_keys_find(each->key) : NULL;
        if (each->kept)
            each->met = met_key_for(each->kept, questions, &each->is_maker);
    }
}

/* Ask libsodium. */
static void ask_library(struct question *question, uint8_t *room)
{
    size_t length = (size_t)PyBytes_GET_SIZE(question->message);
    memcpy(room, bytes_of(question->signature), SIGNATURE_BYTES);
    memcpy(room + SIGNATURE_BYTES, bytes_of(question->message), length);
    question->is_genuine =
        opened(NULL, NULL, room, SIGNATURE_BYTES + length, bytes_of(question->key)) == 0;
}

/* Return [S]B - [k]A, from kept multiples. */
static struct curve_point sum_of(const struct question *question, uint8_t *room)
{
    size_t length = (size_t)PyBytes_GET_SIZE(question->message);
    uint8_t hash[HASH_BYTES], k[KEY_BYTES];
    memcpy(room, bytes_of(question->signature), HALF_BYTES);
    memcpy(room + HALF_BYTES, bytes_of(question->key), KEY_BYTES);
    memcpy(room + HALF_BYTES + KEY_BYTES, bytes_of(question->message), length);
    hashed(hash, room, HALF_BYTES + KEY_BYTES + length);
    reduced(k, hash);
    return curve_sum(question->met->multiples, bytes_of(question->signature) + HALF_BYTES, k);
}

/* Hold sums against the R of their signatures; libsodium is asked where one is another. */
static void compare(struct question **waiting, const struct curve_point *sums, int count,
                    uint8_t *room)
{
    uint8_t encoded[CURVE_TOGETHER_MAX][CURVE_BYTES];
    curve_encode(sums, encoded, count);
    for (int i = 0; i < count; i++) {
        struct question *question = waiting[i];
        question->is_by_multiples =
            memcmp(encoded[i], bytes_of(question->signature), HALF_BYTES) == 0 &&
            !curve_is_small(encoded[i]);
        question->is_genuine = question->is_by_multiples;
        if (!question->is_genuine)
            ask_library(question, room);
    }
}

/* Answer every question, without the interpreter's lock. */
static void answer(struct question *questions, Py_ssize_t count, uint8_t *room)
{
    struct question *waiting[CURVE_TOGETHER_MAX];
    struct curve_point sums[CURVE_TOGETHER_MAX];
    int waiting_count = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        struct question *question = questions + i;
        if (question->is_maker)
            question->met->is_made =
                curve_key_of(question->met->multiples, bytes_of(question->key));
        if (question->met && question->met->is_made &&
            curve_is_number(bytes_of(question->signature) + HALF_BYTES)) {
            waiting[waiting_count] = question;
            sums[waiting_count++] = sum_of(question, room);
        } else if (question->is_well_formed) {
            ask_library(question, room);
        }
        if (waiting_count == CURVE_TOGETHER_MAX || (waiting_count && i == count - 1)) {
            compare(waiting, sums, waiting_count, room);
            waiting_count = 0;
        }
    }
}

/* Keep what was learned of the keys, and count; 0 with an exception. */
static int learn(struct question *questions, Py_ssize_t count)
{
    int done = 1;
    for (struct question *each = questions; each < questions + count; each++) {
        if (each->is_maker)
            each->met->is_ready = 1;
        if (each->is_by_multiples)
            by_multiples_count++;
        else
            by_library_count += each->is_well_formed;
        if (done && each->is_genuine && !each->kept)
            done = met_keys_meet(each->key);
    }
    return done;
}

static PyObject *verdicts_of(struct question *questions, Py_ssize_t count, uint8_t *room)
{
    find(questions, count);
    Py_BEGIN_ALLOW_THREADS
    answer(questions, count, room);
    Py_END_ALLOW_THREADS
    PyObject *verdicts = learn(questions, count) ? PyList_New(count) : NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_XDECREF(questions[i].kept);
        if (verdicts)
            PyList_SET_ITEM(verdicts, i, PyBool_FromLong(questions[i].is_genuine));
    }
    return verdicts;
}

PyObject *verification_genuine(PyObject *module, PyObject *asked)
{
    (void)module;
    if (!opened)
        return PyErr_Format(PyExc_RuntimeError, "the kernel does not know libsodium yet");
    /* A tuple of tuples of bytes: what is in it stays as it is while the lock is given up. */
    PyObject *kept = PySequence_Tuple(asked), *verdicts = NULL;
    if (!kept)
        return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(kept), longest = 0;
    struct question *questions = PyMem_New(struct question, count + 1);
    uint8_t *room = NULL;
    for (Py_ssize_t i = 0; questions && i < count; i++) {
        if (!take(PyTuple_GET_ITEM(kept, i), questions + i)) {
            PyErr_SetString(PyExc_TypeError, "a public key, a message and a signature expected");
            goto done;
        }
        if (PyBytes_GET_SIZE(questions[i].message) > longest)
            longest = PyBytes_GET_SIZE(questions[i].message);
    }
    room = questions ? PyMem_Malloc((size_t)longest + SIGNATURE_BYTES) : NULL;
    verdicts = room ? verdicts_of(questions, count, room) : PyErr_NoMemory();
done:
    PyMem_Free(room);
    PyMem_Free(questions);
    Py_DECREF(kept);
    return verdicts;
}

PyObject *verification_counts(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return Py_BuildValue("KKn", by_multiples_count, by_library_count, met_keys_count());
}
