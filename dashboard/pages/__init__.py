"""The pages: an action each, what it shows, and how that is gathered."""
