"""Commands of signers that several keys move together."""
