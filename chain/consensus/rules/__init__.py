"""The rules, a file each: R0 to R9 of consensus, over the state of one node."""
