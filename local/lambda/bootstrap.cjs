'use strict';
/**
 * One execution environment of a function: loads the handler of the real bundle and answers invocations one at a time
 * over the process's IPC channel. It stands in for Lambda's runtime; the function sees only its own environment.
 */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const send = process.send.bind(process);
process.send = undefined;
// The engine died: what it asked for is owed to nobody, and the event comes again.
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches every process of the group; the engine ends its functions itself.
process.on('SIGINT', () => {});

const describe = (error) => ({
  errorType: error instanceof Error ? error.name : typeof error,
  errorMessage: error instanceof Error ? error.message : String(error),
  trace: error instanceof Error && error.stack ? error.stack.split('\n') : [],
});

/**
 * On Lambda nothing lies above the bundle, so its files are CommonJS unless it says otherwise. Here a package.json above
 * the asset may say that `.js` means ES modules: it is not the bundle's, and is not asked.
 */
function ignorePackagesAbove(root) {
  if (fs.existsSync(path.join(root, 'package.json'))) return;
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    if (file.startsWith(path.join(root, 'node_modules') + path.sep)) load(module, file);
    else module._compile(fs.readFileSync(file, 'utf8'), file, 'commonjs');
  };
}

/** Callbacks ended with Node 24's runtime: a handler returns its answer or a promise of it. */
function load() {
  const [file, exported] = process.env._HANDLER.split('.');
  const loaded = require(path.resolve(process.env.LAMBDA_TASK_ROOT, file));
  const handler = loaded[exported];
  if (typeof handler !== 'function') throw new Error(`${process.env._HANDLER} is undefined or not exported`);
  return handler;
}

let handler;
try {
  ignorePackagesAbove(process.env.LAMBDA_TASK_ROOT);
  handler = load();
  send({ type: 'ready' });
} catch (error) {
  console.error(error);
  send({ type: 'failed-to-start', error: describe(error) }, () => process.exit(1));
}

process.on('message', async ({ requestId, deadline, functionArn, event }) => {
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(event), context);
    send({ type: 'result', requestId, payload: JSON.stringify(result === undefined ? null : result) });
  } catch (error) {
    console.error(error);
    send({ type: 'error', requestId, error: describe(error) });
  }
});
