"""What has a global id?"""

from __future__ import annotations

import strawberry

from schema.compiler.declare import GlobalId, read


@strawberry.interface(name="Node", description="Anything with a global id; see `node(id)`.")
class NodeInterface:
    """Anything with a global id."""

    id: strawberry.ID = read(GlobalId(), "An opaque global id.")
