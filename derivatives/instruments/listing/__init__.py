"""Dates and strikes that the chain lists by itself, and lets go when they are settled.

    calendar   which dates there are, and what they are called
    grid       which strikes belong to a forward
    entering   what is due is listed, a little in each block
    leaving    what is settled leaves, a little in each block

Read: calendar, grid, entering, leaving.
Source: docs/specs/listing.md.
"""
