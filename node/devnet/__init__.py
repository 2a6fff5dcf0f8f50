"""A network on one machine: its folders, keys and genesis, and the processes that run it.

`seeds` names the published keys, `layout` the folders and ports, `genesis` and
`writing` make the files of each authority, `processes` starts and stops them, `network`
is what `novation devnet up` does from first to last.
"""
