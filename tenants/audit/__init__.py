"""Who did what with whose data: An append-only log, chained so that no entry changes unseen."""
