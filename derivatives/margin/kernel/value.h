/* What many accounts are worth and what they are charged, in exact integers.
 *
 * A *group* is what one account holds in one family. Of each position, its place among the
 * family's *terms*, which are the same for everybody:
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
 * net = sum of value over the group. Then, with the worst loss of every group known,
 *
 *     risk        = sum over groups of worst + ceil(|net| x basis / 10^6)
 *     maintenance = ceil(risk x maintenance_ppm / 10^6) + charged
 *     recovered   = maintenance + ceil(risk x recovery_ppm / 10^6)
 *
 * Whatever might not fit is declined, account by account: the caller asks the Python twin.
 * Source: docs/specs/margin.md, MARG-017 to MARG-019. */

#ifndef NOVATION_VALUE_H
#define NOVATION_VALUE_H

#include <stddef.h>
#include <stdint.h>

#define VALUE_TERMS 8
#define JUDGE_TERMS 2

enum { KIND_INSTRUMENT, KIND_COLLATERAL, KIND_DECLINED };
/* An instrument's terms: kind, mark, index, fee, funding index low and high; of an asset: kind,
 * careful price, index price, haircut, divisor. */
enum { TERM_KIND, TERM_MARK, TERM_INDEX, TERM_FEE, TERM_LOW, TERM_HIGH };
enum { TERM_DIVISOR = TERM_LOW };

/* The groups of one family, and where what they are worth is added. */
struct value_input {
    const int32_t *starts;   /* of each group: its first place in the next five */
    const int32_t *ends;     /* and one past its last */
    const int32_t *accounts; /* of each group: whose it is */
    const int32_t *places;   /* of each position: a row of 'terms' */
    int64_t *sizes;          /* signed lots; stored for collateral */
    const int64_t *entries;
    const uint64_t *funding_low; /* a signed number of 128 bits in two halves */
    const int64_t *funding_high;
    const int64_t *terms; /* rows of VALUE_TERMS */
    size_t groups;
    int64_t *nets; /* of each group; stored */
    int64_t *equity; /* of each account, like the next four; added to */
    int64_t *index_equity;
    int64_t *solvency;
    int64_t *charged;
    uint8_t *declined; /* set to 1 */
};

void value_groups(const struct value_input *input);

/* Add the risk of each group of a family to its account's. */
struct charge_input {
    const int32_t *accounts;
    const int64_t *nets;
    const int64_t *worst;
    const uint8_t *group_declined;
    size_t groups;
    int64_t basis_ppm;
    int64_t *risk;
    uint8_t *declined;
};

void charge_groups(const struct charge_input *input);

/* How each account stands against the line, and whether that differs from what is stored. */
enum { FLAG_LIVE = 1, FLAG_WARNED = 2, FLAG_FLAGGED = 4, FLAG_PLAIN = 8 };

struct judge_input {
    const int64_t *equity;
    const int64_t *index_equity;
    const int64_t *solvency;
    const int64_t *risk;
    const int32_t *markets; /* of each account: a row of 'terms' */
    const int64_t *terms;   /* rows of JUDGE_TERMS: maintenance_ppm, recovery_ppm */
    const uint8_t *flags;   /* of each account: what is stored of it, by the names above */
    size_t accounts;
    int64_t *charged;   /* in: charged; out: maintenance */
    int64_t *recovered; /* stored */
    uint8_t *declined;  /* in and out: set to 1 where maintenance might not fit */
    int32_t *changed;   /* at most 'accounts' places, ascending; stored */
};

/* Return how many accounts are stored in 'changed': those whose warning or flag begins or ends,
 * and those that are declined or plain and have to be asked about elsewhere. */
size_t judge_accounts(const struct judge_input *input);

#endif
