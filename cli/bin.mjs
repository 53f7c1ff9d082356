#!/usr/bin/env node
// The command is TypeScript, run as it is: tsx compiles on the fly, so a clone needs no build step.
import { register } from 'tsx/esm/api';

// The SDK's note on future Node versions is for maintainers (docs/decisions/0002), not for who runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv);
