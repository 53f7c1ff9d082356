import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HttpApi } from '../../../local/api/http-api.ts';
import { targetOf } from '../../../local/request-target.ts';
import { startAws } from '../aws.ts';

test.each([
  ['/', '/', ''],
  ['//', '//', ''],
  ['/a/../b/./c', '/a/../b/./c', ''],
  ['/a?b=c?d', '/a', '?b=c?d'],
  ['/a?', '/a', ''],
  ['?uploads', '/', '?uploads'],
  ['http://127.0.0.1:4510/a/b?c=1', '/a/b', '?c=1'],
  ['http://127.0.0.1:4510', '/', ''],
])('%s is path %s and query %s', (url, pathname, search) => {
  const target = targetOf({ url });
  expect([target.pathname, target.search]).toEqual([pathname, search]);
});

test('a path that is not percent-encoded text is refused', () => {
  expect(() => targetOf({ url: '/a/%zz' })).toThrow(expect.objectContaining({ status: 400 }));
});

/** The status of a GET whose target goes over the wire as it is: fetch would tidy it. */
async function statusOf(base: string, target: string): Promise<number> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]);
}

test.each([
  ['/', 403],
  ['//', 403],
  ['/../x', 403],
  ['/%zz', 400],
])('nobody who asks the gateway for %s is answered %i', async (target, status) => {
  const { options } = await startAws();
  expect(await statusOf(options.endpoint, target)).toBe(status);
});

test.each([
  ['//', 404],
  ['/%zz', 400],
])('the HTTP API answers %s with %i', async (target, status) => {
  const api = new HttpApi('abc', { region: 'us-east-1', accountId: '000000000000' }, () => {});
  await api.listen(0);
  onTestFinished(() => api.close());
  api.setStage('$default', undefined);
  expect(await statusOf(api.url, target)).toBe(status);
});
