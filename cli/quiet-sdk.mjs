// The SDK's note on future Node versions is for maintainers (docs/decisions/0002), not for who runs a command. Import it before any client.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
