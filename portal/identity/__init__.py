"""Sign-in: password, second factors, passkeys, single sign-on; done by allauth and connected to the portal here."""
