import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { functionOf } from './fakes.ts';

test('runs the handler with its context, and uses a warm process again', async () => {
  const { lambda } = functionOf(`
    let calls = 0;
    exports.handler = async (event, context) => ({
      calls: ++calls, echo: event, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() > 0 });
  `);
  const first = await lambda.invoke({ a: 1 });
  const second = await lambda.invoke({ a: 2 });
  expect(first).toMatchObject({ ok: true });
  expect(first.ok && JSON.parse(first.payload)).toMatchObject({ calls: 1, echo: { a: 1 }, left: true });
  expect(second.ok && JSON.parse(second.payload)).toMatchObject({ calls: 2, echo: { a: 2 } });
  expect(lambda.processIds()).toHaveLength(1);
});

test('gives the function the variables of the template and of Lambda, and nothing of this machine', async () => {
  process.env.OF_THIS_MACHINE = 'leak';
  const { lambda } = functionOf('exports.handler = async () => ({ env: process.env, cwd: process.cwd() });');
  const result = await lambda.invoke({});
  delete process.env.OF_THIS_MACHINE;
  const { env, cwd } = result.ok ? JSON.parse(result.payload) : { env: {}, cwd: '' };
  expect(env).toMatchObject({ GREETING: 'hello', AWS_REGION: 'us-east-1', AWS_SESSION_TOKEN: 'token' });
  expect(env.OF_THIS_MACHINE).toBeUndefined();
  expect(env.HOME).not.toBe(process.env.HOME);
  expect(cwd).toBe(env.LAMBDA_TASK_ROOT);
});

test('loads the bundle as CommonJS whatever a package.json above it says', async () => {
  const { lambda } = functionOf('module.exports.handler = async () => require("./index.js") === module.exports;');
  writeFileSync(join(lambda.definition.assetDir, '..', 'package.json'), '{"type":"module"}');
  expect(await lambda.invoke({})).toMatchObject({ ok: true, payload: 'true' });
});

test('runs as many environments at once as allowed, and queues the rest', async () => {
  const { lambda } = functionOf(
    'exports.handler = () => new Promise((done) => setTimeout(() => done(process.pid), 150));',
  );
  const results = await Promise.all([1, 2, 3, 4].map(() => lambda.invoke({})));
  const pids = results.map((result) => (result.ok ? result.payload : result.message));
  expect(new Set(pids).size).toBe(2);
});

test('obeys reserved concurrency', async () => {
  const source = 'exports.handler = async () => process.pid;';
  expect(await functionOf(source, { reservedConcurrency: 0 }).lambda.invoke({})).toMatchObject({ kind: 'throttled' });
  const one = functionOf(source, { reservedConcurrency: 1 }).lambda;
  const pids = await Promise.all([one.invoke({}), one.invoke({})]);
  expect(new Set(pids.map((result) => result.ok && result.payload)).size).toBe(1);
});

test.each([
  [
    'a handler that throws',
    'exports.handler = async () => { throw new TypeError("bad well"); };',
    'handler',
    'TypeError',
  ],
  ['a bundle that throws', 'throw new Error("EXPORT_BUCKET is missing");', 'start', 'Error'],
  ['a bundle without the handler', 'exports.other = 1;', 'start', 'Error'],
  ['a process that exits', 'exports.handler = () => process.exit(3);', 'exit', 'Runtime.ExitError'],
  ['an answer over 6 MB', 'exports.handler = async () => "x".repeat(7e6);', 'payload', 'Function.ResponseSizeTooLarge'],
])('answers the failure of %s', async (_, source, kind, errorType) => {
  expect(await functionOf(source).lambda.invoke({})).toMatchObject({ ok: false, kind, errorType });
});

test('kills at the timeout, and the next invocation gets a fresh process', async () => {
  const source = `
    let calls = 0;
    exports.handler = async (event) => { calls++; if (event.hang) for (;;); return calls; };`;
  const { lambda } = functionOf(source, { timeoutSeconds: 0.5 });
  expect(await lambda.invoke({ hang: true })).toMatchObject({
    ok: false,
    kind: 'timeout',
    message: 'Task timed out after 0.50 seconds',
  });
  expect(await lambda.invoke({})).toMatchObject({ ok: true, payload: '1' });
});

test('kills a process that grows far over its MemorySize', async () => {
  const source = `
    const kept = [];
    exports.handler = async () => {
      for (;;) { kept.push(Buffer.alloc(16e6, 1)); await new Promise((done) => setTimeout(done, 20)); }
    };`;
  const result = await functionOf(source, { memoryMiB: 128 }).lambda.invoke({});
  expect(result).toMatchObject({ ok: false, kind: 'memory' });
});

test('survives that somebody kills the process', async () => {
  const { lambda } = functionOf('exports.handler = () => new Promise((done) => setTimeout(() => done("late"), 300));');
  const running = lambda.invoke({});
  await expect.poll(() => lambda.processIds().length).toBe(1);
  for (const pid of lambda.processIds()) process.kill(pid, 'SIGKILL');
  expect(await running).toMatchObject({ ok: false, kind: 'exit' });
  expect(await lambda.invoke({})).toMatchObject({ ok: true, payload: '"late"' });
});

test('collects what the function writes, unless its role may not log', async () => {
  const source = 'exports.handler = async () => { console.log("a line"); };';
  const allowed = functionOf(source);
  await allowed.lambda.invoke({});
  // What it writes and what it answers come over two pipes, and which is read first is chance: its line may follow the REPORT.
  const written = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
  await expect
    .poll(() => written(allowed.logFile), { timeout: 10_000 })
    .toEqual(expect.arrayContaining([expect.stringMatching(/^REPORT .*Status: success$/), 'a line']));
  expect(written(allowed.logFile)[0]).toMatch(/^START /);
  const refused = functionOf(source, {}, 'not authorized to perform logs:PutLogEvents');
  await refused.lambda.invoke({});
  await expect
    .poll(() => written(refused.logFile), { timeout: 10_000 })
    .toEqual(['not authorized to perform logs:PutLogEvents']);
});
