"""What might a client ask? Documents made at random from the schema."""
