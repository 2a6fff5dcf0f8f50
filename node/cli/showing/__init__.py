"""How things are shown to people: sentences, standings side by side, drawings."""
