"""What to do about each reason, in one table: the next step, never a repetition of the reason.

A test asks for a line for every reason there is, and for none that there is not.  Faults of
the node itself (`node.faults`) bring their own.

Source: docs/specs/rpc.md, RPC-033.
"""

HINTS: dict[str, str] = {
    "chain.out_of_bounds": "send a smaller amount: a result would not fit what is stored",
    # signers
    "signers.sequence_stale": "build it again: tx_build fills in the lane's next sequence",
    "signers.sequence_ahead": "send what is missing in the lane first, or use another lane",
    "signers.signer_unknown": "send it at least the signer's minimum first",
    "signers.key_not_authorised": "sign with a key that state_get signers shows, or an agent's",
    "signers.threshold_not_met": "collect the missing signatures over the same sign_bytes",
    "signers.agent_expired": "give the agent a new term with signers.add_agent",
    "signers.minimum_not_met": "send at least the minimum once; later transfers may be smaller",
    "signers.keys_out_of_order": "sort the keys by their bytes and leave out repetitions",
    "signers.key_count_wrong": "name as many keys as are allowed",
    "signers.threshold_wrong": "choose a threshold that the keys can meet",
    "signers.agent_scope_empty": "name at least one kind or class that the agent may send",
    "signers.agent_scope_out_of_order": "sort kinds and classes ascending, each once",
    "signers.agent_class_forbidden": "leave out this class: it stays with the signer's own keys",
    "signers.agent_kind_forbidden": "leave out this kind: it stays with the signer's own keys",
    "signers.agent_is_key": "make a new key for the agent",
    "signers.agent_known": "send signers.remove_agent first",
    "signers.agent_unknown": "state_scan agents with the signer as prefix lists its agents",
    "signers.agents_too_many": "remove an agent that is no longer used",
    "signers.agent_expiry_past": "choose a later expiry: chain_getStatus says the chain's time",
    "signers.agent_scope_too_long": "name classes instead of single kinds",
    # ledger
    "ledger.amount_not_positive": "send a positive amount, in quantums",
    "ledger.asset_unknown": "state_scan assets lists the assets of this chain",
    "ledger.balance_short": "send at most the balance, or bring in what it is short by",
    "ledger.same_holder": "name another receiver",
    "ledger.supply_exceeded": "issue less: supply is bounded for ever",
    "ledger.fee_not_payable": "bring the fee asset into the wallet: a refusal must be payable",
    # transaction form
    "transaction.malformed": "build it with tx_build, or compare with docs/specs/transaction.md",
    "transaction.not_canonical": "encode integers in their shortest form and add no bytes",
    "transaction.too_large": "split it into several transactions",
    "transaction.version_unknown": "this chain has version 1",
    "transaction.kind_unknown": "tx_describe lists every kind of this chain",
    "transaction.field_unknown": "tx_describe shows the fields of each kind, in order",
    "transaction.float": "write amounts as integers of the asset's quantums",
    "transaction.signature_missing": "sign the sign_bytes of tx_build and submit both",
    "transaction.signatures_too_many": "send only as many signatures as the threshold asks",
    "transaction.signatures_out_of_order": "sort signatures by public key, each once",
    "transaction.bad_signature": "sign sign_bytes, not the body; look whether chain_id is ours",
    "transaction.expired": "build and sign it again: this one can no longer be included",
    "transaction.expiry_too_far": "choose a valid_until_height within 1,200 blocks",
    "transaction.list_empty": "put at least one action into the list",
    "transaction.list_too_long": "split it into several lists",
    "transaction.list_nested": "put all actions into one list",
    "transaction.lane_unknown": "use a lane below 64",
    "transaction.out_of_order": "submit it again: a later block has room for its class",
    # mempool
    "mempool.duplicate": "wait for it: tx_getStatus follows it by its id",
    "mempool.slot_taken": "use the next sequence, or another lane",
    "mempool.sequence_gap_too_far": "send the missing sequences first, or use another lane",
    "mempool.lane_full": "send the missing sequence, or use another lane",
    "mempool.signer_full": "wait until some of what this signer sent is final",
    "mempool.full": "try again in a few blocks",
    "mempool.sequence_used": "build it again: tx_build fills in the lane's next sequence",
    "mempool.outcome_unknown": "ask tx_getStatus; sign nothing new before valid_until_height",
    # accounts
    "accounts.account_unknown": "open it: account 0 by its first deposit, others by their number",
    "accounts.account_known": "use it, or choose another number",
    "accounts.not_owner": "sign as the owner of the account",
    "accounts.not_delegate": "sign as the owner, or let the owner name a delegate",
    "accounts.compartment_unknown": "state_scan compartments lists the compartments",
    "accounts.mode_unknown": "choose 0 (cross) or 1 (isolated)",
    "accounts.schedule_not_enterable": "open it under standard and change it once it has equity",
    "accounts.asset_not_collateral": "deposit an asset that the compartment takes as collateral",
    "accounts.collateral_cap_exceeded": "deposit less, or another asset",
    "accounts.custody_short": "withdraw less, or wait until the compartment holds more",
    "accounts.delegate_expiry_past": "choose a later expiry: chain_getStatus says the chain's time",
    "accounts.delegate_unknown": "look at the account's delegates first",
    "accounts.delegates_too_many": "remove a delegate that is no longer used",
    "accounts.delegate_is_owner": "sign as the owner; nothing has to be delegated",
    # trades
    "trades.opening_forbidden": "only reduce now; look at the instrument's state for why",
    "trades.reducing_forbidden": "wait until the instrument trades again",
    "trades.position_too_large": "trade a smaller size",
    "trades.positions_too_many": "close a position first, or use another account",
    "trades.account_isolated": "use another account: an isolated one holds one instrument",
    "trades.accounts_too_many": "wait until others have closed their positions",
    "trades.open_interest_full": "trade a smaller size, or wait until open interest falls",
    "trades.compartment_differs": "use an account of the instrument's compartment",
    # look-up
    "lookup.block_unknown": "chain_getStatus says how far this node is; ids are 0x and 64 digits",
    "lookup.transaction_unknown": "submit it again, or ask the node that it was sent to",
    "lookup.table_unknown": "the page of each module in docs/specs lists its tables",
    "lookup.query_unknown": "the page of each module in docs/specs lists its queries",
    "lookup.kind_unknown": "tx_describe lists every kind with its fields",
    "lookup.topic_unknown": "topics are blocks, tx:ID, account:ADDRESS and consensus",
    "lookup.subscription_unknown": "it ended already, or belongs to another connection",
    # limits
    "limits.block_count": "submit it again: the next block has room",
    "limits.block_bytes": "submit it again: the next block has room",
    "limits.block_writes": "split it: it changes more records than a block may",
    "limits.block_work": "submit it again, or split it: the next block has room",
    "limits.rate_exceeded": "wait, or put several calls into one batch; loopback has no limit",
    "limits.body_too_large": "send several smaller batches",
    "limits.subscriptions_full": "unsubscribe from one, or open a second connection",
}


def hint_for(slug: str) -> str:
    """Return what to do about a reason; nothing for one that this table does not know."""
    return HINTS.get(slug, "")
