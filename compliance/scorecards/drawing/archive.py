"""What makes the file an archive: metadata, colour profile, attachment and identity."""

import functools
import hashlib
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from compliance.scorecards.drawing.raw import ArchivalDocument, literal, stream, text

# The profile that Little CMS makes for sRGB ("No copyright, use freely"), with a fixed
# date in its head, because the library writes the day on which it was asked.
PROFILE = Path(__file__).parent / "srgb.icc"
CREATOR = "Atalaya"
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{instant}</xmp:CreateDate><xmp:ModifyDate>{instant}</xmp:ModifyDate><xmp:MetadataDate>{instant}</xmp:MetadataDate>
<xmp:CreatorTool>{creator}</xmp:CreatorTool><pdf:Producer>{creator}</pdf:Producer>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of PDF/UA that the file follows</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def describe(
    document: ArchivalDocument,
    *,
    title: str,
    author: str,
    subject: str,
    language: str,
    instant: datetime,
    content: bytes,
) -> None:
    """Write title, dates and identity alike into Info, XMP and /ID.

    The identity follows from the attached content and the language, so the same card
    gives the same bytes, and another card other ones.
    """
    stamp = literal(instant.strftime("D:%Y%m%d%H%M%S+00'00'"))
    info = b"<</Title%b/Author%b/Subject%b/Creator%b/Producer%b/CreationDate%b" % (
        text(title),
        text(author),
        text(subject),
        literal(CREATOR),
        literal(CREATOR),
        stamp,
    )
    digest = hashlib.sha256(content + language.encode()).hexdigest()[:32].upper()
    document.set_identity(digest.encode(), info + b"/ModDate%b>>" % stamp)
    xmp = XMP.format(
        title=escape(title),
        author=escape(author),
        subject=escape(subject),
        language=language,
        instant=instant.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        creator=CREATOR,
    )
    _, metadata = document.add(
        stream(xmp.encode(), b"/Type/Metadata/Subtype/XML", level=0)
    )
    catalog = document.Catalog
    catalog.Metadata = document.reference(metadata)
    catalog.Lang = literal(language)
    catalog.MarkInfo = b"<</Marked true>>"
    catalog.ViewerPreferences = b"<</DisplayDocTitle true>>"
    profile, _ = document.add(_profile())
    catalog.OutputIntents = (
        b"[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
        b"/Info(sRGB IEC61966-2.1)/DestOutputProfile %d 0 R>>]" % profile
    )


@functools.cache
def _profile() -> bytes:
    return stream(PROFILE.read_bytes(), b"/N 3")


def attach(
    document: ArchivalDocument,
    *,
    name: str,
    content: bytes,
    description: str,
    instant: datetime,
) -> None:
    """Carry the JSON that the pages tell, as the source of the document."""
    stamp = literal(instant.strftime("D:%Y%m%d%H%M%S+00'00'"))
    checksum = hashlib.md5(content, usedforsecurity=False).hexdigest().encode()
    file, _ = document.add(
        stream(
            content,
            b"/Type/EmbeddedFile/Subtype/application#2Fjson"
            b"/Params<</Size %d/ModDate%b/CheckSum<%b>>>"
            % (len(content), stamp, checksum),
        )
    )
    specification, _ = document.add(
        b"<</Type/Filespec/F%b/UF%b/Desc%b/AFRelationship/Source/EF<</F %d 0 R/UF %d 0 R>>>>"
        % (literal(name), text(name), text(description), file, file)
    )
    catalog = document.Catalog
    catalog.AF = b"[%d 0 R]" % specification
    catalog.Names = b"<</EmbeddedFiles<</Names[%b %d 0 R]>>>>" % (
        literal(name),
        specification,
    )
