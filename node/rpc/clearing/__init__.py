"""Methods that know the clearinghouse: prices, and whatever else its agents ask for."""
