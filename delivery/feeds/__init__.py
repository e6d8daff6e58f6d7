"""Renders postings for feed readers and job boards: RSS 2.0, Atom, JSON Feed, job XML. Pure; the HTTP part asks."""
