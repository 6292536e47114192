// Offers the passkeys and keys that the browser knows while the person types their
// user name (WebAuthn Level 3 §5.1.4, conditional mediation). It is a convenience
// beside the button: where the browser has no such thing, or says no, nothing is
// to be seen of it. The server begins the sign-in (see signinweb, autofill.go);
// this script asks the browser, and sends the answer like the page of the key does.
import { requestOptions, toJSON } from "./credentials.js";

/** A challenge is good for five minutes; a fresh one is fetched before that. */
const refreshAfter = 4 * 60_000;

/** A page that lies open for an hour stops asking. */
const mostRounds = 15;

interface Begun {
  action: string;
  options: unknown;
}

async function offered(): Promise<boolean> {
  return (
    window.isSecureContext &&
    typeof window.PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.isConditionalMediationAvailable === "function" &&
    (await PublicKeyCredential.isConditionalMediationAvailable())
  );
}

async function begin(form: HTMLFormElement, signal: AbortSignal): Promise<Begun | null> {
  const fields = new URLSearchParams();
  for (const input of form.querySelectorAll<HTMLInputElement>("input[data-carried]")) {
    fields.append(input.name, input.value);
  }
  const response = await fetch(form.dataset["autofill"] ?? "", {
    method: "POST",
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    body: fields,
    signal,
  });
  if (!response.ok) {
    return null;
  }
  const begun: unknown = await response.json();
  if (begun === null || typeof begun !== "object" || !("action" in begun) || !("options" in begun) || typeof begun.action !== "string") {
    return null;
  }
  // A path of this very site, and nothing that could lead elsewhere.
  return /^\/[a-z0-9][\w/-]*$/i.test(begun.action) ? { action: begun.action, options: begun.options } : null;
}

/** Resolves at once when the page can be seen, else as soon as it can. */
function visible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    if (!document.hidden) {
      resolve();
      return;
    }
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
  });
}

/** One question to the browser: the answer, or null when its time was up. */
async function ask(options: unknown, stop: AbortSignal): Promise<Credential | null> {
  const time = AbortSignal.timeout(refreshAfter);
  try {
    return await navigator.credentials.get({
      publicKey: requestOptions(options),
      mediation: "conditional",
      signal: AbortSignal.any([stop, time]),
    });
  } catch (error) {
    if (time.aborted && !stop.aborted) {
      return null;
    }
    throw error;
  }
}

async function offer(form: HTMLFormElement, answer: HTMLInputElement, stop: AbortSignal): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    await visible(stop);
    const begun = await begin(form, stop);
    if (!begun) {
      return;
    }
    const credential = await ask(begun.options, stop);
    if (credential instanceof PublicKeyCredential) {
      answer.value = JSON.stringify(toJSON(credential));
      form.action = begun.action;
      form.submit();
      return;
    }
  }
}

function start(form: HTMLFormElement): void {
  const answer = form.querySelector<HTMLInputElement>("[data-ceremony-answer]");
  if (!answer || form.dataset["origin"] !== location.origin) {
    return;
  }
  const stop = new AbortController();
  // Only one question may be open at a time: whoever uses the button, or goes
  // elsewhere, closes this one.
  for (const other of document.forms) {
    other.addEventListener("submit", () => stop.abort());
  }
  window.addEventListener("pagehide", () => stop.abort(), { once: true });
  offer(form, answer, stop.signal).catch(() => {
    // Refused, or not possible here: the button is still there.
  });
}

const form = document.querySelector<HTMLFormElement>("form[data-autofill]");
if (form && (await offered())) {
  start(form);
  // The browser shows the page again as it was left, with the question closed.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      start(form);
    }
  });
}
