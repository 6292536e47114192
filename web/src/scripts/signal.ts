// Tells the browser what has become of credentials, so that it stops offering those
// that are good for nothing (WebAuthn Level 3 §5.1.10, the signal methods). The page
// says what in data attributes; where the browser has no such method, or does not
// want to know, nothing happens.

type Signal = (details: object) => Promise<void>;

/** The method of that name, where the browser has it. */
function method(name: string): Signal | null {
  if (typeof window.PublicKeyCredential !== "function") {
    return null;
  }
  const known: unknown = Reflect.get(PublicKeyCredential, name);
  return typeof known === "function" ? (known.bind(PublicKeyCredential) as Signal) : null;
}

export function sendSignals(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-signal]")) {
    const send = method(element.dataset["signal"] ?? "");
    if (!send) {
      continue;
    }
    try {
      const details: unknown = JSON.parse(element.dataset["details"] ?? "{}");
      if (details !== null && typeof details === "object") {
        send(details).catch(() => undefined);
      }
    } catch {
      // What cannot be read is not told.
    }
  }
}
