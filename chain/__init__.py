"""What a block is and what follows from it: no I/O, clock or dice."""
