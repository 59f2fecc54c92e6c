"""How fast is it, beside what? The figures of the design, measured on this machine (README.md)."""
