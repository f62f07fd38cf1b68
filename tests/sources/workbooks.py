"""Writes small workbooks (.xlsx and .ods) by hand, with what real ones hold: days, errors, hidden sheets, gaps."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

Cell = object
Sheets = Mapping[str, Sequence[Sequence[Cell]]]


@dataclass(frozen=True)
class Formula:
    """A cell whose formula came to an error, such as `#REF!`."""

    error: str


_DAY = 1
_BOOK = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_STYLES = (
    f'<styleSheet xmlns="{_BOOK}"><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>'
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def _column(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else _column(number // 26 - 1) + _column(number % 26)


def _cell(value: Cell, row: int, number: int) -> str:
    place = f'r="{_column(number)}{row}"'
    if value is None or value == "":
        return ""
    if isinstance(value, Formula):
        return f'<c {place} t="e"><f>A1</f><v>{value.error}</v></c>'
    if isinstance(value, bool):
        return f'<c {place} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return f'<c {place} s="{_DAY}"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int | float):
        return f"<c {place}><v>{value}</v></c>"
    return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def write_xlsx(
    path: Path, sheets: Sheets, hidden: Sequence[str] = (), merged: Mapping[str, Sequence[str]] = {}
) -> Path:
    """Write a workbook.

    Args:
        path: the file.
        sheets: rows of cells by name of sheet.
        hidden: names of the sheets that are hidden.
        merged: ranges such as `A1:B1` that are merged, by name of sheet.
    """
    with zipfile.ZipFile(path, "w") as book:
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
            f'officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{_LINKS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        named = "".join(
            f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"'
            f"{' state=' + chr(34) + 'hidden' + chr(34) if name in hidden else ''}/>"
            for number, name in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{_BOOK}" xmlns:r="{_LINKS}"><sheets>{named}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="r{number}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        links += f'<Relationship Id="rs" Type="{_LINKS}/styles" Target="styles.xml"/>'
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{links}</Relationships>')
        book.writestr("xl/styles.xml", _STYLES)
        for number, (name, rows) in enumerate(sheets.items(), 1):
            lines = "".join(
                f'<row r="{row}">{"".join(_cell(value, row, place) for place, value in enumerate(cells))}</row>'
                for row, cells in enumerate(rows, 1)
            )
            ranges = "".join(f'<mergeCell ref="{each}"/>' for each in merged.get(name, ()))
            ranges = f"<mergeCells>{ranges}</mergeCells>" if ranges else ""
            sheet = f'<worksheet xmlns="{_BOOK}"><sheetData>{lines}</sheetData>{ranges}</worksheet>'
            book.writestr(f"xl/worksheets/sheet{number}.xml", sheet)
    return path


def write_ods(path: Path, sheets: Sheets) -> Path:
    """Write an OpenDocument workbook; days, numbers and text. Parameters as in `write_xlsx`."""
    office, table, text = (f"urn:oasis:names:tc:opendocument:xmlns:{each}:1.0" for each in ("office", "table", "text"))

    def cell(value: Cell) -> str:
        if value is None or value == "":
            return "<table:table-cell/>"
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        words = f"<text:p>{escape(str(value))}</text:p>"
        return f'<table:table-cell office:value-type="string">{words}</table:table-cell>'

    body = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, cells))}</table:table-row>" for cells in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            "</manifest:manifest>",
        )
        book.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}">'
            f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>",
        )
    return path
