"""The user report as a table: cells with classes and HTML, as its page shows them."""

import html
from typing import Any

from matricula.sandbox.functions.gradebook import depth, tree
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
    levels = depth(call.state, courseid)
    tables = [
        {
            "courseid": courseid,
            "userid": user["id"],
            "userfullname": f"{user['firstname']} {user['lastname']}",
            "maxdepth": levels,
            "tabledata": _rows(call, course, user["id"], levels),
        }
        for user in reported_users(call, courseid, userid, groupid)
    ]
    return {"tables": tables, "warnings": []}


def _rows(call: Call, course: Row, user: int, levels: int) -> list[dict[str, Any]]:
    walked, grades = tree(call.state, course["id"]), grades_of(call, course["id"], user)
    shown = {row["id"]: shown_item(call, row, grades.get(row["id"])) for is_item, row, _ in walked if is_item}
    total = shown[walked[-1][1]["id"]]
    rows: list[dict[str, Any]] = []
    for is_item, row, path in walked:
        if is_item:
            rows.append(_row(call, user, path, row, shown[row["id"]], total))
        else:
            inside = sum(1 for _, _, others in walked if row["id"] in others)
            rows += _head(course if not path else row, user, [*path, row["id"]], levels, inside)
    return rows


def _head(named: Row, user: int, path: list[int], levels: int, number: int) -> list[dict[str, Any]]:
    title = f'<div class="d-flex category-content"><span>{html.escape(named["fullname"], quote=False)}</span></div>'
    place = f"level{len(path)} d{len(path)}"
    return [
        {
            "itemname": {
                "class": f"{place} b1b b1t category column-itemname",
                "colspan": levels + _COLUMNS,
                "content": title,
                "id": f"cat_{path[-1]}_{user}",
            },
            "parentcategories": path[:-1],
        },
        {"leader": {"class": f"{place} b1t b2b b1l", "rowspan": number + 1}, "parentcategories": path},
    ]


def _row(
    call: Call, user: int, path: list[int], item: Row, shown: dict[str, Any], total: dict[str, Any]
) -> dict[str, Any]:
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
            "headers": f"cat_{path[-1]}_{user} {key} {column}{user}",
        }
        for column, text in texts.items()
    }
    name = {
        "class": f"{kind} column-itemname",
        "colspan": 1,
        "content": _title(call, item, shown),
        "id": key,
    }
    return {"itemname": name, **cells, "parentcategories": path}


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
