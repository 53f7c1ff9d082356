#!/usr/bin/env node
// The command is TypeScript, run as it is: tsx compiles on the fly, so a clone needs no build step.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv);
