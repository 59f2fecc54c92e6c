"""Who takes the steps of invented cases? The posts of the tenant and of the offices above it, by an account each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from deploy.simulate.case_scene import Category, Department, Post, Scene, Spot
from deploy.simulate.case_story import Actor, Answering, Reporter
from deploy.simulate.ids import IdSource
from deploy.simulate.rows import AccountRow

_SETTLING = ("worker", "committee-chair")
_OFFICE = ("dispatcher", "party-secretary")


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one tenant's cases. No token is good for an account of the issuer of former accounts."""

    scene: Scene
    random: Random
    ids: IdSource
    former_issuer: str
    # Accounts that took part and that nobody signs in with any more, by their post or the dwelling.
    former: dict[uuid.UUID, AccountRow] = field(default_factory=dict)

    def actor(self, post: Post) -> Actor:
        """Let the holder of a post act: by its account, or by one that it had."""
        account_id = post.account_id or self._former(post.id, f"{post.kind}-{len(self.former)}")
        own = self.scene.own
        if post.tenant_id != own.id:
            served = post.body_id if post.body_kind == "department" else self._office_body(post.tenant_id)
            return Actor(post.tenant_id, account_id, served, post.id, None)
        body_id = None if post.kind == "resident" else post.body_id or own.body_id
        return Actor(own.id, account_id, body_id, post.id, post.public_name)

    def reporter(self, source: str, spot: Spot) -> tuple[Actor, Reporter]:
        """Choose who reports something that lies there."""
        if source == "SNAPSHOT":
            return self._resident(spot)
        post = self._reporting(source, spot)
        return self.actor(post), Reporter(post.person_id, post.name_masked, post.phone_masked)

    def settler(self, spot: Spot | None = None, *, kept_out: Sequence[uuid.UUID] = ()) -> Actor | None:
        """Choose who accepts, dispatches, calls back and closes: not who handled it."""
        found = [post for post in self.scene.of_kinds(*_SETTLING, *_OFFICE) if post.account_id]
        if spot is not None:
            found += [post for post in self._of_grid("grid-leader", spot) if post.account_id]
        able = [post for post in found if post.account_id not in kept_out and not self._is_party(post)]
        return self.actor(self.random.choice(able)) if able else None

    def handler(self, by: str, spot: Spot) -> Post:
        """Choose a post of the community to handle something that lies there."""
        grid_workers = self._of_grid("grid-worker", spot) or self.scene.of_kinds("grid-worker")
        workers = self.scene.of_kinds("worker")
        if by != "worker" and self.random.randrange(8) == 0:
            grid_workers = self._of_building("building-leader", spot) or grid_workers
        # One worker alone is kept for calling back.
        return self.random.choice(workers[1:] if by == "worker" and len(workers) > 1 else grid_workers)

    def company(self, spot: Spot) -> tuple[Answering, list[Post]] | None:
        """Find the company that serves the estate, and its people, if somebody signs in for it."""
        body_id = self.scene.companies.get(spot.estate_id) if spot.estate_id else None
        people = [post for post in self.scene.posts if body_id and post.body_id == body_id and post.account_id]
        return (Answering(body_id), people) if body_id and people else None

    def department(self) -> tuple[Department, Post] | None:
        """Choose a department for which somebody signs in, and who that is."""
        if not self.scene.departments:
            return None
        chosen = self.random.choice(self.scene.departments)
        posts = self.scene.posts_above.get(chosen.tenant_id, self.scene.posts)
        return chosen, next(post for post in posts if post.body_id == chosen.body_id and post.account_id)

    def office(self) -> Actor | None:
        """Choose who coordinates what is handed up to the next office."""
        above = self.scene.above[:1]
        posts = [post for office in above for post in self.scene.posts_above[office.id] if post.kind in _OFFICE]
        return self.actor(self.random.choice(posts)) if posts else None

    def spot(self, kind: str, *, wanted: bool = False) -> Spot:
        """Choose a place of a kind, if there is one; where it is wanted, one whose grid worker signs in."""
        spots = self.scene.spots
        found = spots.get(kind) or spots["building"] or spots["street"]
        chosen = self.random.choice(found)
        signing = {post.place_id for post in self.scene.of_kinds("grid-worker") if post.account_id}
        tries = 6 if wanted and signing else 0
        while tries and chosen.grid_id not in signing:
            chosen, tries = self.random.choice(found), tries - 1
        return chosen

    def category(self, code: str) -> Category | None:
        """Find a category that the tenant still has."""
        return self.scene.categories.get(code)

    def _resident(self, spot: Spot) -> tuple[Actor, Reporter]:
        own, signed = self.scene.own, self.scene.of_kinds("resident")
        if signed and self.random.randrange(25) == 0:
            return self.actor(signed[0]), Reporter(signed[0].person_id, signed[0].name_masked, signed[0].phone_masked)
        # Whoever lives where it is, or somebody from elsewhere in the community.
        home = spot if spot.person_id else self.random.choice(self.scene.spots["dwelling"])
        account_id = self._former(home.id, f"resident-{len(self.former)}")
        reporter = Reporter(home.person_id, home.name_masked, home.phone_masked)
        return Actor(own.id, account_id, None, None, None), reporter

    def _reporting(self, source: str, spot: Spot) -> Post:
        wanted: Sequence[Post] = ()
        if source == "PROPERTY":
            wanted = [post for post in self.scene.of_kinds("property-worker") if post.place_id == spot.estate_id]
        elif source in ("PATROL", "VISIT"):
            wanted = self._of_grid("grid-worker", spot)
        elif source == "MEETING":
            wanted = self.scene.of_kinds("committee-chair")
        return next(iter(wanted), None) or self.scene.of_kinds("worker", *_OFFICE)[0]

    def _of_grid(self, kind: str, spot: Spot) -> list[Post]:
        return [post for post in self.scene.of_kinds(kind) if spot.grid_id and post.place_id == spot.grid_id]

    def _of_building(self, kind: str, spot: Spot) -> list[Post]:
        return [post for post in self.scene.of_kinds(kind) if spot.building_id and post.place_id == spot.building_id]

    def _is_party(self, post: Post) -> bool:
        # Of a community: it sees everything and settles nothing. Of a street, it takes part.
        return post.kind == "party-secretary"

    def _office_body(self, tenant_id: int) -> uuid.UUID:
        return next(office.body_id for office in self.scene.above if office.id == tenant_id)

    def _former(self, key: uuid.UUID, name: str) -> uuid.UUID:
        if key not in self.former:
            subject = f"{name}@{self.scene.own.slug}"
            self.former[key] = AccountRow(self.ids.next(), self.former_issuer, subject, name)
        return self.former[key].id
