import { expect, test } from 'vitest';
import { compareRoutes, matchRoute, parseRouteKey } from '../../../local/api/routes.ts';

test.each([
  ['GET /v1/studies', 'GET', '/v1/studies', {}],
  ['GET /v1/studies', 'POST', '/v1/studies', undefined],
  ['GET /v1/studies', 'GET', '/v1/studies/', undefined],
  ['GET /v1/studies/{study}', 'GET', '/v1/studies/a%20b%2Fc', { study: 'a b/c' }],
  ['GET /v1/studies/{study}', 'GET', '/v1/studies/', undefined],
  ['GET /v1/{a}/x/{b}', 'GET', '/v1/1/x/2', { a: '1', b: '2' }],
  ['ANY /files/{proxy+}', 'PUT', '/files/a/b', { proxy: 'a/b' }],
  ['ANY /files/{proxy+}', 'PUT', '/files', undefined],
  ['$default', 'PUT', '/anything', {}],
])('%s on %s %s gives %j', (key, method, path, expected) => {
  expect(matchRoute(parseRouteKey(key), method, path)).toEqual(expected);
});

test('tries literal routes first, greedy ones late, $default last', () => {
  const keys = ['$default', 'GET /a/{proxy+}', 'GET /a/{id}', 'GET /a/b'];
  expect(
    keys
      .map(parseRouteKey)
      .sort(compareRoutes)
      .map((one) => one.key),
  ).toEqual(keys.toReversed());
});
