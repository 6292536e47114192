// WebAuthn Level 3 §5.1.8–§5.1.9 in the browser, with a small substitute for
// browsers that do not have them yet: options come and answers go as JSON in
// which every array of bytes is base64url.

type CreationJSON = PublicKeyCredentialCreationOptionsJSON;
type RequestJSON = PublicKeyCredentialRequestOptionsJSON;

/** Options as the server sent them, with or without the "publicKey" around them. */
function inner(options: unknown): object {
  if (options === null || typeof options !== "object") {
    throw new TypeError("there are no options for the key");
  }
  if ("publicKey" in options && options.publicKey !== null && typeof options.publicKey === "object") {
    return options.publicKey;
  }
  return options;
}

export function creationOptions(given: unknown): PublicKeyCredentialCreationOptions {
  const options = inner(given) as CreationJSON;
  if (typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function") {
    return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  }
  const { extensions: _, ...rest } = options;
  return {
    ...rest,
    attestation: rest.attestation as AttestationConveyancePreference,
    pubKeyCredParams: rest.pubKeyCredParams.map((one) => ({ ...one, type: "public-key" as const })),
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(descriptor),
    authenticatorSelection: options.authenticatorSelection as AuthenticatorSelectionCriteria,
  };
}

export function requestOptions(given: unknown): PublicKeyCredentialRequestOptions {
  const options = inner(given) as RequestJSON;
  if (typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function") {
    return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  }
  const { extensions: _, ...rest } = options;
  return {
    ...rest,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(descriptor),
    userVerification: rest.userVerification as UserVerificationRequirement,
  };
}

export function toJSON(credential: PublicKeyCredential): unknown {
  if (typeof credential.toJSON === "function") {
    return credential.toJSON();
  }
  const common = {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
  };
  const { response } = credential;
  if (response instanceof AuthenticatorAttestationResponse) {
    return {
      ...common,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
        transports: typeof response.getTransports === "function" ? response.getTransports() : [],
      },
    };
  }
  const assertion = response as AuthenticatorAssertionResponse;
  return {
    ...common,
    response: {
      clientDataJSON: text(assertion.clientDataJSON),
      authenticatorData: text(assertion.authenticatorData),
      signature: text(assertion.signature),
      userHandle: assertion.userHandle ? text(assertion.userHandle) : undefined,
    },
  };
}

function descriptor(given: PublicKeyCredentialDescriptorJSON): PublicKeyCredentialDescriptor {
  return { id: bytes(given.id), type: "public-key", transports: given.transports as AuthenticatorTransport[] };
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
