"""Lists and sums as files: who asked for which, whether it may be made, and how it is made."""
