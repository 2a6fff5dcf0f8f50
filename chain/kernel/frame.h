/* What is the same for every transaction, whatever it asks: docs/specs/machine.md, MACH-020 to
 * MACH-029. Its twin is chain/machine/frame.py; who refuses, and why, is said in
 * chain/machine/run.py.
 *
 * Frame(overlay, context, quick, hooks, numbers, height, limits)
 *     overlay   the open block, a Journal
 *     context   a Context of which a transaction's differs by signer, start, events and touched
 *     quick     short ways past payloads, by class
 *     hooks     ((hook, short way past it or None), ...) of a transaction's end
 *     numbers   (module, number) of an event, by class
 *     height    of the block
 *     limits    (transactions, bytes, work, writes) of a block, and blocks of validity */

#ifndef NOVATION_CHAIN_FRAME_H
#define NOVATION_CHAIN_FRAME_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

extern PyTypeObject Frame_Type;

/* Make the names that are asked; 0 on failure. */
int frame_prepare(void);

#endif
