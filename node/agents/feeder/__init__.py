"""The price feeder of an authority: looks at a source, signs what it saw, hands it to its node."""
