"""What should a query answer? The declared types read row by row, with none of the compiler's planning or paging."""
