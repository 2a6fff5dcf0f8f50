/* Records and tables as this kernel knows them: told by Python, checked field by field.
 *
 * A record is a msgspec Struct, whose fields lie at fixed offsets; its class says which. A class
 * with other fields than those listed in records.c is refused, so that whoever changes a record
 * finds the kernel out of use and not wrong. */

#ifndef NOVATION_RECORDS_H
#define NOVATION_RECORDS_H

#include "../../chain/kernel/steps.h"
#include "whole.h"

#define FIELDS_MAX 20
#define ADDRESS_DIGITS 64 /* which the holder of a signer begins with */

enum kind {
    ACCOUNT, ASSET, ASSET_AMOUNT, BALANCE, CLIENT_ID, COLLATERAL_TERMS,
    COLLATERAL_WITHDRAWN, COMPARTMENT, CONTEXT, EXPIRY, FAMILY_TERMS,
    FEED_PRICE, FUNDING, FUNDING_PAID, HOLDINGS, INSTRUMENT, MARK, OPEN_INTEREST, OPEN_ORDERS,
    ORDER, ORDER_CANCELLED, ORDER_COUNTER, ORDER_FILLED, ORDER_PLACED, ORDER_RESTED, OUTFLOW_HOUR,
    OWNED, PERMISSION, PLACE, PLACED, POSITION, POSITION_HOLDERS, RESTING, SCENARIO,
    SCHEDULE_TERMS, TOP, TRADED, TRADE_COUNT, TRADING, KINDS
};

enum {ACCOUNT_OWNER, ACCOUNT_NUMBER, ACCOUNT_COMPARTMENT, ACCOUNT_MODE, ACCOUNT_SCHEDULE};
enum {ASSET_DECIMALS};
enum {ASSET_AMOUNT_ASSET};
enum {BALANCE_AMOUNT};
enum {COLLATERAL_FEED, COLLATERAL_HAIRCUT};
enum {COMPARTMENT_ASSET, COMPARTMENT_INSURANCE_SHARE = 7, COMPARTMENT_ACCOUNTS_MAX = 9,
      COMPARTMENT_POSITIONS_MAX, COMPARTMENT_ORDERS_MAX};
enum {CONTEXT_STATE, CONTEXT_SIGNER, CONTEXT_HEIGHT = 4, CONTEXT_TIME, CONTEXT_EVENTS = 8,
      CONTEXT_TOUCHED};
enum {FAMILY_SCENARIOS, FAMILY_OFFSETS, FAMILY_MOVES_WITH, FAMILY_BASIS, FAMILY_BASIS_YEAR,
      FAMILY_THRESHOLD, FAMILY_UNIT, FAMILY_CONCENTRATION, FAMILY_LIMIT};
enum {PRICE_E8, PRICE_CONFIDENCE, PRICE_AVERAGE_5M = 4, PRICE_STATE = 6};
enum {FUNDING_INDEX, FUNDING_RATE, FUNDING_HOUR, FUNDING_DUST};
enum {HOLDINGS_INSTRUMENTS};
enum {INSTRUMENT_KIND, INSTRUMENT_UNDERLYING, INSTRUMENT_QUOTE, INSTRUMENT_COMPARTMENT,
      INSTRUMENT_TICK_SIZE, INSTRUMENT_LOT_SIZE, INSTRUMENT_TICK_VALUE, INSTRUMENT_INTEREST_CAP,
      INSTRUMENT_BAND = 11, INSTRUMENT_LIMIT_DISTANCE, INSTRUMENT_TAKER_FEE = 14,
      INSTRUMENT_REBATE};
enum {MARK_TICKS, MARK_VALUE, MARK_INDEX_PRICE, MARK_INDEX_VALUE};
enum {OPEN_INTEREST_LONG};
enum {OPEN_ORDERS_COUNT};
enum {ORDER_ID, ORDER_HOLDER, ORDER_PRICE, ORDER_SIZE, ORDER_REMAINING, ORDER_REDUCE_ONLY,
      ORDER_POST_ONLY, ORDER_SELF_TRADE, ORDER_CLIENT_ID, ORDER_GOOD_TILL, ORDER_PLACED_MS,
      ORDER_PLACED_HEIGHT, ORDER_CHANGED_MS, ORDER_CHANGED_HEIGHT, ORDER_FIELDS};
