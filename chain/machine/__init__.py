"""(state, block) -> outcome: the one function that every node computes alike.

    application   the modules, checked as a compiler would
    run           open a block, apply transactions, close it: what a proposer does step by step
    validity      the same for a block that somebody else made: Valid, or what is wrong
    admit         what a mempool asks before it takes a transaction in
    genesis       the state before the first block, and the chain's id
    query, audit  ask what is computed; look whether what must hold does

Source: docs/specs/machine.md.
"""
