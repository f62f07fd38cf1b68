"""Files of `deploy/` and pages on operating name only commands, variables, addresses and figures that there are."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from matricula.cli.main import program
from matricula.hub import Home
from matricula.service.measures import Measures
from matricula.web.operating import router

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
PAGES = [*sorted((ROOT / "docs" / "operating").glob("*.md")), ROOT / "docs" / "upgrading.md"]
VARIABLE = re.compile(r"MATRICULA_[A-Z_]+")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def in_units() -> Iterator[tuple[str, list[str]]]:
    for unit in UNITS:
        for line in unit.read_text(encoding="utf-8").splitlines():
            if line.startswith("ExecStart="):
                program_, *arguments = shlex.split(line.partition("=")[2])
                assert program_ == "/opt/matricula/bin/matricula", unit
                yield unit.name, arguments


def in_containers() -> Iterator[tuple[str, list[str]]]:
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["matricula"]' in text
    yield "Containerfile", json.loads(re.search(r"^CMD (.*)$", text, re.MULTILINE)[1])
    for name, service in compose()["services"].items():
        if service.get("image") == "matricula":
            yield f"compose {name}", service["command"]


def in_pages() -> Iterator[tuple[str, list[str]]]:
    command = re.compile(r"(?:^|[\s`]|bin/)matricula ((?:[a-z]+|--home) [^`\n|;&>]*|[a-z]+(?=[`\n]))")
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
        for each in [*(line for block in blocks for line in block.splitlines()), *inline]:
            for found in command.finditer(f"{each}\n"):
                yield page.name, shlex.split(found[1].partition(" #")[0])


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "container" / "compose.yaml")
    return loaded


GROUP: Any = typer.main.get_command(program())


def faults(arguments: list[str]) -> list[str]:
    """What of a command line there is not."""
    command, found, rest = GROUP, [], list(arguments)
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        name = rest.pop(0)
        if name not in command.commands:
            return [f"command {name}"]
        command = command.commands[name]
    known = {option for each in command.params for option in [*each.opts, *each.secondary_opts]}
    found += [f"option {word}" for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    return found


@pytest.mark.parametrize(("where", "arguments"), [*in_units(), *in_containers()], ids=str)
def test_a_command_of_a_file_is_taken_as_it_stands(where: str, arguments: list[str]) -> None:
    command = GROUP.commands[arguments[0]]
    command.make_context(arguments[0], list(arguments[1:]))
    assert faults(arguments) == []


def test_pages_name_commands_and_options_that_there_are() -> None:
    told = list(in_pages())
    assert len(told) > 20
    assert {(page, " ".join(words)): found for page, words in told if (found := faults(words))} == {}


def test_files_and_pages_name_variables_that_there_are_and_one_page_names_all() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    there = set(VARIABLE.findall(source)) - {"MATRICULA_SOURCE_", "MATRICULA_SINK_"}
    page = (ROOT / "docs" / "operating" / "environment.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(MATRICULA_[A-Z_]+)`", page, re.MULTILINE))
    assert listed == there
    assert "`MATRICULA_SOURCE_<SOURCE>_<WHICH>`" in page
    assert "`MATRICULA_SINK_<SINK>_<WHICH>`" in page
    for file in [*FILES, *PAGES]:
        named = set(VARIABLE.findall(file.read_text(encoding="utf-8")))
        secrets = {name for name in named if name.startswith(("MATRICULA_SOURCE_", "MATRICULA_SINK_"))}
        assert named - secrets <= there, file


def test_files_name_addresses_that_are_served() -> None:
    served = {route.path for route in router.routes}
    named = {each for file in FILES for each in re.findall(r"/(?:\w*z|metrics)\b", file.read_text(encoding="utf-8"))}
    assert {"/healthz", "/metrics"} <= named & served
    proxies = [(DEPLOY / "proxy" / name).read_text(encoding="utf-8") for name in ("nginx.conf", "Caddyfile")]
    assert all("/metrics" in text and "404" in text for text in proxies)


def test_alarms_and_the_page_name_figures_that_there_are_and_the_page_all(tmp_path: Path) -> None:
    with Home.make(tmp_path / "home") as home:
        home.store.acts.note("backup", "t", {})
        measures = Measures(home.store)
        measures.request("GET", "/", 200, 0.1)
        families = list(text_string_to_metric_families(measures.text().decode()))
    there = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    there = {name for name in there if not name.endswith("_created")}
    page = (ROOT / "docs" / "operating" / "monitoring.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(matricula_\w+)`", page, re.MULTILINE)) == there
    alarms = (DEPLOY / "monitoring" / "matricula-alerts.yml").read_text(encoding="utf-8")
    named = {re.sub(r"_(count|sum|bucket)$", "", name) for name in re.findall(r"\bmatricula_\w+", alarms)}
    assert named <= there
    rules = YAML(typ="safe").load(alarms)["groups"][0]["rules"]
    assert {each["alert"] for each in rules} == set(re.findall(r"`(Matricula\w+)`", page))


def test_what_is_pinned_with_postgresql_is_what_is_pinned_without() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9_.-]+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    more = pins("requirements-postgres.txt") - pins("requirements.txt")
    assert pins("requirements.txt") <= pins("requirements-postgres.txt") <= pins("requirements-dev.txt")
    assert {each.partition("==")[0] for each in more} >= {"procrastinate", "psycopg", "psycopg-binary"}
    assert "--extra" in (ROOT / "dev").read_text(encoding="utf-8").partition("requirements-postgres.txt")[0]


def test_the_container_file_copies_what_there_is() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    let_in = (DEPLOY / "container" / "Containerfile.dockerignore").read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for word in line.split()]
    assert {"requirements-postgres.txt", "pyproject.toml", "src"} <= set(copied)
    for each in copied:
        assert (ROOT / each).exists()
        assert f"!{each}\n" in let_in
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.13-slim"] * 2
    assert "USER 10001" in text


def test_compose_says_where_secrets_are_and_has_web_and_workers() -> None:
    told = compose()
    for name, service in told["services"].items():
        assert set(service["secrets"]) <= set(told["secrets"]), name
        for value in service["environment"].values():
            for secret in re.findall(r"/run/secrets/([\w.-]+)", value):
                assert secret in service["secrets"]
    web, worker = told["services"]["web"], told["services"]["worker"]
    assert ("--no-worker" in web["command"], worker["command"][0], worker["deploy"]["replicas"]) == (True, "worker", 2)
    subnet = told["networks"]["outside"]["ipam"]["config"][0]
    assert subnet["gateway"] in web["command"]
    assert web["ports"] == ["127.0.0.1:8080:8080"]
    assert "ports" not in told["services"]["db"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_closed_and_stop_cleanly(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    for line in ("User=matricula", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=matricula"):
        assert line in lines
    if "oneshot" not in unit.read_text(encoding="utf-8"):
        assert "TimeoutStopSec=180" in lines
        assert "LoadCredential=matricula.key:/etc/matricula/key" in lines
        assert "Environment=MATRICULA_KEY_FILE=%d/matricula.key" in lines


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    for file in (DEPLOY / "systemd").iterdir():
        text = file.read_text(encoding="utf-8").replace("/opt/matricula/bin/matricula", "/bin/true")
        (tmp_path / file.name.replace("@.", "@1.")).write_text(text)
    units = [str(each) for each in tmp_path.iterdir() if each.suffix in (".service", ".timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_takes_its_file(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin")
    if not nginx or not shutil.which("openssl"):
        pytest.skip("no nginx here")
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    making = f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -days 2 -subj /CN=x"
    subprocess.run(shlex.split(making), check=True, capture_output=True)
    site = (DEPLOY / "proxy" / "nginx.conf").read_text(encoding="utf-8").replace("/etc/ssl/matricula", str(tmp_path))
    (tmp_path / "site.conf").write_text(site)
    whole = (
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/errors;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n"
    )
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
