"""The command line: `atalaya serve | demo | assess | law | facts | rules` and more."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from api import rescoring_commands, rules_commands
from api.app import create_app
from api.assessing import assess
from api.checklist_review import add_checklist_options, check_checklist
from api.contract import contract_yaml
from api.demonstration.command import demonstrate
from api.draws_commands import add_draws_commands
from api.evidence_commands import add_evidence_commands
from api.identity_commands import add_identity_commands
from api.imports_command import add_import_options, import_list
from api.issuer_commands import add_issuer_commands
from api.migrating import migrate
from api.permissions_command import add_permissions_options, permissions
from api.policies_commands import add_policies_commands
from api.public_lists_commands import add_public_lists_commands
from api.serving import serve
from api.telling_law import add_facts_options, add_law_options, facts, law
from api.trail_commands import add_trail_commands
from api.working import add_worker_options, worker
from compliance.database import open_database
from compliance.problems import Problem
from compliance.settings import Settings, SettingsRejected, read_settings
from compliance.texts import LANGUAGES, N_, choose_language, translate
from rules import BookRejected, check_examples, read_book, unused_facts
from rules.book_printing import printed

FAILED, MISUSED = 1, 2

DESCRIPTION = N_(
    "Atalaya audits the social compliance of palm-oil and coffee supply chains: from "
    "a farm visit to a scorecard, with the law behind every verdict."
)
MIGRATED = N_("The database went from {before} to {after}.")
UP_TO_DATE = N_("The database is up to date ({after}).")
NOTHING = N_("nothing")
BOOK_CLEAN = N_(
    "The book is clean: edition {edition}, {rules} rules, {parameters} legal "
    "parameters, {facts} facts.\nsha256 {sha256}"
)
FACTS_UNREAD = N_("No rule reads {count} of the facts: {facts}.")
MISTAKES_FOUND = N_(
    "{count} mistakes. Nothing of this book is used until they are mended."
)
CONTRACT_DIFFERS = N_(
    "{path} is not what the application says. Write it anew with: atalaya openapi "
    "--output {path}"
)
STOPPED = N_("Stopped. What was acknowledged is kept.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 misused."""
    language = language_of_environment()
    parsed = parser(language).parse_args(arguments)
    run: Callable[[argparse.Namespace, str], int] = parsed.run
    try:
        return run(parsed, parsed.language or language)
    except Problem as problem:
        say_error(problem.told(parsed.language or language))
        return FAILED
    except SettingsRejected as rejected:
        say_error(str(rejected))
        return MISUSED
    except KeyboardInterrupt:
        say_error(translate(STOPPED, parsed.language or language))
        return 130


def language_of_environment() -> str:
    """Return the language of the terminal, English where it is none of ours."""
    return choose_language(os.environ.get("LC_ALL") or os.environ.get("LANG"))


