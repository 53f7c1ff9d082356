#!/usr/bin/env node
// The command is TypeScript, run as it is: tsx compiles on the fly, so a clone needs no build step.
import './quiet-sdk.mjs';
import { register } from 'tsx/esm/api';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv);
