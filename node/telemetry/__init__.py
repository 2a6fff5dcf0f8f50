"""What an operator sees: log lines, metrics, and what p2p has to tell.

`logs` sets up structlog for the whole process, other libraries included.  `metrics` declares
every number, one a line, with unit and help.  `observer` is the ear that p2p talks to, since
p2p does not log.  A log line is a past fact with fields, `height view peer transaction` first
and in that order; a metric is in base units and labelled from closed sets only.
"""
