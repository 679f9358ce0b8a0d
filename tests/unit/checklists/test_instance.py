"""What a device sends is read by name, and whatever is hostile is refused early."""

from datetime import datetime, timedelta, timezone

import pytest

from audits.checklists.instance import (
    InstanceRejected,
    Node,
    expected_attachments,
    instant,
    nodes_at,
    read_instance,
)
from compliance.limits import XML_BYTES, XML_DEPTH, XML_ELEMENTS
from tests.unit.checklists.samples import sample_schema

META = "<meta><instanceID>uuid:1</instanceID></meta>"


def _record(inside: str = "", meta: str = META) -> bytes:
    return f'<data id="sample" version="1">{inside}{meta}</data>'.encode()


def _refusal(xml: bytes) -> str:
    with pytest.raises(InstanceRejected) as caught:
        read_instance(xml)
    return str(caught.value.message)


def test_form_version_and_metadata_are_read_from_any_namespace() -> None:
    xml = b"""<?xml version='1.0' encoding='UTF-8'?>
    <d:farm xmlns:d="urn:x" xmlns:o="http://openrosa.org/xforms" id="sample" version="1">
      <!-- a comment --><papers> yes </papers>
      <o:meta>
        <o:instanceID>uuid:2</o:instanceID><o:deprecatedID>uuid:1</o:deprecatedID>
        <o:instanceName>Farm</o:instanceName><o:deviceID>collect:A</o:deviceID>
        <o:timeStart>2026-11-03T08:00:00.000-05:00</o:timeStart><o:timeEnd>soon</o:timeEnd>
      </o:meta>
    </d:farm>"""

    instance = read_instance(xml)

    assert (instance.form_id, instance.version) == ("sample", "1")
    assert (instance.instance_id, instance.deprecated_id) == ("uuid:2", "uuid:1")
    assert (instance.instance_name, instance.device_id) == ("Farm", "collect:A")
    assert instance.started_at == datetime(
        2026, 11, 3, 8, tzinfo=timezone(timedelta(hours=-5))
    )
    assert instance.ended_at is None
    assert nodes_at(instance.root, "/whatever/papers") == (Node("papers", "yes"),)


def test_the_namespace_of_the_root_stands_in_for_an_id() -> None:
    instance = read_instance(
        b'<data xmlns="https://example.org/form" instanceID="uuid:7"/>'
    )

    assert instance.form_id == "https://example.org/form"
    assert (instance.version, instance.instance_id) == ("", "uuid:7")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_utf_8_and_utf_16_are_read(encoding: str) -> None:
    xml = _record("<papers>sí</papers>").decode().encode(encoding)

    instance = read_instance(xml)

    assert nodes_at(instance.root, "/data/papers")[0].text == "sí"


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "not well-formed"),
        (b"{}", "not well-formed"),
        (b"<data id='sample'>", "not well-formed"),
        (b"<a/><b/>", "not well-formed"),
        (_record("<x>&b;</x>"), "not well-formed"),
        (b"<!DOCTYPE data>" + _record(), "document type"),
        (
            b'<!DOCTYPE d [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
            + _record("<x>&b;</x>"),
            "document type",
        ),
        (b"<?xml version='1.0' encoding='latin-1'?>" + _record(), "UTF-8 or UTF-16"),
        (b"\xff\xff" + _record(), "UTF-8 or UTF-16"),
        (_record("<x>\x00</x>"), "NUL"),
        (_record("<x>&#0;</x>"), "not well-formed"),
        (_record(meta=""), "no instanceID"),
        (_record(meta="<meta><instanceID/></meta>"), "no instanceID"),
        (f"<data>{META}</data>".encode(), "of which checklist"),
        (b"<html><body>Sign in to the network</body></html>", "of which checklist"),
        (_record(meta=META.replace("uuid:1", "u" * 250)), "too long"),
        (
            b"<data " + b" ".join(b'a%d="1"' % n for n in range(65)) + b"/>",
            "attributes",
        ),
        (b" " * (XML_BYTES + 1), "bytes"),
    ],
)
def test_what_is_no_record_is_refused(xml: bytes, message: str) -> None:
    assert message in _refusal(xml)


def test_a_billion_laughs_stops_at_the_document_type() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    xml = f'<!DOCTYPE d [<!ENTITY l0 "lol">{levels}]>'.encode() + _record("&l11;")

    assert "document type" in _refusal(xml)


def test_depth_is_bounded() -> None:
    allowed = XML_DEPTH - 1
    at_most = _record("<x>" * allowed + "</x>" * allowed)
    too_deep = _record("<x>" * (allowed + 1) + "</x>" * (allowed + 1))

    assert read_instance(at_most).form_id == "sample"
    assert "deep" in _refusal(too_deep)


def test_elements_are_counted_before_the_end_is_read() -> None:
    # Never closed: only a reader that stops in time finds the count, not the syntax.
    endless = b'<data id="sample">' + b"<x/>" * 200_000

    assert "more than 50000 elements" in _refusal(endless)
    assert XML_ELEMENTS == 50_000


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(InstanceRejected, match="Send the record again"):
        read_instance(b"<html/>")


def test_attachments_are_what_binary_questions_name() -> None:
    instance = read_instance(_record("<photo>1.jpg</photo><papers>2.jpg</papers>"))

    assert expected_attachments(sample_schema(), instance) == ("1.jpg",)


def test_a_blank_photo_names_no_attachment() -> None:
    instance = read_instance(_record("<photo/>"))

    assert expected_attachments(sample_schema(), instance) == ()


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-13-01T00:00:00Z"])
def test_a_moment_that_cannot_be_read_is_none(text: str | None) -> None:
    assert instant(text) is None
