"""How does the demo run: its database, its keys, the gateway in front of it, and how to use it?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from deploy.app import GRAPHQL, create_app
from deploy.databases import open_demo_databases
from deploy.demo.accounts import list_demo_accounts
from deploy.demo.create import create_demo
from deploy.demo.pages import demo_pages, is_page_built
from deploy.demo.preparing import prepare_demo
from deploy.demo.tokens import DemoIssuer, ensure_demo_issuer
from deploy.demo.welcome import welcome
from deploy.opening import Trust, make_trust, open_surface
from deploy.serving import listen, serve
from deploy.settings import Settings
from deploy.worker import working
from tenants.sealing.master_key import ensure_master_key_file

KEY_FILES = ("master.key", "demo-issuer.json", "demo-roles.json")


async def run_demo(settings: Settings, *, tell: Callable[[str], None]) -> None:
    """Create the demo if it is not there yet, and serve it until a signal comes."""
    with listen(settings) as listener:
        tell("Starting the embedded PostgreSQL …" if settings.demo_database_url is None else "Connecting …")
        async with open_demo_databases(settings) as databases:
            issuer = ensure_demo_issuer(settings.home)
            trust = demo_trust(settings, issuer)
            await prepare_demo(databases, tell=tell, create=partial(create_demo, keys=trust.keys))
            owner_url = databases.need_owner_url()
            accounts = await list_demo_accounts(owner_url)
            async with (
                open_surface(databases.need_gateway_url(), trust) as surface,
                working(databases.need_worker_url(), trust.keys),
            ):
                app = create_app(surface, pages=demo_pages(lambda: list_demo_accounts(owner_url), issuer.token))
                url = f"http://{settings.host}:{settings.port}{GRAPHQL}"
                text = welcome(url, accounts, issuer.token, has_page=is_page_built())
                await serve(
                    app,
                    listener,
                    telemetry_endpoint=settings.telemetry_endpoint,
                    on_start=lambda: tell(text),
                    on_stop=surface.end_subscriptions,
                )


def demo_trust(settings: Settings, issuer: DemoIssuer) -> Trust:
    """Trust the demo's own issuer, and seal with JINLIN_MASTER_KEY or a key of the demo's own."""
    return make_trust([issuer.trusted()], settings.master_key or _own_master_key(settings.home))


def _own_master_key(home: Path) -> str:
    path = home / "master.key"
    ensure_master_key_file(path)
    return path.read_text(encoding="ascii")
