"""What only a development chain offers: time, blocks and money at a word, and cut wires.

controls    what a person or a test asks for
pacing      blocks of a chain whose time is virtual: one for what waits, and on demand
fault       why something is not offered here
"""
