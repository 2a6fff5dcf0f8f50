/* The module: what each function takes and gives. The work is in the other files. */

#include "canonical.h"
#include "commitment.h"
#include "curve.h"
#include "events.h"
#include "folding.h"
#include "frame.h"
#include "journal_rows.h"
#include "keys.h"
#include "known.h"
#include "layer.h"
#include "loading.h"
#include "recent.h"
#include "sha256.h"
#include "transactions.h"
#include "transfer.h"
#include "verification.h"

/* Of what Python and C have agreed on; level.py asks no kernel of another. */
#define REVISION 20

PyDoc_STRVAR(sha256_doc, "sha256(*parts)\n--\n\n"
                         "Return SHA-256 of the parts, one after the other.");

PyDoc_STRVAR(merkle_root_doc, "merkle_root(leaves)\n--\n\n"
                              "Return the root over a sequence of bytes; 32 zero bytes for none.");

PyDoc_STRVAR(bucket_hash_doc, "bucket_hash(entries, depth=4)\n--\n\n"
                              "Return the hash of entries that agree on their first nibbles.");

PyDoc_STRVAR(derive_layer_doc,
             "derive_layer(buckets, nodes, layers, changes)\n--\n\n"
             "Return the nodes and the root that changes make over a tree.\n\n"
             "Changes are entries, joined, at least one, strictly ascending, with 32 zero bytes where\n"
             "a key goes; layers a tuple of (changes, nodes), the topmost last.");

PyDoc_STRVAR(seal_doc,
             "seal(journal, kind, buckets, nodes, layers)\n--\n\n"
             "Return the changes of a journal, tuples of this kind, what a layer of them has, and the\n"
             "root of the changes; forget how they came.\n\n"
             "Refuses: OutOfBounds or MalformedKey, with nothing changed.");

PyDoc_STRVAR(fold_doc, "fold(buckets, nodes, changes, changed_nodes)\n--\n\n"
                       "Take what a layer changes into a tree.");

PyDoc_STRVAR(filled_doc, "filled(entries)\n--\n\n"
                         "Return the list of buckets and the heap of nodes of these entries,\n"
                         "which are joined and strictly ascending by key hash.");

PyDoc_STRVAR(load_rows_doc,
             "load_rows(rows, homes, refuse)\n--\n\n"
             "Put rows, (key hash, encoded key, bytes), where they belong; return their entries,\n"
             "joined, by key hash.\n\n"
             "Homes are, by the two bytes of a table, the form of its keys, the dict that holds\n"
             "them, and a dict of encoded keys or None. 'refuse' raises for an encoded key that\n"
             "has no home or is held already.");

PyDoc_STRVAR(fold_rows_doc,
             "fold_rows(table, changed, rows, order)\n--\n\n"
             "Take what changed into the rows of a table, and into the order of its encoded keys,\n"
             "which is None where there is none.");

PyDoc_STRVAR(use_verification_doc,
             "use_verification(crypto_sign_open, crypto_hash_sha512, scalar_reduce)\n--\n\n"
             "Verify by the functions of libsodium that are at these addresses.");

PyDoc_STRVAR(genuine_doc, "genuine(asked)\n--\n\n"
                          "Return for each (public key, message, signature) whether it is genuine.");

PyDoc_STRVAR(verification_counts_doc,
             "verification_counts()\n--\n\n"
             "Return how many verdicts came from kept multiples of keys, how many from libsodium,\n"
             "and how many keys are kept.");

PyDoc_STRVAR(use_transactions_doc, "use_transactions(body, raw, transaction, list, tag)\n--\n\n"
                                   "Make transactions of these types, signed under this tag.");

PyDoc_STRVAR(parse_doc, "parse(data, chain_id, payload_of)\n--\n\n"
                        "Return the transaction that bytes are, or None: then ask Python.");

PyDoc_STRVAR(told_doc, "told(receipts, wanted)\n--\n\n"
                       "Return how many events receipts have, and rows of those that are wanted; or\n"
                       "None: then ask Python.");

PyDoc_STRVAR(parse_many_doc,
             "parse_many(batch, chain_id, payload_of, known, plainly)\n--\n\n"
             "Return for each the transaction, or its id if one of the mappings has it as a key.\n\n"
             "What this leaves to Python is what `plainly` answers.");

