"""The two lists of OpenRosa as XML: forms to fill in, and what travels beside one."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape

from audits.fieldwork.carried import CarriedList, FormToFill

LIST_NAMESPACE = "http://openrosa.org/xforms/xformsList"
MANIFEST_NAMESPACE = "http://openrosa.org/xforms/xformsManifest"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def form_list_document(forms: Sequence[FormToFill], base: str) -> bytes:
    """Return the list of forms as devices read it; nothing in an entry is empty.

    `base` is the address that this device's addresses begin with.
    """
    entries = "".join(_element("xform", _form(form, base)) for form in forms)
    return _document("xforms", LIST_NAMESPACE, entries)


def manifest_document(
    version_id: str, lists: Sequence[CarriedList], base: str
) -> bytes:
    """Return the list of files beside a version (public id), each with its hash."""
    entries = "".join(
        _element("mediaFile", _file(version_id, one, base)) for one in lists
    )
    return _document("manifest", MANIFEST_NAMESPACE, entries)


def _form(form: FormToFill, base: str) -> Mapping[str, str]:
    version = form.version
    address = f"{base}/forms/{quote(version.public_id)}"
    told = {
        "formID": version.form_id,
        "name": version.title or version.form_id,
        "version": version.version,
        "hash": f"md5:{version.xform_md5}",
        "downloadUrl": f"{address}.xml",
    }
    return {**told, "manifestUrl": f"{address}/manifest"} if form.has_lists else told


def _file(version_id: str, one: CarriedList, base: str) -> Mapping[str, str]:
    return {
        "filename": one.name,
        "hash": f"md5:{one.md5}",
        "downloadUrl": f"{base}/forms/{quote(version_id)}/media/{quote(one.name)}",
    }


def _element(tag: str, members: Mapping[str, str]) -> str:
    inside = "".join(
        f"<{name}>{escape(text)}</{name}>" for name, text in members.items()
    )
    return f"<{tag}>{inside}</{tag}>"


def _document(root: str, namespace: str, entries: str) -> bytes:
    return f'{DECLARATION}<{root} xmlns="{namespace}">{entries}</{root}>'.encode()