def say(text: str) -> None:
    """Write a line to the standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_error(text: str) -> None:
    """Write a line to the standard error."""
    sys.stderr.write(text + "\n")


def parser(language: str) -> argparse.ArgumentParser:
    """Return the parser; its help is in `language`."""

    def told(message: str) -> str:
        return translate(message, language).replace("%", "%%")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--language",
        choices=LANGUAGES,
        help=told(N_("the language of what is printed")),
    )
    stored = argparse.ArgumentParser(add_help=False)
    stored.add_argument(
        "--data",
        type=Path,
        metavar=told(N_("DIR")),
        help=told(N_("the folder of the database and the files (default: var)")),
    )

    root = argparse.ArgumentParser(prog="atalaya", description=told(DESCRIPTION))
    commands = root.add_subparsers(required=True, metavar=told(N_("COMMAND")))

    def command(
        name: str,
        summary: str,
        run: Callable[[argparse.Namespace, str], int],
        *parents: argparse.ArgumentParser,
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=told(summary),
            description=told(summary),
            parents=[common, *parents],
        )
        added.set_defaults(run=run)
        return added

    serving = command("serve", N_("Serve the product over HTTP."), _serve, stored)
    _add_address(serving, told)
    _add_demo(
        command(
            "demo",
            N_("Load an invented supply chain and serve it."),
            _demo,
            stored,
        ),
        told,
    )
    add_worker_options(
        command("worker", N_("Do background work beside servers."), worker, stored),
        told,
    )
    command("migrate", N_("Bring the database to the newest shape."), _migrate, stored)
    add_import_options(
        command(
            "import",
            N_("Register a list of sites: a row-by-row report, then all or nothing."),
            import_list,
            stored,
        ),
        told,
    )
    _add_assess(
        command(
            "assess",
            N_("Assess one visit from a file and explain every verdict."),
            assess,
        ),
        told,
    )
    add_law_options(
        command("law", N_("Tell the law of a country on a day, with sources."), law),
        told,
    )
    add_facts_options(
        command("facts", N_("Tell every fact the rules ask for, and which."), facts),
        told,
    )
    add_permissions_options(
        command(
            "permissions", N_("Print who may do what, to whose things."), permissions
        ),
        told,
    )
    _add_rules(commands, common, stored, told)
    rescoring_commands.add_rescore_options(
        command(
            "rescore",
            N_("Score every shard of facts by an edition, beside what is stored."),
            rescoring_commands.rescore_all,
            stored,
        ),
        told,
    )
    _add_shards(commands, [common, stored], told)
    _add_checklists(commands, common, told)
    add_identity_commands(commands, (common, stored), told)
    add_draws_commands(commands, (common,), told)
    add_policies_commands(commands, (common, stored), told)
    add_public_lists_commands(commands, (common, stored), told)
    add_trail_commands(commands, (common, stored), told)
    add_evidence_commands(commands, (common, stored), told)
    add_issuer_commands(commands, (common, stored), told)
    contract = command(
        "openapi", N_("Print the contract of the API (OpenAPI 3.1)."), _openapi
    )
    contract.add_argument(
        "--output", type=Path, help=told(N_("write it to this file instead"))
    )
    contract.add_argument(
        "--check", type=Path, help=told(N_("fail unless this file holds the contract"))
    )
    return root


def _add_address(serving: argparse.ArgumentParser, told: Callable[[str], str]) -> None:
    serving.add_argument("--host", help=told(N_("the address to listen on")))
    serving.add_argument("--port", type=int, help=told(N_("the port to listen on")))


def _add_demo(demo: argparse.ArgumentParser, told: Callable[[str], str]) -> None:
    _add_address(demo, told)
    demo.add_argument(
        "--no-serve",
        action="store_true",
        help=told(N_("end when the demonstration is loaded")),
    )


def _add_assess(assessing: argparse.ArgumentParser, told: Callable[[str], str]) -> None:
    assessing.add_argument(
        "file",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("an answers document (JSON) or a filled checklist (XForm XML)")),
    )
    assessing.add_argument(
        "--country", help=told(N_("where the visit was, such as CO"))
    )
    assessing.add_argument("--commodity", help=told(N_("coffee or palm_oil")))
    assessing.add_argument("--site-kind", help=told(N_("producer or mill")))
    assessing.add_argument("--day", help=told(N_("the day of the facts, YYYY-MM-DD")))
    assessing.add_argument(
        "--checklist",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the workbook a filled checklist was made from")),
    )
    assessing.add_argument(
        "--json", action="store_true", help=told(N_("print the verdicts as JSON"))
    )


def _add_rules(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    stored: argparse.ArgumentParser,
    told: Callable[[str], str],
) -> None:
    summary = N_("Look after the rule book.")
    rules = commands.add_parser("rules", help=told(summary), description=told(summary))
    actions = rules.add_subparsers(required=True, metavar=told(N_("COMMAND")))
    checking = N_("Read the whole book and say what is wrong with it, or its hash.")
    check = actions.add_parser(
        "check", help=told(checking), description=told(checking), parents=[common]
    )
    check.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar=told(N_("FOLDER")),
        help=told(N_("the book to read (default: the one in force)")),
    )
    check.set_defaults(run=_check_rules)
    printing = N_("Print the whole book as a page to read (Markdown, English).")
    page = actions.add_parser(
        "print", help=told(printing), description=told(printing), parents=[common]
    )
    page.add_argument(
        "--output", type=Path, help=told(N_("write it to this file instead"))
    )
    page.set_defaults(run=_print_rules)
    comparing = N_(
        "Tell how two editions differ, and which verdicts of kept audits would turn."
    )
    diff = actions.add_parser(
        "diff",
        help=told(comparing),
        description=told(comparing),
        parents=[common, stored],
    )
    rules_commands.add_diff_options(diff, told)
    diff.set_defaults(run=rules_commands.diff)
    publishing = N_("Let a book be in force, in every process that uses the database.")
    publish = actions.add_parser(
        "publish",
        help=told(publishing),
        description=told(publishing),
        parents=[common, stored],
    )
    rules_commands.add_publish_options(publish, told)
    publish.set_defaults(run=rules_commands.publish)


def _add_shards(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    summary = N_("Look after the shards of facts that editions are scored over.")
    shards = commands.add_parser(
        "shards", help=told(summary), description=told(summary)
    )
    actions = shards.add_subparsers(required=True, metavar=told(N_("COMMAND")))
    rebuilding = N_("Project the facts of every final audit to shards anew.")
    rebuild = actions.add_parser(
        "rebuild",
        help=told(rebuilding),
        description=told(rebuilding),
        parents=list(parents),
    )
    rescoring_commands.add_rebuild_options(rebuild, told)
    rebuild.set_defaults(run=rescoring_commands.rebuild_shards)


def _add_checklists(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    told: Callable[[str], str],
) -> None:
    summary = N_("Look after checklists.")
    checklists = commands.add_parser(
        "checklists", help=told(summary), description=told(summary)
    )
    actions = checklists.add_subparsers(required=True, metavar=told(N_("COMMAND")))
    checking = N_("Say what is wrong with a workbook, or which rules it can decide.")
    check = actions.add_parser(
        "check", help=told(checking), description=told(checking), parents=[common]
    )
    add_checklist_options(check, told)
    check.set_defaults(run=check_checklist)


def _settings(parsed: argparse.Namespace) -> Settings:
    return read_settings(
        data=parsed.data,
        host=getattr(parsed, "host", None),
        port=getattr(parsed, "port", None),
    )


def _serve(parsed: argparse.Namespace, language: str) -> int:
    _migrate(parsed, language)
    serve(_settings(parsed))
    return 0


def _demo(parsed: argparse.Namespace, language: str) -> int:
    return demonstrate(_settings(parsed), language, serves=not parsed.no_serve)


def _migrate(parsed: argparse.Namespace, language: str) -> int:
    settings = _settings(parsed)
    settings.data.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.resolved_database_url)
    before, after = migrate(database)
    database.close()
    if before == after:
        say(translate(UP_TO_DATE, language, after=after))
    else:
        nothing = translate(NOTHING, language)
        say(translate(MIGRATED, language, before=before or nothing, after=after))
    return 0


def _check_rules(parsed: argparse.Namespace, language: str) -> int:
    try:
        book = read_book(parsed.folder)
        mistakes = check_examples(book)
        if mistakes:
            raise BookRejected(mistakes)  # noqa: TRY301 - told like any other mistake
    except BookRejected as rejected:
        for mistake in rejected.mistakes:
            say_error(mistake.told())
        count = len(rejected.mistakes)
        say_error(translate(MISTAKES_FOUND, language, count=count))
        return FAILED
    say(
        translate(
            BOOK_CLEAN,
            language,
            edition=book.edition,
            rules=len(book.rules),
            parameters=len(book.parameters),
            facts=len(book.vocabulary.facts),
            sha256=book.sha256,
        )
    )
    unread = unused_facts(book)
    if unread:
        told = ", ".join(unread)
        say(translate(FACTS_UNREAD, language, count=len(unread), facts=told))
    return 0


def _print_rules(parsed: argparse.Namespace, _language: str) -> int:
    text = printed(read_book())
    if parsed.output is not None:
        parsed.output.write_text(text, encoding="utf-8")
        return 0
    sys.stdout.write(text)
    return 0


def _openapi(parsed: argparse.Namespace, language: str) -> int:
    text = contract_yaml(create_app(read_settings()))
    if parsed.check is not None:
        if parsed.check.read_text(encoding="utf-8") == text:
            return 0
        say_error(translate(CONTRACT_DIFFERS, language, path=parsed.check))
        return FAILED
    if parsed.output is not None:
        parsed.output.write_text(text, encoding="utf-8")
        return 0
    sys.stdout.write(text)
    return 0
