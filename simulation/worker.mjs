// A worker thread does not inherit tsx on Node 20: this registers it, then runs the TypeScript named by workerData.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.module);
