"""The alerts and the dashboard of `docs/monitoring/` in Prometheus, and the metrics that they need in a desk's answer."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.testkit.servers import needed

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"
Start = Callable[..., Any]
OWN = re.compile(r"\b(mailbot_[a-z_]+)")


def promtool(*words: str, text: str = "") -> str:
    needed("promtool", "prometheus")
    done = subprocess.run(["promtool", *words], input=text, capture_output=True, text=True, check=False, cwd=FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def expressions() -> list[str]:
    """Those of the dashboard, with values for its variables."""
    panels = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))["panels"]
    return [
        target["expr"].replace("$__rate_interval", "5m").replace("$instance", "desk:8026")
        for panel in panels
        for target in panel["targets"]
    ]


def test_the_alerts_fire_when_they_should() -> None:
    promtool("check", "rules", "mailbot.rules.yml")
    promtool("test", "rules", "mailbot.rules.test.yml")


def test_the_dashboard_asks_what_prometheus_understands(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(expressions())]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # JSON is YAML
    promtool("check", "rules", str(file))


async def test_a_desk_has_every_metric_that_they_name(start: Start) -> None:
    running = await start(roles=("smtp", "worker", "sender", "web"))
    address = running.service.health
    async with httpx.AsyncClient(base_url=f"http://{address.host}:{address.port}") as client:
        text = (await client.get("/metrics")).text
    promtool("check", "metrics", text=text)
    asked = set(OWN.findall(" ".join(expressions()) + (FOLDER / "mailbot.rules.yml").read_text(encoding="utf-8")))
    known = set(re.findall(r"^# TYPE (\S+)", text, re.M)) | set(re.findall(r"^([a-z_]+)[{ ]", text, re.M))
    assert asked - known == set()
