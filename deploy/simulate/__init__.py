"""Invented neighbourhoods of any size, the same from one run to the next: to measure, to try, to show."""
