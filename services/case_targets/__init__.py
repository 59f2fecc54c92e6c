"""What a tenant aims at in the sums of its cases."""