enum {ORDER_COUNTER_LAST};
enum {OUTFLOW_HELD = 2};
enum {OWNED_NUMBERS};
enum {PERMISSION_ALLOWED};
enum {PLACE_HOLDER, PLACE_INSTRUMENT, PLACE_SIDE, PLACE_PRICE, PLACE_SIZE, PLACE_TIME_IN_FORCE,
      PLACE_POST_ONLY, PLACE_REDUCE_ONLY, PLACE_SELF_TRADE, PLACE_CLIENT_ID, PLACE_GOOD_TILL,
      PLACE_TRIGGER_KIND, PLACE_TRIGGER_TICKS};
enum {POSITION_SIZE, POSITION_ENTRY, POSITION_INDEX};
enum {POSITION_HOLDERS_COUNT};
enum {RESTING_BUY_LOTS, RESTING_SELL_LOTS, RESTING_BUY_VALUE, RESTING_SELL_VALUE,
      RESTING_BUY_COUNT, RESTING_SELL_COUNT, RESTING_REDUCE_BUY, RESTING_REDUCE_SELL,
      RESTING_FIELDS};
enum {SCENARIO_SHOCK, SCENARIO_WEIGHT};
enum {SCHEDULE_INITIAL, SCHEDULE_MAINTENANCE, SCHEDULE_GAINS = 3};
enum {TOP_RANK, TOP_PRIORITY};
enum {TRADE_COUNT_TRADES, TRADE_COUNT_LAST};
enum {TRADING_STATE};

struct layout {
    const char *name;
    const char *fields;
    PyTypeObject *type;
    int count, is_plain; /* plain: nothing runs when one is made, and no collector knows of it */
    Py_ssize_t offsets[FIELDS_MAX];
};

extern struct layout layouts[KINDS];

enum table {
    ACCOUNTS, ASSETS, BALANCES, BOOK, CLIENT_IDS, COLLATERALS, COMPARTMENTS, DEBTORS,
    EXPIRIES, FAMILIES, FROZEN, FUNDINGS,
    HELD, INSTRUMENTS, MARKS, OPEN_COUNTS, OPEN_INTERESTS, ORDERS, ORDER_COUNTERS, OUTFLOWS,
    OWNED_BY, PERMISSIONS, POSITIONS, HOLDERS, PRICES, RESTINGS, SCHEDULES, SETTLEMENTS,
    SHORTFALLS, SYNTHETICS, TOPS, TRADES, TRADINGS, TABLES
};

#define PARTS_MAX 4

struct table_known {
    const char *name;
    PyObject *object;
    int number; /* under which a journal counts its changes */
    int is_ordered;
    int parts;
    int part_bytes[PARTS_MAX];  /* of an integer its width; of text the most, negated */
    unsigned char prefix[2];
};

extern struct table_known tables[TABLES];

/* Store what Python tells under a name. Return DONE; FAILED with ValueError where it is not what
 * this kernel knows, or a name that it does not have. */
int learn_record(const char *name, PyObject *type);
int learn_table(const char *name, PyObject *table);

/* Return the name of something that nobody has told yet, or NULL. */
const char *still_unknown(void);

/* Return a field of a record of this kind, borrowed. */
static inline PyObject *field(PyObject *record, enum kind kind, int place)
{
    return *(PyObject **)((char *)record + layouts[kind].offsets[place]);
}

static inline int number(PyObject *record, enum kind kind, int place, int64_t *value)
{
    return read_number(field(record, kind, place), value);
}

/* Store an int that fits WHOLE_MAX. Return DONE, or DECLINED where it does not. */
int wide_number(PyObject *object, whole *value);

/* Return a new int, or NULL with an exception set. */
PyObject *int_of(whole value);

/* Return a new record of these fields as they are, or NULL without memory: of a kind that is plain,
 * or of fields that what runs when one is made would leave alone. */
PyObject *make_as_is(enum kind kind, PyObject *const *values);

/* Return a new record of as many fields as its kind has, or NULL with an exception set. */
static inline PyObject *make(enum kind kind, PyObject *const *values)
{
    if (layouts[kind].is_plain)
        return make_as_is(kind, values);
    return PyObject_Vectorcall((PyObject *)layouts[kind].type, values,
                               (size_t)layouts[kind].count, NULL);
}

#endif
