/* How many accounts of one market stand, in exact integers: one pass, in C or declined.
 *
 * A *market* is a compartment under a schedule; what it knows of an instrument or an asset is a
 * *term*, the same for everybody. An account is cash and consecutive positions, those of one
 * group of families together, and of one family in it; of each position its place among the terms:
 *
 *     instrument   sizes = lots, entries = entry value, funding = index when last settled
 *         value    = size x mark            index value = size x index
 *         gone     = entry + ceil(size x (funding index - funding) / 10^18)
 *         equity  += value - gone           index equity, solvency += index value - gone
 *         charged += ceil(|size| x fee / 10^6)
 *     collateral   entries = amount; sizes is stored: floor(value / 10^6) lots for the scan
 *         value    = floor(amount x careful price / divisor), and the same at the index
 *         equity, index equity += value     solvency += index value
 *         charged += ceil(value x haircut / 10^6)
 *
 *     option       an instrument; losses and charges of an account with any are those of leans.h
 *
 *     net         = sum of size x delta and of collateral value, of each family
 *     basis       = ceil(sum over families by level of (level - level below) x |sum of net from
 *                   there on| / 10^6), of each group of families that move as one
 *     alone       = worst (scan.h) + basis + what leans.h adds, of each group
 *     credited    = loss, or -floor(gain x offset / 10^6), of a group that offsets
 *     risk        = sum of alone over those that do not, + the larger of
 *                   max(0, max over s of the sum of credited[s]) + what is added to those that do
 *                   ceil(sum of alone over those that do x floor / 10^6)
 *     maintenance = ceil(risk x maintenance_ppm / 10^6) + charged
 *     recovered   = maintenance + ceil(risk x recovery_ppm / 10^6)
 *
 * Whatever might not fit is declined, account by account: the caller asks the Python twin.
 * Source: docs/specs/margin.md, MARG-017 to MARG-019, MARG-044 to MARG-046, MARG-090. */

#ifndef NOVATION_ACCOUNT_H
#define NOVATION_ACCOUNT_H

#include "scan.h"

#define ACCOUNT_TERMS 8
#define ACCOUNT_FAMILIES_MAX 64
#define ACCOUNT_PINS_MAX 256

/* Every term is here and below 2^62, so that sums of a few products fit 128 bits. */
#define ACCOUNT_TERM_MAX ((int64_t)1 << 62)

enum { KIND_INSTRUMENT, KIND_COLLATERAL, KIND_DECLINED, KIND_OPTION };
/* An instrument's terms: kind, family, mark, index, fee, funding index low and high, delta; of an
 * asset: kind, family, careful price, index price, haircut, divisor. */
enum { TERM_KIND, TERM_FAMILY, TERM_MARK, TERM_INDEX, TERM_FEE, TERM_LOW, TERM_HIGH,
       TERM_DELTA };
enum { TERM_DIVISOR = TERM_LOW };
/* How one lot of an option leans; zeros of anything else. */
enum { LEAN_STRIKE, LEAN_VALUE, LEAN_LINEAR, LEAN_ABSOLUTE, LEAN_STRESSED, LEAN_FORWARD,
       LEAN_TERMS };

/* What is stored of an account: that it is one, is warned, is flagged, has to be asked about
 * elsewhere, was changed since it was looked at, may hold options: only then pins count. */
enum { IS_LIVE = 1, IS_WARNED = 2, IS_FLAGGED = 4, IS_PLAIN = 8, IS_STALE = 16, HAS_OPTIONS = 32 };

/* What is said of an account: nothing, that its warning or flag begins or ends or it owes more
 * than it has, or that it was declined. */
enum { SAYS_NOTHING, SAYS_OTHERWISE, SAYS_DECLINED };

/* A family's terms, and a schedule's. */
enum { FAMILY_LEVEL, FAMILY_OFFSETS, FAMILY_GROUP, FAMILY_SKEW, FAMILY_VEGA, FAMILY_SHORT,
       FAMILY_LONG_CUT, FAMILY_SHORT_RISE, FAMILY_TERMS };
enum { SCALE_MAINTENANCE, SCALE_RECOVERY, SCALE_OFFSET, SCALE_FLOOR, SCALES_COUNT };

enum { EQUITY, INDEX_EQUITY, SOLVENCY, RISK, MAINTENANCE, RECOVERED, FIGURES };

struct account_input {
    struct scan_input scan;      /* rows, bounds, width; places as instruments, and sizes */
    int64_t *sizes;              /* the same sizes: stored for collateral */
    const int64_t *terms;        /* of each row: ACCOUNT_TERMS */
    const uint8_t *changed;      /* of each row: 1 where it or its terms are new */
    size_t rows;
    const int64_t *leans;        /* of each row: LEAN_TERMS */
    const int64_t *pins;         /* of each row: pin_width losses of a lot, padded with 0 */
    const int64_t *pin_weights;  /* of each family: pin_width of them */
    size_t pin_width;            /* a multiple of 8, at most ACCOUNT_PINS_MAX, or 0 */
    const int64_t *weights;      /* of each family: width of them */
    const int64_t *family_terms; /* of each family: FAMILY_TERMS */
    size_t families;
    int64_t maintenance_ppm;
    int64_t recovery_ppm;
    int64_t offset_ppm;
    int64_t floor_ppm;           /* 10^6 where nothing offsets */
    const int32_t *starts;       /* of each account: its first position */
    const int32_t *counts;       /* and how many it has */
    const int64_t *cash;
    uint8_t *flags;              /* IS_STALE is taken away */
    size_t accounts;
    const int64_t *entries;      /* of each position */
    const uint64_t *funding_low; /* a signed number of 128 bits in two halves */
    const int64_t *funding_high;
    int64_t *figures;            /* of each account: FIGURES; stored */
    uint8_t *says;               /* of each account; stored */
    int32_t *listed;             /* at most 'accounts' places; stored, ascending */
    size_t looked;               /* stored: how many accounts were looked at anew */
};

/* Look anew at every account that is stale or holds what is new, and return how many accounts
 * are stored in 'listed': all of whom something is said, looked at now or before. */
size_t account_pass(struct account_input *input, scan_one_function *scan_one);

/* What the second pass reads, after the first over the same accounts; nothing in it is written. */
struct gain_input {
    const int64_t *terms;
    const int64_t *moved;        /* of each row: index value now less that in the parent */
    const uint64_t *before_low;  /* and its funding index in the parent, in two halves */
    const int64_t *before_high;
    const int32_t *starts;
    const int32_t *counts;
    const int32_t *places;       /* of each position */
    const int64_t *sizes;
    const uint64_t *funding_low;
    const int64_t *funding_high;
    const uint8_t *flags;
    const int64_t *figures;
    const uint8_t *says;
    size_t accounts;
};

/* Store in 'held' how many positions in instruments each account has, and in 'gains'
 *
 *     max(0, min(solvency, sum of size x moved + owed in the parent - owed now))
 *     owed = ceil(size x (funding index - funding) / 10^18)
 *
 * or -1 where it was declined or something might not fit: the caller asks the Python twin.
 * Return how many those are. Source: docs/specs/insurance.md, INS-020. */
size_t gain_pass(const struct gain_input *input, int64_t *gains, int32_t *held);

#endif
