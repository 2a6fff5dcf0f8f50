#include "verification.h"

enum { KEY_BYTES = 32, SIGNATURE_BYTES = 64 };

/* int crypto_sign_open(message, message length, signature | message, its length, public key):
 * 0 for a genuine one. The first two may be NULL. */
typedef int (*sign_open)(unsigned char *, unsigned long long *, const unsigned char *,
                         unsigned long long, const unsigned char *);

static sign_open opened;

PyObject *verification_use(PyObject *module, PyObject *address)
{
    (void)module;
    void *found = PyLong_AsVoidPtr(address);
    if (!found && PyErr_Occurred())
        return NULL;
    if (!found)
        return PyErr_Format(PyExc_ValueError, "no address of a function");
    opened = (sign_open)found;
    Py_RETURN_NONE;
}

struct question {
    PyObject *key, *message, *signature;
    int genuine;
};

/* Read one question; lengths that no genuine one has are answered without asking. */
static int take(PyObject *triple, struct question *question, Py_ssize_t *longest)
{
    if (!PyTuple_CheckExact(triple) || PyTuple_GET_SIZE(triple) != 3)
        return 0;
    for (int i = 0; i < 3; i++)
        if (!PyBytes_CheckExact(PyTuple_GET_ITEM(triple, i)))
            return 0;
    *question = (struct question){PyTuple_GET_ITEM(triple, 0), PyTuple_GET_ITEM(triple, 1),
                                  PyTuple_GET_ITEM(triple, 2), 0};
    if (PyBytes_GET_SIZE(question->message) > *longest)
        *longest = PyBytes_GET_SIZE(question->message);
    return 1;
}

static void answer(struct question *question, unsigned char *room)
{
    size_t length = (size_t)PyBytes_GET_SIZE(question->message);
    if (PyBytes_GET_SIZE(question->key) != KEY_BYTES ||
        PyBytes_GET_SIZE(question->signature) != SIGNATURE_BYTES)
        return;
    memcpy(room, PyBytes_AS_STRING(question->signature), SIGNATURE_BYTES);
    memcpy(room + SIGNATURE_BYTES, PyBytes_AS_STRING(question->message), length);
    question->genuine = opened(NULL, NULL, room, SIGNATURE_BYTES + length,
                               (const unsigned char *)PyBytes_AS_STRING(question->key)) == 0;
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
    unsigned char *room = NULL;
    for (Py_ssize_t i = 0; questions && i < count; i++)
        if (!take(PyTuple_GET_ITEM(kept, i), questions + i, &longest)) {
            PyErr_SetString(PyExc_TypeError, "a public key, a message and a signature expected");
            goto done;
        }
    room = questions ? PyMem_Malloc((size_t)longest + SIGNATURE_BYTES) : NULL;
    if (!room) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < count; i++)
        answer(questions + i, room);
    Py_END_ALLOW_THREADS
    verdicts = PyList_New(count);
    for (Py_ssize_t i = 0; verdicts && i < count; i++)
        PyList_SET_ITEM(verdicts, i, PyBool_FromLong(questions[i].genuine));
done:
    PyMem_Free(room);
    PyMem_Free(questions);
    Py_DECREF(kept);
    return verdicts;
}
