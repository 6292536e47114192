// The ceremony of a security key. The page is rendered by the server (see
// base/web, Ceremony): a form with the options of the browser's WebAuthn call
// in a data attribute, and a hidden field for the answer. This script makes the
// call and sends the form; it decides nothing.
import { creationOptions, requestOptions, toJSON } from "./credentials.js";
import { explain, type Kind } from "./messages.js";
import { sendSignals } from "./signal.js";

/** The parts of the form, as the server rendered them. */
interface Ceremony {
  form: HTMLFormElement;
  kind: Kind;
  options: unknown;
  origin: string;
  answer: HTMLInputElement;
  message: HTMLElement;
  start: HTMLButtonElement;
  demo: HTMLButtonElement | null;
  demoURL: string;
}

function find(form: HTMLFormElement): Ceremony | null {
  const answer = form.querySelector<HTMLInputElement>("[data-ceremony-answer]");
  const message = form.querySelector<HTMLElement>("[data-ceremony-message]");
  const start = form.querySelector<HTMLButtonElement>("[data-ceremony-start]");
  const kind = form.dataset["ceremony"];
  if (!answer || !message || !start || (kind !== "create" && kind !== "get")) {
    return null;
  }
  return {
    form,
    kind,
    options: JSON.parse(form.dataset["options"] ?? "{}"),
    origin: form.dataset["origin"] ?? "",
    answer,
    message,
    start,
    demo: form.querySelector<HTMLButtonElement>("[data-ceremony-demo]"),
    demoURL: form.dataset["demoKeyUrl"] ?? "",
  };
}

function say(ceremony: Ceremony, text: string, manner: "waiting" | "error"): void {
  ceremony.message.textContent = text;
  ceremony.message.className = `warder-ceremony__message warder-ceremony__message--${manner}`;
}

/** At another address than the key was registered for, no key can answer. */
function atRightAddress(ceremony: Ceremony): boolean {
  if (ceremony.origin === location.origin) {
    return true;
  }
  say(ceremony, "You are at the wrong address: your security key works only at ", "error");
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = ceremony.origin + location.pathname + location.search;
  link.textContent = ceremony.origin;
  ceremony.message.append(link);
  return false;
}

function canUseKeys(ceremony: Ceremony): boolean {
  if (window.isSecureContext && typeof window.PublicKeyCredential === "function") {
    return true;
  }
  say(ceremony, "This browser cannot use security keys. Use an up-to-date Chrome, Edge, Firefox or Safari.", "error");
  return false;
}

async function askKey(ceremony: Ceremony): Promise<unknown> {
  const credential =
    ceremony.kind === "create"
      ? await navigator.credentials.create({ publicKey: creationOptions(ceremony.options) })
      : await navigator.credentials.get({ publicKey: requestOptions(ceremony.options) });
  if (!(credential instanceof PublicKeyCredential)) {
    throw new DOMException("the browser gave no credential", "NotAllowedError");
  }
  return toJSON(credential);
}

/** The demo's software key lives in the server; only a demo page has its address. */
async function askDemoKey(ceremony: Ceremony): Promise<unknown> {
  const response = await fetch(ceremony.demoURL, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    credentials: "same-origin",
    body: JSON.stringify({ kind: ceremony.kind, options: ceremony.options }),
  });
  if (!response.ok) {
    throw new Error(await reason(response));
  }
  return response.json();
}

async function reason(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => null);
  if (problem !== null && typeof problem === "object" && "title" in problem && typeof problem.title === "string") {
    return problem.title;
  }
  return "The demo key did not answer. Try again.";
}

async function run(ceremony: Ceremony, ask: (ceremony: Ceremony) => Promise<unknown>): Promise<void> {
  const buttons = [ceremony.start, ceremony.demo].filter((button) => button !== null);
  for (const button of buttons) {
    button.disabled = true;
  }
  say(ceremony, "Waiting for your key. Put it in, and touch it when it blinks.", "waiting");
  try {
    ceremony.answer.value = JSON.stringify(await ask(ceremony));
  } catch (error) {
    for (const button of buttons) {
      button.disabled = false;
    }
    say(ceremony, explain(error, ceremony.kind), "error");
    ceremony.start.focus();
    return;
  }
  say(ceremony, "Your key has answered. One moment.", "waiting");
  ceremony.form.submit();
}

function prepare(form: HTMLFormElement): void {
  const ceremony = find(form);
  if (!ceremony || !atRightAddress(ceremony)) {
    return;
  }
  const { demo, start } = ceremony;
  form.addEventListener("submit", (event) => event.preventDefault());
  if (demo && ceremony.demoURL !== "") {
    demo.hidden = false;
    demo.addEventListener("click", () => void run(ceremony, askDemoKey));
  }
  if (canUseKeys(ceremony)) {
    start.hidden = false;
    start.addEventListener("click", () => void run(ceremony, askKey));
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-ceremony]")) {
  prepare(form);
}

sendSignals();
