// Passkeys: a form with data-passkey asks the browser for one ("get") or has one made ("create") before it is sent.
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const known = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const create = async ({ publicKey }) => {
    const options = {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      // Kept on the device, so that it is found without an address.
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    };
    return navigator.credentials.create({ publicKey: options });
  };

  const get = async ({ publicKey }) => {
    const options = {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
      userVerification: "required",
    };
    return navigator.credentials.get({ publicKey: options });
  };

  const written = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  };

  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
    const answer = await fetch(form.dataset.optionsFrom, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("The portal takes no more tries for now. Wait a few minutes.");
    return (await answer.json()).request_options;
  };

  const problemOf = (error) => {
    if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
    if (error.name === "NotAllowedError") return "No passkey was used: it was cancelled, or there is none for this site.";
    return error.message;
  };

  const use = async (form) => {
    const problem = form.querySelector(".passkey-problem");
    problem.hidden = true;
    try {
      const options = await optionsOf(form);
      const credential = form.dataset.passkey === "create" ? await create(options) : await get(options);
      form.elements.credential.value = written(credential);
      form.submit(); // without the event, which led here
    } catch (error) {
      problem.textContent = problemOf(error);
      problem.hidden = false;
    }
  };

  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      use(form);
    });
  }
})();