PyDoc_STRVAR(use_known_doc, "use_known(records, tables)\n--\n\n"
                            "Read and make these records and rows of these tables, by name.\n\n"
                            "Refuses: ValueError, for a record of other fields than it knows.");

PyDoc_STRVAR(transfer_doc, "transfer(payload, context)\n--\n\n"
                           "Return True where all of a transfer was done, None where nothing was.");

PyDoc_STRVAR(use_level_doc, "use_level(level)\n--\n\n"
                            "Hash, and verify, at this level from now on: 0 portable, 1 the processor's own.\n\n"
                            "Refuses: ValueError, for one that this processor cannot run.");

static PyObject *use_level(PyObject *module, PyObject *argument)
{
    (void)module;
    long asked = PyLong_AsLong(argument);
    if (asked == -1 && PyErr_Occurred())
        return NULL;
    if (asked < 0 || asked > sha256_level_max())
        return PyErr_Format(PyExc_ValueError, "level %ld, at most %d here", asked,
                            sha256_level_max());
    sha256_use_level((int)asked);
    curve_use_level((int)asked);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(level_max_doc, "level_max()\n--\n\nReturn the best level that runs here.");

static PyObject *level_max(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLong(sha256_level_max());
}

PyDoc_STRVAR(use_codec_doc,
             "use_codec(encode, readers, encode_bounded, decode, limit_bytes, form_of)\n--\n\n"
             "Write and read records by these from now on, and ask the twins for every refusal.");

PyDoc_STRVAR(encode_bounded_doc, "encode_bounded(record)\n--\n\n"
                                 "Return the canonical bytes of a record. Refuses: OutOfBounds.");

PyDoc_STRVAR(decode_doc, "decode(kind, data, limit_bytes=...)\n--\n\n"
                         "Return the record that these bytes are. Refuses: MalformedRecord.");

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef methods[] = {
    {"sha256", FAST(commitment_hash), sha256_doc},
    {"merkle_root", commitment_merkle_root, METH_O, merkle_root_doc},
    {"bucket_hash", FAST(commitment_bucket_hash), bucket_hash_doc},
    {"derive_layer", FAST(layer_of_changes), derive_layer_doc},
    {"seal", FAST(journal_seal), seal_doc},
    {"fold", FAST(layer_fold), fold_doc},
    {"filled", commitment_filled, METH_O, filled_doc},
    {"load_rows", FAST(loading_rows), load_rows_doc},
    {"fold_rows", FAST(folding_rows), fold_rows_doc},
    {"use_verification", FAST(verification_use), use_verification_doc},
    {"genuine", verification_genuine, METH_O, genuine_doc},
    {"verification_counts", verification_counts, METH_NOARGS, verification_counts_doc},
    {"use_transactions", FAST(transactions_use), use_transactions_doc},
    {"parse", FAST(transactions_parse), parse_doc},
    {"parse_many", FAST(transactions_parse_many), parse_many_doc},
    {"use_codec", FAST(canonical_use), use_codec_doc},
    {"encode_bounded", canonical_encode_bounded, METH_O, encode_bounded_doc},
    {"decode", (PyCFunction)(void (*)(void))canonical_decode, METH_FASTCALL | METH_KEYWORDS,
     decode_doc},
    {"told", FAST(events_told), told_doc},
    {"use_known", FAST(known_use), use_known_doc},
    {"transfer", FAST(transfer_apply), transfer_doc},
    {"use_level", use_level, METH_O, use_level_doc},
    {"level_max", level_max, METH_NOARGS, level_max_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "native", "The chain's hot paths in C.", -1, methods, NULL, NULL,
    NULL,                  NULL,
};

PyMODINIT_FUNC PyInit_native(void)
{
    sha256_use_level(sha256_level_max());
    PyObject *module = PyModule_Create(&definition);
    if (module && keys_prepare() && folding_prepare() && frame_prepare() &&
        PyModule_AddType(module, &KeyForm_Type) == 0 &&
        PyModule_AddType(module, &Frame_Type) == 0 &&
        PyModule_AddType(module, &LayerNodes_Type) == 0 && recent_prepare() &&
        PyModule_AddType(module, &Recent_Type) == 0 && journal_prepare(module) &&
        PyModule_AddIntConstant(module, "REVISION", REVISION) == 0)
        return module;
    Py_XDECREF(module);
    return NULL;
}
