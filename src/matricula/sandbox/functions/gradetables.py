"""The user report as a table: cells with classes and HTML, as its page shows them."""

import html
from typing import Any

from matricula.sandbox.functions.gradebook import depth, items
from matricula.sandbox.functions.gradereports import (
    WANTED,
    enter_report,
    grades_of,
    reported_users,
    rounded,
    shown_item,
)
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

_COLUMNS = 6
"""Columns of the table beside those of the tree."""
_TITLES = {"course": "Course total", "category": "Category total"}
_KINDS = {"assign": "Assignment", "quiz": "Quiz", "lesson": "Lesson"}


@function("gradereport_user_get_grades_table", takes=WANTED)
def get_grades_table(call: Call, courseid: int, userid: int, groupid: int) -> dict[str, Any]:
    """The grades of one user or of everybody, as rows of a table."""
    course = enter_report(call, courseid, userid)
    tree, levels = items(call.state, courseid), depth(call.state, courseid)
    top = tree[-1]["iteminstance"]
    tables = []
    for user in reported_users(call, courseid, userid, groupid):
        grades = grades_of(call, courseid, user["id"])
        shown = [shown_item(call, item, grades.get(item["id"])) for item in tree]
        rows = _head(call, course, user["id"], top, levels, len(tree))
        rows += [_row(call, user["id"], top, item, entry, shown[-1]) for item, entry in zip(tree, shown, strict=True)]
        tables.append(
            {
                "courseid": courseid,
                "userid": user["id"],
                "userfullname": f"{user['firstname']} {user['lastname']}",
                "maxdepth": levels,
                "tabledata": rows,
            }
        )
    return {"tables": tables, "warnings": []}


def _head(call: Call, course: Row, user: int, top: int, levels: int, number: int) -> list[dict[str, Any]]:
    title = f'<div class="d-flex category-content"><span>{call.string(course["fullname"])}</span></div>'
    return [
        {
            "itemname": {
                "class": "level1 d1 b1b b1t category column-itemname",
                "colspan": levels + _COLUMNS,
                "content": title,
                "id": f"cat_{top}_{user}",
            },
            "parentcategories": [],
        },
        {"leader": {"class": "level1 d1 b1t b2b b1l", "rowspan": number + 1}, "parentcategories": [top]},
    ]


def _row(call: Call, user: int, top: int, item: Row, shown: dict[str, Any], total: dict[str, Any]) -> dict[str, Any]:
    kind = "level1 d1 baggt b2b" if item["itemtype"] in _TITLES else "level2 item b1b"
    key = f"row_{item['id']}_{user}"
    texts = {
        "weight": shown.get("weightformatted", "-"),
        "grade": shown["gradeformatted"],
        "range": shown["rangeformatted"],
        "percentage": shown["percentageformatted"],
        "feedback": shown["feedback"] or "&nbsp;",
        "contributiontocoursetotal": _contribution(shown, total),
    }
    cells = {
        column: {
            "class": f"{kind} {'feedbacktext' if column == 'feedback' else 'itemcenter '} column-{column}",
            "content": text,
            "headers": f"cat_{top}_{user} {key} {column}{user}",
        }
        for column, text in texts.items()
    }
    name = {
        "class": f"{kind} column-itemname",
        "colspan": 1,
        "content": _title(call, item, shown),
        "id": key,
    }
    return {"itemname": name, **cells, "parentcategories": [item["categoryid"] or top]}


def _title(call: Call, item: Row, shown: dict[str, Any]) -> str:
    text = html.escape(_TITLES.get(item["itemtype"]) or shown["itemname"] or "", quote=False)
    if item["itemtype"] != "mod":
        return f'<div class="rowtitle"><span class="gradeitemheader ">{text}</span></div>'
    kind = _KINDS.get(item["itemmodule"], item["itemmodule"])
    link = f"{call.url}/mod/{item['itemmodule']}/view.php?id={shown['cmid']}"
    return (
        f'<span class="d-block text-uppercase small " title="{kind}">{kind}</span><div class="rowtitle">'
        f'<a title="{kind} activity {text}" class="gradeitemheader " href="{link}">{text}</a></div>'
    )


def _contribution(shown: dict[str, Any], total: dict[str, Any]) -> str:
    if "weightraw" not in shown:
        return "-"
    if shown["graderaw"] is None or "status" in shown or not total["grademax"]:
        return "0.00 %"
    return f"{rounded(shown['graderaw'] / total['grademax'] * 100)} %"
