"""Ask whether a known vulnerability is in any of the packages that the requirements name.

pip-audit asks PyPI, or with `--service osv` the Open Source Vulnerabilities database.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import ROOT, use_project_python

if __name__ == "__main__":
    use_project_python()

_SERVICES = ("pypi", "osv")


@dataclass(frozen=True)
class Audit:
    """What is known of the packages: vulnerabilities, and of how many nobody could say."""

    asked: int
    unknown: tuple[str, ...]
    found: tuple[str, ...]


def main() -> int:
    """Exit status: 0 nothing is known against any, 1 something is, 2 not all could be asked."""
    arguments = _parser().parse_args()
    files = arguments.requirements or sorted(ROOT.glob("requirements*.txt"))
    done = _pip_audit(files, arguments.service)
    try:
        audit = read_audit(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"nothing could be asked of {arguments.service}: {last}", file=sys.stderr)
        return 2
    for line in audit.found:
        print(line)
    for name in audit.unknown:
        print(f"{name}: nobody could be asked", file=sys.stderr)
    print(
        f"{len(audit.found)} known vulnerabilities in {audit.asked} packages; "
        f"{len(audit.unknown)} could not be looked up"
    )
    return 1 if audit.found else 2 if audit.unknown else 0


def read_audit(report: dict[str, Any]) -> Audit:
    """The report of pip-audit, of all files together.

    Raises:
        ValueError: it is none.
    """
    try:
        packages = {package["name"]: package for package in report["dependencies"]}
        unknown = [name for name, package in packages.items() if "skip_reason" in package]
        found = [
            f"{name} {package['version']}: {known['id']}, mended in "
            f"{', '.join(known['fix_versions']) or 'no version yet'}"
            for name, package in packages.items()
            for known in package.get("vulns", ())
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("this is no report of pip-audit") from error
    return Audit(len(packages) - len(unknown), tuple(unknown), tuple(found))


def _pip_audit(files: list[Path], service: str) -> "subprocess.CompletedProcess[str]":
    """The requirements are whole and exact, so nothing is resolved, downloaded or installed."""
    options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    named = [part for file in files for part in ("--requirement", str(file))]
    return subprocess.run(
        [sys.executable, "-m", "pip_audit", *options, "--vulnerability-service", service, *named],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("requirements", nargs="*", type=Path, help="files; all unless named")
    parser.add_argument("--service", choices=_SERVICES, default=_SERVICES[0], help="%(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
