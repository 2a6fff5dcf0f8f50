/* The nodes of a layer by their heap place, one beside the other: a mapping from places to hashes
 * that nobody can change. */

#ifndef NOVATION_CHAIN_LAYER_NODES_H
#define NOVATION_CHAIN_LAYER_NODES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "tree.h"

extern PyTypeObject LayerNodes_Type;

/* Level by level from the leaves up, those of each ascending by place. */
struct layer_nodes {
    PyObject_HEAD
    struct tree_node *list;
    uint32_t start[TREE_DEPTH + 1], width[TREE_DEPTH + 1]; /* by depth, the root at 0 */
};

/* Return nodes without any, with room for so many leaves and all above; NULL without memory. */
PyObject *layer_nodes_new(size_t leaves);

/* Return the hash at a place, or NULL where there is none. */
const uint8_t *layer_nodes_find(PyObject *nodes, uint32_t place);

/* Put every node where it belongs in a heap of a whole tree. */
void layer_nodes_put(PyObject *nodes, uint8_t *heap);

#endif
