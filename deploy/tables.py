"""Which tables are there? Every `tables` module of the two floors that store anything."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from sqlalchemy import MetaData

import services
import tenants
from tenants.database import Table


@cache
def load_tables() -> MetaData:
    """Import every module of tables and return what they declare."""
    for package in (tenants, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] == "tables":
                importlib.import_module(module.name)
    return Table.metadata
