"""The import of rosters: the workbooks and lists that communities keep of their houses and residents."""
