"""Do the README's five minutes show what the demo answers?"""

from __future__ import annotations

import json
import re

from deploy.demo.welcome import welcome
from tests.architecture.sources import ROOT
from tests.fixtures.demo import Demo

_STEP = re.compile(r"^```sh\nask (\S+) '([^']*)'\n```\n```json\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def _as_pattern(printed: str) -> str:
    """Make a pattern of a printed answer: blanks do not matter, and … stands for what is left out."""
    return ".*".join(re.escape(_without_blanks(part)) for part in printed.split("…"))


def _without_blanks(text: str) -> str:
    return re.sub(r"\s+", "", text)


async def test_shows_what_the_demo_answers(demo: Demo) -> None:
    steps = _STEP.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    person_id = ""
    told = []

    for account, query, _ in steps:
        answer = await demo.ask(account, query.replace("per_11_…", person_id))
        told.append(_without_blanks(answer.text))
        found = re.search(r"per_11_[0-9a-f-]+", answer.text)
        person_id = found[0] if found else person_id

    assert [account for account, *_ in steps] == [
        *["worker@qingcheng"] * 3,
        "officer@gulou",
        "worker@qingcheng",
        "auditor@qingcheng",
        "worker@qingcheng",
        "officer@gulou",
        "worker@qingcheng",
    ]
    for text, (*_, printed) in zip(told, steps, strict=True):
        assert re.fullmatch(_as_pattern(printed), text), text


async def test_the_demo_answers_the_queries_it_starts_with(demo: Demo) -> None:
    told = welcome("http://demo/graphql", [], str, has_page=True)
    queries = re.findall(r"# (\S+): .*?-d '(.*?)'; echo", told, re.DOTALL)

    answers = [await demo.ask(account, json.loads(body)["query"]) for account, body in queries]

    assert len(answers) == 3
    for answer in answers:
        assert answer.status_code == 200
        assert list(answer.json()) == ["data"]


def test_has_no_query_without_an_answer() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(re.findall(r"^ask ", text, re.MULTILINE)) == len(_STEP.findall(text))
