"""Every reader of outside input, fed with what nobody would write."""
