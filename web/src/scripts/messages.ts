// What a person is told when the browser or the key says no. The names of the
// errors are those of WebAuthn Level 3 §5.1.3 and §5.1.4.

export type Kind = "create" | "get";

export function explain(error: unknown, kind: Kind): string {
  if (error instanceof DOMException) {
    return explainName(error.name, kind);
  }
  if (error instanceof Error && error.message !== "") {
    return error.message;
  }
  return "Something went wrong with the key. Try again.";
}

function explainName(name: string, kind: Kind): string {
  switch (name) {
    case "NotAllowedError":
      return kind === "create"
        ? "The key was not registered: it was cancelled, or it took too long. Try again."
        : "No key answered. It was cancelled, it took too long, this key is not registered here, or it has no PIN yet. Try again.";
    case "InvalidStateError":
      return kind === "create"
        ? "This key is already registered to you. Use it to sign in, or register another key."
        : "This key cannot be used right now. Take it out, put it in again and try once more.";
    case "SecurityError":
      return "The browser refused, because this page is not at the address your key is registered for. " +
        "Check the address, and do not enter anything here if it looks unfamiliar.";
    case "NotSupportedError":
    case "ConstraintError":
      return "This key cannot do what is needed here. Use a security key with a PIN or a fingerprint reader.";
    case "AbortError":
      return "It was stopped before the key answered. Try again.";
    default:
      return "Something went wrong with the key. Try again.";
  }
}
