"""`docs/rules.md` is the book, printed."""

from pathlib import Path

from rules.book_printing import printed
from rules.reading import read_book
from tests.unit.rules.small_books import FILES, rule_file, write_book

DOCUMENT = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_document_is_what_the_book_says() -> None:
    book = read_book()

    is_in_step = DOCUMENT.read_text(encoding="utf-8") == printed(book)

    assert is_in_step, "Write it anew: atalaya rules print --output docs/rules.md"


def test_every_rule_is_on_the_page_once() -> None:
    book = read_book()

    page = printed(book)

    assert [rule.id for rule in book.rules if page.count(f"- `{rule.id}`, ") != 1] == []


def test_a_rule_is_told_with_what_it_asks_and_what_it_stands_on(tmp_path: Path) -> None:
    files = {
        **FILES,
        **rule_file(
            "documents_held",
            extra=(
                "note: {en: Why it is so., es: Por qué es así.}\n"
                "applies_when: exit_from_housing = free\n"
                "countries: [CO]\n"
                "commodities: [palm_oil]\n"
                "site_kinds: [mill]\n"
                "status: shadow\n"
            ),
        ),
    }
    with_scope = files["forced_labour/tested.yaml"] + (
        "  - {why: d, country: CO, day: 2024-05-01, verdict: not_applicable}\n"
    )

    page = printed(
        read_book(write_book(tmp_path, {"forced_labour/tested.yaml": with_scope}))
    )

    assert page.endswith(
        "\n## Forced labour\n"
        "\n"
        "### Tested\n"
        "\n"
        "- `forced_labour.tested`, major, since 1 January 2000, counts in no grade\n"
        "- Only these countries: Colombia\n"
        "- Only these commodities: palm oil\n"
        "- Only these kinds of site: mill\n"
        "- Applies when: leaving the housing: free\n"
        "- Not in conformity when: documents are held by the employer\n"
        "- Cites: ILO C138, 1\n"
        "- First: Put it right.\n"
        "- Note: Why it is so.\n"
    )
