"""What front-end teams rely on: their documents, run as written for the accounts that they name."""
