/** A route key of an HTTP API, `GET /v1/studies/{study}`, `ANY /files/{proxy+}` or `$default`, taken apart. */
export interface RoutePattern {
  key: string;
  method: string | undefined;
  segments: readonly string[];
}

export function parseRouteKey(key: string): RoutePattern {
  if (key === '$default') return { key, method: undefined, segments: ['{proxy+}'] };
  const match = /^([A-Z]+) (\/\S*)$/.exec(key);
  if (!match) throw new Error(`route key ${key} is not understood`);
  const [, method, path = '/'] = match;
  return { key, method: method === 'ANY' ? undefined : method, segments: segmentsOf(path) };
}

/**
 * The parameters of a path that the pattern matches, percent-decoded as API Gateway gives them; undefined when it does
 * not match.
 */
export function matchRoute(route: RoutePattern, method: string, path: string): Record<string, string> | undefined {
  if (route.method !== undefined && route.method !== method) return undefined;
  const actual = segmentsOf(path);
  const parameters: Record<string, string> = {};
  for (const [index, wanted] of route.segments.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(wanted);
    if (greedy?.[1]) {
      if (route.key === '$default') return {};
      if (actual.length <= index) return undefined;
      parameters[greedy[1]] = actual.slice(index).map(decode).join('/');
      return parameters;
    }
    const value = actual[index];
    const name = /^\{(.+)\}$/.exec(wanted)?.[1];
    if (value === undefined || value === '' || (!name && value !== wanted)) return undefined;
    if (name) parameters[name] = decode(value);
  }
  return actual.length === route.segments.length ? parameters : undefined;
}

/** Full matches before greedy ones, `$default` last; the more literal segments a route has, the earlier it is tried. */
export function compareRoutes(a: RoutePattern, b: RoutePattern): number {
  return rank(a) - rank(b);
}

function rank(route: RoutePattern): number {
  if (route.key === '$default') return 1_000_000;
  const parameters = route.segments.filter((segment) => segment.startsWith('{')).length;
  const greedy = route.segments.some((segment) => segment.endsWith('+}'));
  return (greedy ? 1_000 : 0) + parameters * 10 + (route.method === undefined ? 1 : 0);
}

function segmentsOf(path: string): string[] {
  return path.replace(/^\//, '').split('/');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
