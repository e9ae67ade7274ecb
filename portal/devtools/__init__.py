"""Developer tools: the sandbox, local services and the demo. Production installs none of them."""
