"""`/api/v1`: the same as the command line tells, for programs."""
