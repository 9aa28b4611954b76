"""What is taken from outside and what is not; and how it is handed out again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pikepdf
import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from portal.files import storing
from portal.files.pdf import render_pdf
from portal.files.storing import FileRefused, check_file, clean_name

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00\x04\x00\x00\xff\xd9"


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, **save: object) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    if change:
        change(made)
    made.save(out, **save)  # type: ignore[arg-type]
    return out.getvalue()


def office(kind: str = "xlsx", **parts: str | bytes) -> bytes:
    main = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}[kind]
    content: dict[str, str | bytes] = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types/>',
        "_rels/.rels": "<Relationships/>",
        main: "<main/>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (content | parts).items():
            archive.writestr(name, text)
    return out.getvalue()


def action(**values: object) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = pikepdf.Dictionary(**values)

    return change


def hidden_script(made: pikepdf.Pdf) -> None:
    """A button on the page that runs a script: nothing of it shows in the catalog."""
    button = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, A=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    )
    made.pages[0].Annots = pikepdf.Array([button])


def attachment(made: pikepdf.Pdf) -> None:
    made.attachments["data.txt"] = b"data"


def link(made: pikepdf.Pdf) -> None:
    made.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.com"),
            )
        ]
    )


def harmless_keys(made: pikepdf.Pdf) -> None:
    """As some programs write them: actions without an action, and a tree of embedded files without a file."""
    made.Root.AA = pikepdf.Dictionary()
    made.pages[0].AA = made.make_indirect(pikepdf.Dictionary())
    made.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array()))


def data_attached(made: pikepdf.Pdf) -> None:
    made.attachments["evaluation.json"] = b'{"total": 86.9}'


def not_data_attached(made: pikepdf.Pdf) -> None:
    made.attachments["evaluation.json"] = b"<script>alert(1)</script>"


def page_action(made: pikepdf.Pdf) -> None:
    made.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.Print))


def start_page(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])


def check(name: str, data: bytes) -> storing.CheckedFile:
    return check_file(SimpleUploadedFile(name, data))


@pytest.mark.parametrize(
    ("name", "data", "pages"),
    [
        ("a.pdf", pdf(), 1),
        ("A.PDF", pdf(), 1),
        ("link.pdf", pdf(link), 1),
        ("start.pdf", pdf(start_page), 1),
        ("goto.pdf", pdf(action(S=pikepdf.Name.GoTo, D="top")), 1),
        ("harmless.pdf", pdf(harmless_keys), 1),
        ("data.pdf", pdf(data_attached), 1),
        ("blank.pdf", b"\n" + pdf(), 1),
        ("blanks.pdf", b"\r\n\r\n " + pdf(), 1),
        ("newline.pdf", pdf() + b"\r\n\x00", 1),
        ("photo.png", PNG, None),
        ("photo.jpg", JPEG, None),
        ("photo.jpeg", JPEG + b"written by a phone", None),
        ("book.xlsx", office(), None),
        ("letter.docx", office("docx"), None),
        ("bom.csv", b"part;qty\nframe;1\n", None),
        ("bom.csv", "part\tqty\n".encode("utf-16"), None),
        ("bom.csv", "Stück;1,5 €".encode("cp1252"), None),
        ("note.txt", b"MZ is how it begins", None),
    ],
)
def test_taken(name: str, data: bytes, pages: int | None) -> None:
    checked = check(name, data)
    assert (checked.pages, checked.size, len(checked.sha256)) == (pages, len(data), 64)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.pdf", b"", "empty"),
        ("tool.exe", b"MZ\x00", "accept this file type"),
        ("page.html", b"<html>", "accept this file type"),
        ("drawing.svg", b"<svg><script/></svg>", "accept this file type"),
        ("all.zip", office(), "accept this file type"),
        ("book.xlsm", office(), "accept this file type"),
        ("noname", b"text", "accept this file type"),
        (".pdf", pdf(), "accept this file type"),
        ("a.pdf", b"<html>%PDF-1.7</html>", "match its name"),
        ("a.pdf", b"<html></html>\n" + pdf(), "match its name"),
        ("a.pdf", pdf()[:150], "damaged"),
        ("a.pdf", pdf() + b"<script>alert(1)</script>", "after its end"),
        ("a.pdf", pdf() + office(), "after its end"),
        ("a.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "password"),
        ("a.pdf", pdf(action(S=pikepdf.Name.JavaScript, JS="app.alert(1)")), "scripts"),
        ("a.pdf", pdf(action(S=pikepdf.Name.Launch, F="cmd.exe")), "scripts"),
        ("a.pdf", pdf(hidden_script), "scripts"),
        ("a.pdf", pdf(attachment), "scripts"),
        ("a.pdf", pdf(not_data_attached), "scripts"),
        ("a.pdf", pdf(page_action), "scripts"),
        ("a.pdf", b"\n" * 2000 + pdf(), "match its name|isn’t clean"),
        ("a.png", pdf(), "match its name"),
        ("a.png", PNG[:-8], "damaged"),
        ("a.png", PNG + office(), "damaged"),
        ("a.jpg", JPEG[:-2], "damaged"),
        ("a.jpg", JPEG + office(), "match its name"),
        ("a.jpg", PNG, "match its name"),
        ("a.xlsx", office("docx"), "match its name"),
        ("a.docx", b"PK\x03\x04 and no more", "damaged"),
        ("a.xlsx", office()[:-30], "damaged"),
        ("a.xlsx", office(**{"xl/vbaProject.bin": b"x"}), "macros"),
        (
            "a.xlsx",
            office(**{"xl/sheet.xml": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///x">]><x/>'}),
            "Office programs",
        ),
        (
            "a.xlsx",
            office(**{"xl/sheet.xml": ("<!--" + "x" * 200_000 + "--><!DOCTYPE x><x/>").encode("utf-16")}),
            "Office programs",
        ),
        ("a.xlsx", office(**{"../../evil.xml": "<x/>"}), "Office programs"),
        ("a.xlsx", office(**{"xl/sheet.xml": "not xml"}), "damaged"),
        ("a.csv", b"\x00\x01\x02", "isn’t text"),
        ("a.csv", b"  <!DOCTYPE html>", "match its name"),
        ("a.csv", pdf(), "match its name|isn’t text"),
        ("a.txt", office(), "match its name|isn’t text"),
    ],
)
def test_refused(name: str, data: bytes, why: str) -> None:
    with pytest.raises(FileRefused, match=why):
        check(name, data)


def test_our_own_summary_is_taken() -> None:
    """It carries its figures as JSON. Rendered as every report is."""
    made = render_pdf("pdf/base.html", {"title": "Summary"}, data={"total": 86.9}, made_at=datetime.now(UTC))
    assert check("summary.pdf", made).pages == 1


def test_pdf_without_pages_is_refused() -> None:
    def no_pages(made: pikepdf.Pdf) -> None:
        del made.pages[0]

    with pytest.raises(FileRefused, match="no pages"):
        check("a.pdf", pdf(no_pages))


def test_too_large_is_refused_before_it_is_read() -> None:
    upload = SimpleUploadedFile("a.pdf", pdf())
    upload.size = settings.UPLOAD_MAX_BYTES + 1
    with pytest.raises(FileRefused, match="larger than 25 MB"):
        check_file(upload)
    with pytest.raises(FileRefused, match="larger than 1 MB"):
        check_file(SimpleUploadedFile("a.txt", b"x" * (storing.MEGABYTE + 1)), size_limit=storing.MEGABYTE)


def test_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "UNPACKED_LIMIT", 200)
    with pytest.raises(FileRefused, match="too large to read once unpacked"):
        check_file(SimpleUploadedFile("a.xlsx", office(big="x" * 300)))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../evil.pdf", "evil.pdf"),
        ("..\\..\\evil.pdf", "evil.pdf"),
        ("/etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
        ("file\x00.pdf", "file.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("proposal.pdf .", "proposal.pdf"),
        ("résumé – 提案.pdf", "résumé – 提案.pdf"),
        ("a" * 300 + ".pdf", "a" * 190 + ".pdf"),
        ("  two   words.pdf", "two words.pdf"),
    ],
)
def test_names_are_shown_and_never_paths(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def anonymous(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/")
    request.user = AnonymousUser()
    return request


@pytest.mark.django_db
def test_file_is_kept_under_its_id_and_handed_out_as_a_download(rf: RequestFactory) -> None:
    content = pdf()
    document = storing.store(check("“x”; filename=y.pdf", content), by=None, at=datetime.now(UTC))
    assert document.file.name == f"documents/{document.id.hex[:2]}/{document.id.hex}"
    response = storing.hand_out(document, anonymous(rf))
    assert b"".join(response.streaming_content) == content  # type: ignore[arg-type]
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"] == "application/pdf"
