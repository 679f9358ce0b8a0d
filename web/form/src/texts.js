// Every text of the web form in both languages; a test finds each complete and used.

import { ref } from "vue";

export const LANGUAGES = { en: "English", es: "Español" };
export const language = ref("en");

export const TEXTS = {
  app: { en: "Visits offline", es: "Visitas sin red" },
  skip: { en: "Skip to the content", es: "Ir al contenido" },
  language: { en: "Language", es: "Idioma" },
  online: { en: "online", es: "con red" },
  offline: { en: "offline", es: "sin red" },
  lock: { en: "Lock", es: "Bloquear" },
  wait: { en: "One moment …", es: "Un momento …" },

  choose_pin: { en: "Choose a PIN for this device", es: "Elija un PIN para este equipo" },
  choose_pin_why: {
    en: "What you write here is locked with it, also without a network. Nobody can tell it to you again: if you forget it, drafts on this device are lost. What you finish is sealed for the server and needs no PIN.",
    es: "Lo que escriba aquí se cierra con él, también sin red. Nadie se lo puede recordar: si lo olvida, se pierden los borradores de este equipo. Lo que termine se sella para el servidor y no necesita PIN.",
  },
  pin: { en: "PIN", es: "PIN" },
  pin_again: { en: "The PIN again", es: "El PIN otra vez" },
  pin_advice: {
    en: "At least {least} characters; letters and spaces are allowed. Six digits stop whoever finds the laptop; a short sentence stops somebody with time and machines too.",
    es: "Por lo menos {least} caracteres; valen letras y espacios. Seis cifras detienen a quien encuentre el equipo; una frase corta detiene también a quien tenga tiempo y máquinas.",
  },
  pin_short: { en: "The PIN needs at least {least} characters.", es: "El PIN necesita por lo menos {least} caracteres." },
  pin_differs: { en: "The two are not the same.", es: "Los dos no son iguales." },
  pin_wrong: { en: "This PIN does not open what is on this device.", es: "Este PIN no abre lo que hay en este equipo." },
  pin_set: { en: "Set the PIN", es: "Fijar el PIN" },
  unlock_title: { en: "Locked", es: "Bloqueado" },
  unlock_why: { en: "Your drafts on this device open with your PIN.", es: "Sus borradores en este equipo se abren con su PIN." },
  unlock: { en: "Open", es: "Abrir" },
  locked_idle: { en: "Locked because nobody touched it for {minutes} minutes. Your draft is kept.", es: "Se bloqueó porque nadie lo tocó por {minutes} minutos. Su borrador está guardado." },
  pin_forgotten: { en: "I forgot the PIN", es: "Olvidé el PIN" },
  forget_why: {
    en: "Drafts and checklists on this device will be erased for good. What is finished stays and can still be sent.",
    es: "Se borrarán para siempre los borradores y las listas de este equipo. Lo terminado se queda y todavía se puede enviar.",
  },
  forget: { en: "Erase drafts and begin anew", es: "Borrar los borradores y empezar de nuevo" },
  keep: { en: "Keep them", es: "Conservarlos" },

  begin_title: { en: "What can be filled", es: "Lo que se puede llenar" },
  none_here: { en: "No checklist is on this device yet. Fetch one while there is a network.", es: "Todavía no hay listas en este equipo. Traiga una mientras haya red." },
  fetch: { en: "Fetch", es: "Traer" },
  fetch_again: { en: "Fetch again", es: "Traer otra vez" },
  fetching: { en: "Fetching …", es: "Trayendo …" },
  begin: { en: "Begin a visit", es: "Empezar una visita" },
  on_device: { en: "On this device, fetched {day}", es: "En este equipo, del {day}" },
  newer: { en: "A newer version is there: fetch it before you go.", es: "Hay una versión más nueva: tráigala antes de salir." },
  not_on_device: { en: "Not on this device", es: "No está en este equipo" },
  for_sites: { en: "With {count} sites and the rules of edition {edition}", es: "Con {count} sitios y las reglas de la edición {edition}" },
  more_sites: { en: "only the first of your sites; type the number of others by hand", es: "sólo los primeros de sus sitios; escriba a mano el número de los otros" },
  drafts_title: { en: "Drafts", es: "Borradores" },
  no_drafts: { en: "No drafts.", es: "No hay borradores." },
  no_site_yet: { en: "no site yet", es: "aún sin sitio" },
  changed_at: { en: "Changed {instant}", es: "Cambiado {instant}" },
  go_on: { en: "Go on", es: "Seguir" },
  discard: { en: "Discard", es: "Descartar" },
  discard_sure: { en: "Discard this draft for good?", es: "¿Descartar este borrador para siempre?" },
  discard_yes: { en: "Yes, discard", es: "Sí, descartar" },
  cancel: { en: "Cancel", es: "Cancelar" },
  outbox_title: { en: "Finished, not sent yet", es: "Terminado, sin enviar" },
  unsent: { en: "{count} unsent", es: "{count} sin enviar" },
  outbox_empty: { en: "Nothing waits to be sent.", es: "Nada espera ser enviado." },
  send_now: { en: "Send now", es: "Enviar ahora" },
  sending: { en: "Sending …", es: "Enviando …" },
  finished_at: { en: "Finished {instant}", es: "Terminado {instant}" },
  sealed_record: { en: "Sealed record", es: "Registro sellado" },
  with_files: { en: "{count} files", es: "{count} archivos" },
  sent_title: { en: "Sent from this device", es: "Enviado desde este equipo" },
  sent_at: { en: "Arrived {instant}", es: "Llegó {instant}" },
  waits_network: { en: "Waits for a network; it is sent by itself.", es: "Espera la red; se envía sin que haga nada." },
  waits_sign_in: { en: "You are signed out. Sign in, and it is sent.", es: "Su sesión terminó. Entre, y se envía." },
  waits_person: { en: "Finished by somebody else on this device: that person must sign in to send it.", es: "Lo terminó otra persona en este equipo: ella debe entrar para enviarlo." },
  waits_server: { en: "The server could not take it now; it is tried again.", es: "El servidor no pudo recibirlo ahora; se intenta de nuevo." },
  refused: { en: "The server refused it: {detail}", es: "El servidor lo rechazó: {detail}" },
  sign_in: { en: "Sign in", es: "Entrar" },
  storage_refused: {
    en: "This browser may clear what is kept here when its disk is full. Send finished visits soon, and bookmark or install this page so that it is kept.",
    es: "Este navegador puede borrar lo guardado aquí si se llena el disco. Envíe pronto lo terminado, y guarde esta página en marcadores o instálela para que lo conserve.",
  },
  storage_full: { en: "This device has no room left: nothing more can be saved. Send what is finished, or make room.", es: "Este equipo no tiene espacio: no se puede guardar más. Envíe lo terminado o libere espacio." },
  not_saved: { en: "Not saved: {reason}", es: "Sin guardar: {reason}" },
  update_ready: { en: "A newer web form is ready.", es: "Hay un formulario más nuevo." },
  update: { en: "Use it now", es: "Usarlo ahora" },
  cannot_fetch: { en: "It could not be fetched. Is there a network, and are you signed in?", es: "No se pudo traer. ¿Hay red y su sesión está abierta?" },
  form_broken: { en: "This checklist cannot be opened here: {reason}", es: "Esta lista no se puede abrir aquí: {reason}" },
  not_this_device: { en: "This browser cannot keep work safely: it needs a secure address (https) and storage.", es: "Este navegador no puede guardar el trabajo con seguridad: necesita una dirección segura (https) y almacenamiento." },

  back: { en: "Back", es: "Atrás" },
  next: { en: "Next", es: "Siguiente" },
  section_of: { en: "Section {number} of {count}", es: "Sección {number} de {count}" },
  sections: { en: "Sections", es: "Secciones" },
  check: { en: "Look it over", es: "Revisar" },
  leave: { en: "All visits", es: "Todas las visitas" },
  saved_at: { en: "Saved {time}", es: "Guardado {time}" },
  saving: { en: "Saving …", es: "Guardando …" },
  required: { en: "needed", es: "hace falta" },
  other_tab: { en: "This draft is open in another tab. Go on there, or close that tab first.", es: "Este borrador está abierto en otra pestaña. Siga allá o cierre primero esa pestaña." },
  answer_needed: { en: "An answer is needed.", es: "Hace falta una respuesta." },
  answer_wrong: { en: "This answer cannot be right.", es: "Esta respuesta no puede ser." },
  number_wrong: { en: "Write a number.", es: "Escriba un número." },
  faults_here: { en: "{count} answers on this page need attention.", es: "{count} respuestas de esta página piden atención." },
  clear: { en: "Clear the answer", es: "Quitar la respuesta" },
  site_known: { en: "{name} · {place}", es: "{name} · {place}" },
  site_choose: { en: "Choose the site, or write part of its name:", es: "Elija el sitio o escriba parte del nombre:" },
  site_search: { en: "{count} sites are on this device: write part of the name.", es: "Hay {count} sitios en este equipo: escriba parte del nombre." },
  site_unknown: { en: "No site on this device has this name or number.", es: "Ningún sitio de este equipo tiene ese nombre o número." },
  take_place: { en: "Take the position", es: "Tomar la ubicación" },
  taking_place: { en: "Waiting for a better position: ±{metres} m so far", es: "Esperando mejor ubicación: ±{metres} m por ahora" },
  searching_place: { en: "Looking for the position …", es: "Buscando la ubicación …" },
  place_taken: { en: "{latitude}, {longitude} · ±{metres} m", es: "{latitude}, {longitude} · ±{metres} m" },
  place_good_enough: { en: "Keep this one", es: "Quedarse con ésta" },
  place_refused: { en: "This device gives no position. Allow it in the browser, or leave it out and say why.", es: "Este equipo no da su ubicación. Permítalo en el navegador, o déjela vacía y diga por qué." },
  choose_photo: { en: "Take or choose a photo", es: "Tomar o elegir una foto" },
  choose_audio: { en: "Record or choose a sound", es: "Grabar o elegir un audio" },
  choose_video: { en: "Record or choose a film", es: "Grabar o elegir un video" },
  choose_file: { en: "Choose a file", es: "Elegir un archivo" },
  photo_rule: { en: "Never a child, a face or an identity paper.", es: "Nunca un niño, una cara ni un documento de identidad." },
  no_photo_of_children: { en: "Children are not photographed, filmed or recorded here, whatever the checklist says.", es: "Aquí no se toman fotos, videos ni audios de niños, diga lo que diga la lista." },
  file_kept: { en: "{name} · {size}", es: "{name} · {size}" },
  file_too_large: { en: "The file has more than {limit}. Take it smaller, or leave it out.", es: "El archivo pasa de {limit}. Tómelo más pequeño o déjelo fuera." },
  file_gone: { en: "The file {name} is not on this device any more. Take it again.", es: "El archivo {name} ya no está en este equipo. Tómelo otra vez." },
  remove_file: { en: "Remove the file", es: "Quitar el archivo" },
  sign_here: { en: "Sign here with finger, pen or mouse", es: "Firme aquí con el dedo, un lápiz o el ratón" },
  sign_clear: { en: "Sign again", es: "Firmar otra vez" },
  sign_typed: { en: "Or write your name as your signature", es: "O escriba su nombre como firma" },
  sign_use: { en: "Use this name", es: "Usar este nombre" },
  signed: { en: "Signed", es: "Firmado" },
  acknowledged: { en: "I have read this", es: "He leído esto" },
  add_entry: { en: "Add: {label}", es: "Añadir: {label}" },
  remove_entry: { en: "Remove {label} {number}", es: "Quitar {label} {number}" },
  entry: { en: "{label} {number}", es: "{label} {number}" },
  only_phone: { en: "This question can only be answered in the app on a phone.", es: "Esta pregunta sólo se puede responder en la aplicación del teléfono." },

  review_title: { en: "Before you leave", es: "Antes de irse" },
  review_lead: { en: "Worked out on this device, without a network, by the rules of edition {edition}.", es: "Calculado en este equipo, sin red, según las reglas de la edición {edition}." },
  flags_title: { en: "Signs that ask for attention now", es: "Señales que piden atención ya" },
  flags_none: { en: "No red flag in the answers so far.", es: "Ninguna señal de alerta en las respuestas hasta ahora." },
  flag_is: { en: "A red flag is a sign, not a judgement of a person.", es: "Una señal de alerta es una señal, no un juicio sobre una persona." },
  unverified_law: { en: "rests on law that nobody has verified yet", es: "se apoya en una norma que nadie ha verificado aún" },
  disputed_law: { en: "by the strictest reading of a disputed law", es: "según la lectura más estricta de una norma discutida" },
  zero_tolerance: { en: "Zero tolerance", es: "Tolerancia cero" },
  critical: { en: "Critical", es: "Crítico" },
  major: { en: "Major", es: "Mayor" },
  minor: { en: "Minor", es: "Menor" },
  breaks_title: { en: "Other rules that are not met", es: "Otras reglas que no se cumplen" },
  unanswered_title: { en: "Questions that matter and are not answered", es: "Preguntas que importan y están sin responder" },
  unanswered_none: { en: "Every question that would decide a rule is answered.", es: "Toda pregunta que decidiría una regla está respondida." },
  unanswered_more: { en: "and {count} more", es: "y {count} más" },
  settles: { en: "would help to decide {count} rules", es: "ayudaría a decidir {count} reglas" },
  settles_one: { en: "would help to decide one rule", es: "ayudaría a decidir una regla" },
  answer_it: { en: "Answer it", es: "Responderla" },
  undecided: { en: "{count} rules cannot be decided by the answers so far.", es: "{count} reglas no se pueden decidir con las respuestas de ahora." },
  quota_title: { en: "Who was not spoken with", es: "Con quién no se habló" },
  quota_counts: {
    en: "Counted: each group that works here today and was marked, less the groups marked as spoken with. No programme has set a number of interviews here; {workers} workers are listed one by one.",
    es: "Se cuenta: cada grupo marcado que trabaja hoy aquí, menos los grupos marcados como entrevistados. Ningún programa fijó aquí un número de entrevistas; hay {workers} trabajadores listados uno por uno.",
  },
  quota_missing: { en: "Still missing: {groups}", es: "Falta: {groups}" },
  quota_met: { en: "Somebody of each group that is present was spoken with.", es: "Se habló con alguien de cada grupo presente." },
  quota_unknown: { en: "It cannot be counted: the groups that work here were not marked.", es: "No se puede contar: no se marcaron los grupos que trabajan aquí." },
  faults_title: { en: "To put right before you finish", es: "Por corregir antes de terminar" },
  not_judged_no_site: { en: "No site of this device is chosen, so no rule can be weighed here. The server does it on arrival.", es: "No hay un sitio de este equipo elegido; aquí no se puede juzgar ninguna regla. El servidor lo hará al llegar." },
  not_judged_no_day: { en: "The day of the visit is not answered, so no law can be looked up.", es: "Falta el día de la visita; no se sabe qué norma vale." },
  not_judged_no_law: { en: "The law of that place and day is not on this device. Fetch the checklist again when there is a network.", es: "La norma de ese lugar y día no está en este equipo. Traiga otra vez la lista cuando haya red." },
  not_judged_no_rules: { en: "This checklist is no visit: it is kept, and no rule is weighed by it.", es: "Esta lista no es una visita: se guarda y no se juzga con ella ninguna regla." },
  finish: { en: "Finish", es: "Terminar" },
  finish_why: { en: "After this nothing can be changed. It is sealed for the server and sent as soon as there is a network.", es: "Después no se puede cambiar nada. Se sella para el servidor y se envía en cuanto haya red." },
  finishing: { en: "Sealing …", es: "Sellando …" },
  no_key: { en: "This device has no key of the server yet. Open this page once with a network; your draft is kept.", es: "Este equipo aún no tiene la clave del servidor. Abra esta página una vez con red; su borrador está guardado." },

  card_title: { en: "What to do now", es: "Qué hacer ahora" },
  card_child: { en: "a child may be at work or in danger", es: "un niño puede estar trabajando o en peligro" },
  card_force: { en: "somebody may be forced to work", es: "alguien puede estar trabajando a la fuerza" },
  card_other: { en: "somebody may be in danger", es: "alguien puede estar en peligro" },
  card_do: { en: "Now", es: "Ahora" },
  card_never: { en: "Never", es: "Nunca" },
  card_call: { en: "Call", es: "Llame" },
  card_contact: { en: "Your organisation names: {contact}", es: "Su organización indica: {contact}" },
  card_no_contact: {
    en: "Your organisation has named nobody here. Ask your supervisor before you go on, and in immediate danger call the emergency number of the country.",
    es: "Su organización no ha indicado a nadie aquí. Pregunte a quien le supervisa antes de seguir, y ante un peligro inmediato llame al número de emergencia del país.",
  },
  child_do_1: { en: "Stay calm and stay with what you came for.", es: "Mantenga la calma y siga con lo que vino a hacer." },
  child_do_2: { en: "If the child is in danger this moment, see to it that the danger stops: ask for the tool, the load or the spray to be put down.", es: "Si el niño corre peligro en este momento, haga que pare: pida que suelten la herramienta, la carga o la fumigadora." },
  child_do_3: { en: "Call the contact below before you leave the farm, from where nobody listens.", es: "Llame al contacto de abajo antes de salir de la finca, donde nadie oiga." },
  child_do_4: { en: "Write down what you saw and heard, without names.", es: "Anote lo que vio y oyó, sin nombres." },
  child_never_1: { en: "Photograph, film or record the child.", es: "Tomar fotos, videos o audios del niño." },
  child_never_2: { en: "Confront the family or the employer, or promise anything.", es: "Confrontar a la familia o al empleador, o prometer algo." },
  child_never_3: { en: "Take the child away, or have the child sent off: work can move to where it is worse.", es: "Llevarse al niño o hacer que lo echen: puede terminar en un trabajo peor." },
  child_never_4: { en: "Ask the child to repeat what happened.", es: "Pedir al niño que repita lo que pasó." },
  force_do_1: { en: "Keep yourself and the person safe: speak out of hearing of employer and foreman, or not at all.", es: "Cuide su seguridad y la de la persona: hable donde no oigan el empleador ni el capataz, o no hable." },
  force_do_2: { en: "Ask whether the person wants help, and do only what the person agrees to.", es: "Pregunte si la persona quiere ayuda y haga sólo lo que ella acepte." },
  force_do_3: { en: "Call the contact below as soon as you are away from the site; in danger of life call the emergency number at once.", es: "Llame al contacto de abajo en cuanto salga del sitio; si hay peligro de muerte, llame ya al número de emergencia." },
  force_never_1: { en: "Name the person to anybody at the site, or repeat what was said.", es: "Nombrar a la persona ante alguien del sitio o repetir lo que dijo." },
  force_never_2: { en: "Confront the employer, or try to free anybody yourself.", es: "Confrontar al empleador o intentar liberar a alguien por su cuenta." },
  force_never_3: { en: "Promise protection, papers or money.", es: "Prometer protección, papeles o dinero." },
  other_do_1: { en: "If somebody is in danger this moment, ask that the work stops and that people get away.", es: "Si alguien corre peligro en este momento, pida que pare el trabajo y que la gente se aleje." },
  other_do_2: { en: "Tell the person in charge only what can be seen by anybody; nothing that a worker told you.", es: "Diga a la persona encargada sólo lo que cualquiera puede ver; nada de lo que le contó un trabajador." },
  other_do_3: { en: "Tell the contact below today.", es: "Avise hoy al contacto de abajo." },
  other_never_1: { en: "Tell who spoke with you.", es: "Decir quién habló con usted." },
  other_never_2: { en: "Take part in a cover-up, or let an answer be changed for you.", es: "Ayudar a ocultar algo o dejar que le cambien una respuesta." },
};

/** A text in the language of the moment, its {places} filled. */
export function say(key, facts = {}) {
  const text = TEXTS[key][language.value];
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));
}

/** One of two texts {en, es}, as the rule book has its own. */
export const inLanguage = (text) => text[language.value] || text.en || text.es || "";

export function instant(moment) {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(new Date(moment));
}

export function day(moment) {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(moment));
}

export function time(moment) {
  return new Intl.DateTimeFormat(language.value, { timeStyle: "medium" }).format(new Date(moment));
}

export function size(bytes) {
  const [amount, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${new Intl.NumberFormat(language.value, { maximumFractionDigits: 1 }).format(amount)} ${unit}`;
}

export function listed(texts) {
  return new Intl.ListFormat(language.value, { type: "conjunction" }).format(texts);
}
