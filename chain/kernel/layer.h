/* What differs from the tree of the state, over other such layers: docs/specs/state.md, STATE-016.
 * Its twin is chain/state/commitment.py. */

#ifndef NOVATION_CHAIN_LAYER_H
#define NOVATION_CHAIN_LAYER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "layer_nodes.h"

/* What a layer is derived over, borrowed: the whole tree, and layers as pairs of what they change,
 * bytes, and their nodes, a mapping. */
struct below {
    PyObject *buckets, *layers;
    const uint8_t *nodes;
};

/* Store what a layer stands on. Return 0 with TypeError for what is no tree, or no layers. */
int layer_below(struct below *below, PyObject *buckets, PyObject *nodes, PyObject *layers);

/* Return (nodes, root) that changes make, entries that strictly ascend by key hash and are not
 * none, or NULL with an exception. Where 'former' is not NULL it gets for each change the value hash
 * that was there before, zeros for none. */
PyObject *layer_derive(const struct below *below, const uint8_t *changes, size_t count,
                       uint8_t *former);

/* Return (nodes, root) where nothing changes, or NULL with an exception. */
PyObject *layer_of_none(const struct below *below);

/* The Python face: derive_layer and fold. */
PyObject *layer_of_changes(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *layer_fold(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
