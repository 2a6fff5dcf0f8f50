"""The commands, one file a noun; each is imported only when it is asked for."""
