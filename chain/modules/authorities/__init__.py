"""Who may make blocks: the set of each epoch, and proof against those who signed twice.

    authority   a name, a key that votes, a key that signs price reports
    set         the authorities of one epoch, ascending by consensus key
    offence     proven by two contradicting votes; one record a key, whatever else it did

The sets of the current and the two previous epochs are kept, so that evidence can still
be judged.

Source: docs/specs/authorities.md.
"""
