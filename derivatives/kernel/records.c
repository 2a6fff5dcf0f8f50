#include "records.h"

#include <string.h>
#include <structmember.h>

struct layout layouts[KINDS] = {
    [ACCOUNT] = {"Account", "owner number compartment mode schedule opened_height flagged_ms "
                            "flagged_height"},
    [ASSET] = {"Asset", "decimals"},
    [ASSET_AMOUNT] = {"AssetAmount", "asset amount_quantums"},
    [BALANCE] = {"Balance", "amount_quantums"},
    [CLIENT_ID] = {"ClientId", "order_id"},
    [COLLATERAL_TERMS] = {"CollateralTerms", "feed haircut_ppm cap_quantums"},
    [COLLATERAL_WITHDRAWN] = {"CollateralWithdrawn", "account_holder asset amount_quantums"},
    [COMPARTMENT] = {"Compartment",
                     "settlement_asset debt_limit_ppm debt_interest_ppm debt_convert_after_ms "
                     "debt_total_limit_ppm outflow_floor_quantums outflow_limit_ppm "
                     "insurance_fee_share_ppm insurance_hourly_limit_ppm accounts_max_count "
                     "account_positions_max_count account_orders_max_count"},
    [CONTEXT] = {"Context", "state signer chain_id epoch height time_ms parent_time_ms start_mark "
                            "events touched"},
    [EXPIRY] = {"Expiry", "account_holder"},
    [FAMILY_TERMS] = {"FamilyTerms",
                      "scenarios offsets moves_with basis_ppm basis_year_ppm "
                      "concentration_threshold_quantums concentration_unit_quantums "
                      "concentration_ppm concentration_limit_ppm"},
    [FEED_PRICE] = {"FeedPrice",
                    "price_e8 confidence_e8 updated_ms parent_price_e8 average_5m_e8 average_1h_e8 "
                    "state pending_count pending_above at_bound recovery_count outage_from_ms "
                    "grace_until_ms pending_ms"},
    [FUNDING] = {"Funding", "index_e18 rate_8h_e9 hour_start_ms dust_e18"},
    [FUNDING_PAID] = {"FundingPaid", "account_holder instrument paid_quantums"},
    [HOLDINGS] = {"Holdings", "instruments"},
    [INSTRUMENT] = {"Instrument",
                    "kind underlying quote compartment tick_size_e8 lot_size_e8 "
                    "tick_value_quantums open_interest_cap_lots external_depth_lots "
                    "half_spread_ppm impact_notional_quantums band_ppm limit_distance_ppm "
                    "mark_clamp_ppm taker_fee_ppm maker_rebate_ppm auction_ms"},
    [MARK] = {"Mark", "mark_price_ticks mark_value_quantums index_price_e8 index_value_quantums "
                      "parent_index_value_quantums basis_average_e9 last_price_ticks updated_ms"},
    [OPEN_INTEREST] = {"OpenInterest", "long_lots"},
    [OPEN_ORDERS] = {"OpenOrders", "orders_count"},
    [ORDER] = {"Order", "order_id account_holder price_ticks size_lots remaining_lots reduce_only "
                        "post_only self_trade client_id good_till_ms placed_ms placed_height "
                        "changed_ms changed_height"},
    [ORDER_CANCELLED] = {"OrderCancelled", "order_id account_holder instrument side price_ticks "
                                           "remaining_lots why"},
    [ORDER_COUNTER] = {"OrderCounter", "last_order_id"},
    [ORDER_FILLED] = {"OrderFilled", "order_id taker_order_id instrument side price_ticks "
                                     "size_lots remaining_lots"},
    [ORDER_PLACED] = {"OrderPlaced", "order_id account_holder instrument side price_ticks "
                                     "size_lots time_in_force post_only reduce_only client_id "
                                     "trigger_ticks"},
    [ORDER_RESTED] = {"OrderRested", "order_id account_holder instrument side price_ticks "
                                     "remaining_lots"},
    [OUTFLOW_HOUR] = {"OutflowHour", "hour_start_ms limit_quantums held"},
    [OWNED] = {"Owned", "numbers"},
    [PERMISSION] = {"Permission", "allowed"},
    [PLACE] = {"Place", "account_holder instrument side price_ticks size_lots time_in_force "
                        "post_only reduce_only self_trade client_id good_till_ms trigger_kind "
                        "trigger_ticks"},
    [PLACED] = {"Placed", "stage instrument line rank priority"},
    [POSITION] = {"Position", "size_lots entry_value_quantums funding_index_e18"},
    [POSITION_HOLDERS] = {"PositionHolders", "accounts_count"},
    [RESTING] = {"Resting", "buy_lots sell_lots buy_value_quantums sell_value_quantums buy_count "
                            "sell_count reduce_only_buy_lots reduce_only_sell_lots"},
    [SCENARIO] = {"Scenario", "shock_ppm weight_ppm volatility"},
    [SCHEDULE_TERMS] = {"ScheduleTerms",
                        "initial_ppm maintenance_ppm recovery_ppm gains_ppm withdrawal_delta_ppm "
                        "equity_entry_min_quantums offset_ppm offset_floor_ppm"},
    [TOP] = {"Top", "rank priority"},
    [TRADED] = {"Traded", "trade_count instrument price_ticks size_lots taker_side buyer_holder "
                          "seller_holder buyer_fee_quantums seller_fee_quantums "
                          "buyer_realised_quantums seller_realised_quantums"},
    [TRADE_COUNT] = {"TradeCount", "trades_count last_price_ticks"},
    [TRADING] = {"Trading", "state since_ms auction_until_ms"},
};

