"""What is counted of cases: reported, accepted, due, closed, called back and so on."""
