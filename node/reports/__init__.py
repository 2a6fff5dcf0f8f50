"""Reports of prices: kept as they come, and made into the oracle section of a block."""
