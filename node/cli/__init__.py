"""The command line: a thin client that imports neither trio nor libp2p.

`main` is the entry and the last word on errors; `lazy` are groups that import a command
when it is asked for and options that may stand anywhere; `session` is what one
invocation knows; `output` writes either for people or one JSON document, never both.
The commands are in `commands`, one file a noun.
"""