struct table_known tables[TABLES] = {
    [ACCOUNTS] = {"accounts"},
    [ASSETS] = {"assets"},
    [BALANCES] = {"balances"},
    [BOOK] = {"book"},
    [CLIENT_IDS] = {"client_ids"},
    [COLLATERALS] = {"collateral"},
    [COMPARTMENTS] = {"compartments"},
    [DEBTORS] = {"debtors"},
    [EXPIRIES] = {"order_expiries"},
    [FAMILIES] = {"margin_families"},
    [FROZEN] = {"frozen"},
    [FUNDINGS] = {"funding"},
    [HELD] = {"holdings"},
    [INSTRUMENTS] = {"instruments"},
    [MARKS] = {"marks"},
    [OPEN_COUNTS] = {"open_orders"},
    [OPEN_INTERESTS] = {"open_interest"},
    [ORDERS] = {"orders"},
    [ORDER_COUNTERS] = {"order_counters"},
    [OUTFLOWS] = {"margin_outflows"},
    [OWNED_BY] = {"margin_owned"},
    [PERMISSIONS] = {"permissions"},
    [POSITIONS] = {"positions"},
    [HOLDERS] = {"position_holders"},
    [PRICES] = {"prices"},
    [RESTINGS] = {"resting"},
    [SCHEDULES] = {"margin_schedules"},
    [SETTLEMENTS] = {"settlements"},
    [SHORTFALLS] = {"shortfalls"},
    [SYNTHETICS] = {"synthetics"},
    [TOPS] = {"book_tops"},
    [TRADES] = {"trade_counts"},
    [TRADINGS] = {"trading"},
};

/* Return the fields of a class joined by spaces, new, or NULL with an exception set. */
static PyObject *fields_of(PyObject *type)
{
    PyObject *names = PyObject_GetAttrString(type, "__struct_fields__");
    if (names == NULL)
        return NULL;
    PyObject *space = PyUnicode_FromString(" ");
    PyObject *joined = space == NULL ? NULL : PyUnicode_Join(space, names);
    Py_XDECREF(space);
    Py_DECREF(names);
    return joined;
}

/* Store where every field of a class lies. */
static int find_offsets(struct layout *layout, PyObject *type)
{
    PyObject *names = PyObject_GetAttrString(type, "__struct_fields__");
    if (names == NULL)
        return FAILED;
    layout->count = (int)PyTuple_GET_SIZE(names);
    int found = layout->count <= FIELDS_MAX;
    for (int i = 0; found && i < layout->count; i++) {
        PyObject *member = PyObject_GetAttr(type, PyTuple_GET_ITEM(names, i));
        if (member != NULL && Py_IS_TYPE(member, &PyMemberDescr_Type))
            layout->offsets[i] = ((PyMemberDescrObject *)member)->d_member->offset;
        else
            found = 0;
        Py_XDECREF(member);
    }
    Py_DECREF(names);
    if (!found && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s keeps its fields elsewhere", layout->name);
    return found ? DONE : FAILED;
}

int learn_record(const char *name, PyObject *type)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct layout *layout = &layouts[kind];
        if (strcmp(layout->name, name) != 0)
            continue;
        if (!PyType_Check(type)) {
            PyErr_Format(PyExc_ValueError, "%s is no class", name);
            return FAILED;
        }
        PyObject *joined = fields_of(type);
        if (joined == NULL)
            return FAILED;
        int same = PyUnicode_CompareWithASCIIString(joined, layout->fields) == 0;
        Py_DECREF(joined);
        if (!same) {
            PyErr_Format(PyExc_ValueError, "%s has other fields", name);
            return FAILED;
        }
        TRY(find_offsets(layout, type));
        layout->is_plain = !PyType_IS_GC((PyTypeObject *)type) &&
                           !PyObject_HasAttrString(type, "__post_init__");
        Py_XSETREF(layout->type, (PyTypeObject *)Py_NewRef(type));
        return DONE;
    }
    PyErr_Format(PyExc_ValueError, "%s is no record of this kernel", name);
    return FAILED;
}

