"""Many streams on one connection: the bytes are the library's, the work for them is not."""
