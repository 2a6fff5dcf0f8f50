"""What a node consists of before it runs: files opened, keys read, settings made."""
