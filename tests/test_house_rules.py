"""What holds for the files of the project as a whole."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def links(page: Path) -> list[Path]:
    return [
        (page.parent / target).resolve()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [str(target) for target in links(page) if not target.exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += links(page)
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == ["docs/index.md"]


def test_modules_stay_small() -> None:
    long = {path.name: count for path in tracked() if path.suffix == ".py" and "src" in path.parts
            for count in [len(path.read_text(encoding="utf-8").splitlines())] if count > 400}  # fmt: skip
    assert long == {}


def test_requirements_are_pinned_with_hashes_and_without_addresses() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
        packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert packages
        assert [line for line in packages if "==" not in line] == []
        assert [block for block in re.split(r"\n(?=\S)", text) if "--hash=sha256:" not in block] == []


def test_every_task_of_dev_is_documented() -> None:
    tasks = re.search(r"TASKS = .*? in \(([^)]*)\)", (ROOT / "dev").read_text(encoding="utf-8"))
    assert tasks
    told = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    assert [task for task in tasks[1].split(", ") if f"`./dev {task}`" not in told] == []
