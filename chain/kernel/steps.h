/* How a kernel goes step by step and stops where it is not to go on. */

#ifndef NOVATION_CHAIN_STEPS_H
#define NOVATION_CHAIN_STEPS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* What a step comes to. DECLINED: nothing was changed, and Python is to do the whole instead;
 * FAILED: an exception is set. */
enum { DECLINED = 0, DONE = 1, FAILED = -1 };

#define TRY(step)                                                                                  \
    do {                                                                                           \
        int came_to_ = (step);                                                                     \
        if (came_to_ != DONE)                                                                      \
            return came_to_;                                                                       \
    } while (0)

#define ONLY_IF(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return DECLINED;                                                                       \
    } while (0)

/* Store an int that fits 64 bits. Return DONE, or DECLINED where it does not. */
static inline int read_number(PyObject *object, int64_t *value)
{
    if (!object || !PyLong_Check(object))
        return DECLINED;
    Py_ssize_t digits = Py_SIZE(object);
    if (digits >= -1 && digits <= 1) {
        *value = digits * (int64_t)((const PyLongObject *)object)->ob_digit[0];
        return DONE;
    }
    int overflow = 0;
    *value = PyLong_AsLongLongAndOverflow(object, &overflow);
    return overflow ? DECLINED : DONE;
}

#endif
