"""Normalisers: a raw value of the markup in, the value of the record out, or None where it says nothing."""
