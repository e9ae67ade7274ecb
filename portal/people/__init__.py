"""How people come in: the sign-in adapter."""
