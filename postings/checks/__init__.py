"""What can be wrong with the markup of a posting, by what it concerns. `postings.problems` asks."""
