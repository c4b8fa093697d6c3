"""Which devices may be open, who decided it, and what leaves the machine."""
