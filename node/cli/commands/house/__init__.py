"""Commands about the house: its funds, what it closed, and how near an account is to that."""