/* Store how wide each part of a table's key is. */
static int read_parts(struct table_known *known, PyObject *table)
{
    PyObject *parts = PyObject_GetAttrString(table, "key_parts");
    if (parts == NULL)
        return FAILED;
    known->parts = 0;
    Py_ssize_t count = PyTuple_GET_SIZE(parts);
    int is_known = count <= PARTS_MAX;
    for (Py_ssize_t i = 0; is_known && i < count; i++) {
        PyObject *form = PyObject_GetAttrString(PyTuple_GET_ITEM(parts, i), "form");
        PyObject *size = PyObject_GetAttrString(PyTuple_GET_ITEM(parts, i), "size_bytes");
        int64_t bytes = 0;
        is_known = form != NULL && size != NULL && read_number(size, &bytes);
        if (is_known && PyUnicode_CompareWithASCIIString(form, "text") == 0)
            bytes = -bytes;
        else if (is_known && PyUnicode_CompareWithASCIIString(form, "integer") != 0)
            bytes = 0; /* nothing that is encoded here */
        known->part_bytes[i] = (int)bytes;
        Py_XDECREF(form);
        Py_XDECREF(size);
    }
    known->parts = (int)count;
    Py_DECREF(parts);
    if (!is_known && !PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s has another key", known->name);
    return is_known ? DONE : FAILED;
}

int learn_table(const char *name, PyObject *table)
{
    for (int i = 0; i < TABLES; i++) {
        struct table_known *known = &tables[i];
        if (strcmp(known->name, name) != 0)
            continue;
        PyObject *ordered = PyObject_GetAttrString(table, "ordered");
        PyObject *prefix = ordered == NULL ? NULL : PyObject_GetAttrString(table, "prefix");
        if (prefix == NULL || PyBytes_GET_SIZE(prefix) != 2) {
            Py_XDECREF(ordered);
            Py_XDECREF(prefix);
            return FAILED;
        }
        known->is_ordered = ordered == Py_True;
        memcpy(known->prefix, PyBytes_AS_STRING(prefix), 2);
        Py_DECREF(ordered);
        Py_DECREF(prefix);
        TRY(read_parts(known, table));
        Py_XSETREF(known->object, Py_NewRef(table));
        return DONE;
    }
    PyErr_Format(PyExc_ValueError, "%s is no table of this kernel", name);
    return FAILED;
}

const char *still_unknown(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        if (layouts[kind].type == NULL)
            return layouts[kind].name;
    for (int table = 0; table < TABLES; table++)
        if (tables[table].object == NULL)
            return tables[table].name;
    return NULL;
}

int wide_number(PyObject *object, whole *value)
{
    int64_t narrow;
    if (object == NULL || !PyLong_Check(object))
        return DECLINED;
    if (read_number(object, &narrow) == DONE) {
        *value = narrow;
        return DONE;
    }
    if (_PyLong_AsByteArray((PyLongObject *)object, (unsigned char *)value, sizeof *value, 1, 1)) {
        PyErr_Clear();
        return DECLINED;
    }
    return fits(*value) ? DONE : DECLINED;
}

PyObject *int_of(whole value)
{
    if (value == (int64_t)value)
        return PyLong_FromLongLong((int64_t)value);
    return _PyLong_FromByteArray((unsigned char *)&value, sizeof value, 1, 1);
}

PyObject *make_as_is(enum kind kind, PyObject *const *values)
{
    const struct layout *layout = &layouts[kind];
    PyObject *made = layout->type->tp_alloc(layout->type, 0);
    for (int i = 0; made != NULL && i < layout->count; i++)
        *(PyObject **)((char *)made + layout->offsets[i]) = Py_NewRef(values[i]);
    return made;
}
