"""The units of systemd and the file of the image say what the code has: commands, files, names of settings."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "safety_site" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
IMAGE = (DEPLOY / "container" / "Containerfile").read_text()
SERVE = ["gunicorn", "-c", "python:safety_site.server", "safety_site.wsgi"]


def what_it_runs(unit: Path) -> list[str]:
    return shlex.split(re.search(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)[1])


def lines_of(unit: Path) -> set[str]:
    return {line for line in unit.read_text().splitlines() if "=" in line and not line.startswith("#")}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_unit_runs_what_is_there(unit):
    program, *rest = what_it_runs(unit)
    if program.endswith("/gunicorn"):
        assert [Path(program).name, *rest] == SERVE
        return
    manage, command, *options = rest
    assert (Path(program).name, manage) == ("python", "/srv/hearthside/manage.py")
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    assert vars(parser.parse_args(options))["verbosity"] == 0


def test_units_are_hardened_alike_and_read_one_environment():
    """All that follows the comment on what a unit may do is the same in each."""
    rules = [unit.read_text().partition("# It reads its own code")[2].partition("[Install]")[0] for unit in UNITS]
    hardened = {each.strip() for each in rules}
    assert len(hardened) == 1
    assert "NoNewPrivileges=yes" in hardened.pop()
    for unit in UNITS:
        assert {"User=hearthside", "EnvironmentFile=/etc/hearthside/environment", "UMask=0022"} <= lines_of(unit)


def test_every_timer_has_its_unit_and_every_other_unit_its_timer():
    timed = {timer.stem for timer in (DEPLOY / "systemd").glob("*.timer")}
    assert timed == {unit.stem for unit in UNITS} - {"hearthside"}


def test_socket_is_the_one_that_nginx_knows():
    socket = (DEPLOY / "systemd" / "hearthside.socket").read_text()
    place = re.search(r"^ListenStream=(.*)$", socket, re.MULTILINE)[1]
    assert f"server unix:{place} " in (DEPLOY / "nginx" / "site.conf").read_text()


def test_working_folder_of_varnish_is_in_memory():
    """With it the log that Varnish keeps, whose file is there."""
    mount = DEPLOY / "varnish" / "var-lib-varnish.mount"
    assert {"Where=/var/lib/varnish", "Type=tmpfs"} <= lines_of(mount)
    assert "RequiresMountsFor=/var/lib/varnish" in lines_of(DEPLOY / "varnish" / "hearthside.conf")


def test_image_has_every_file_that_the_site_needs():
    copied = {name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", IMAGE, re.MULTILINE) for name in line.split()}
    assert all((ROOT / name).exists() for name in copied)
    needed = {
        "manage.py",
        "requirements.txt",
        "safety_site",
        "guidance",
        "reporting",
        "templates",
        "static",
        "fixtures",
    }
    assert needed | {"fixtures"} <= copied
    assert not copied & {"tests", ".env"}
    assert ", ".join(f'"{word}"' for word in SERVE[1:]) in IMAGE.splitlines()[-1]


@pytest.mark.parametrize("file", ["container/Containerfile", "systemd/README.md"])
def test_settings_that_are_named_there_are_read_somewhere(file):
    named = set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)=", (DEPLOY / file).read_text()))
    named -= {"PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR", "MALLOC_ARENA_MAX"}
    read = (ROOT / "README.md").read_text()
    assert named
    assert not {name for name in named if f"| `{name}` |" not in read}
