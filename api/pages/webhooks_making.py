"""Making a receiver of alerts, changing what it is told, and another secret for it."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.pages.forms import Code, FieldWrong, Form, form_of, go_to, sent
from api.pages.invitations import Language
from api.pages.options import codes_told
from api.pages.rendering import LANGUAGE_NAMES, language_of, page
from api.pages.shown_once import Secret, told_once
from api.pages.written import mail_address
from api.routing import feature_router
from compliance.alerts import receivers, replaying
from compliance.alerts.addresses import REMEDY, WebhookAddressRefused, networks_of
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import Channel
from compliance.alerts.receivers import MadeReceiver
from compliance.alerts.telling import TITLES
from compliance.idempotency import Answer
from compliance.identity.models import Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

ADDRESS_CHARACTERS = 500
EVENTS = tuple(one for one in AlertEvent if one is not AlertEvent.TEST)

webhooks_making = feature_router("/webhooks", "pages")


@webhooks_making.get("/new", include_in_schema=False)
async def ask_where(request: Request) -> Response:
    """Show the form for a receiver."""
    return await _new_page(request, Form())


async def _new_page(request: Request, form: Form) -> Response:
    def work(_session: Session, scope: Scope) -> Response:
        scope.require(Permission.MANAGE_ALERTS)
        return _form_page(request, scope, form, None)

    return await hop.read(request, work)


def _form_page(
    request: Request, scope: Scope, form: Form, receiver: str | None
) -> Response:
    language = language_of(request, scope)
    return page(
        request,
        "webhook_form.html",
        scope=scope,
        status=form.status,
        form=form,
        receiver=receiver,
        kinds=codes_told((Channel.WEBHOOK, Channel.MAIL), language),
        roles=codes_told(Role, language),
        events=tuple((one.value, translate(TITLES[one], language)) for one in EVENTS),
        languages_known=tuple((one, LANGUAGE_NAMES[one]) for one in Language),
    )


@webhooks_making.post("", include_in_schema=False)
async def make(request: Request) -> Response:
    """Let alerts be sent to a mail box or a program; a secret is shown once."""
    form = await form_of(request)
    service = hop.service_of(request)
    networks = networks_of(service.settings.webhook_networks)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.MANAGE_ALERTS)
        kind = form.choice("kind", Channel)
        try:
            made = receivers.make_receiver(
                session,
                scope,
                keyring_of(service),
                networks,
                kind=kind,
                address=_address(form, kind),
                language=form.choice("language", Language),
                events=_marked(form, "events", AlertEvent),
                roles=_marked(form, "roles", Role),
            )
        except WebhookAddressRefused as problem:
            language = language_of(request, scope)
            remedy = translate(REMEDY, language)
            told = translate(problem.detail, language, remedy=remedy)
            raise FieldWrong("address", told) from None
        if made.secret is None:
            return go_to(f"/webhooks/{made.receiver.public_id}")
        return _shown(request, scope, made, N_("The webhook is made"))

    return await sent(request, form, work, lambda one: _new_page(request, one))


def _address(form: Form, kind: Channel) -> str:
    if kind is Channel.MAIL:
        return mail_address(form, "address")
    written = form.required("address").strip()
    if len(written) > ADDRESS_CHARACTERS:
        raise FieldWrong("address", N_("Write one line, and not so long a one."))
    return written


def _marked(form: Form, name: str, among: type[Code]) -> list[Code]:
    try:
        return [among(one) for one in form.all(name)]
    except ValueError:
        raise FieldWrong(name, N_("Choose one of the list.")) from None


def _shown(
    request: Request, scope: Scope, made: MadeReceiver, title: str
) -> hop.SecretAnswer:
    """Return the page with the secret of a webhook."""
    return told_once(
        request,
        scope,
        Secret(
            title=title,
            label=N_("The secret of the signature"),
            text=made.secret or "",
            advice=N_(
                "Your program checks with it that a message is from here and was not "
                "changed on its way. Put it where your program keeps its secrets; how "
                "the check is written stands on the page of the webhook."
            ),
            back=f"/webhooks/{made.receiver.public_id}",
            back_label=N_("To the webhook"),
            note=N_(
                "After a change both secrets sign for a day: a program that knows either "
                "goes on working."
            ),
        ),
    )


@webhooks_making.get("/{receiver}/edit", include_in_schema=False)
async def ask_for_change(request: Request, receiver: str) -> Response:
    """Show the form for what a receiver is told."""
    return await _edit_page(request, receiver, None)


async def _edit_page(request: Request, receiver: str, form: Form | None) -> Response:
    def work(session: Session, scope: Scope) -> Response:
        known = receivers.receiver(session, scope, receiver)
        shown = form or Form(
            {"language": known.language},
            {"events": tuple(known.events), "roles": tuple(known.roles)},
        )
        return _form_page(request, scope, shown, receiver)

    return await hop.read(request, work)


@webhooks_making.post("/{receiver}/edit", include_in_schema=False)
async def change(request: Request, receiver: str) -> Response:
    """Change which events and roles a receiver is told of."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        receivers.receiver(session, scope, receiver)
        receivers.change_receiver(
            session,
            scope,
            receiver,
            language=form.choice("language", Language),
            events=_marked(form, "events", AlertEvent),
            roles=_marked(form, "roles", Role),
        )
        return go_to(f"/webhooks/{receiver}")

    return await sent(request, form, work, _again(request, receiver))


@webhooks_making.post("/{receiver}/secret", include_in_schema=False)
async def rotate(request: Request, receiver: str) -> Response:
    """Give a webhook another secret, shown once."""
    form = await form_of(request)
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        made = replaying.rotate_secret(session, scope, keyring_of(service), receiver)
        return _shown(request, scope, made, N_("The webhook has another secret"))

    return await hop.write(request, work, key=form.value("once") or None)


def _again(request: Request, receiver: str) -> Callable[[Form], Awaitable[Response]]:
    return lambda form: _edit_page(request, receiver, form)
