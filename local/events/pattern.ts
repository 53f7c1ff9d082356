/** A compiled event pattern of EventBridge, as rules and Lambda filters use it. */
export type Pattern = (event: unknown) => boolean;

type Leaf = (value: unknown) => boolean;

/** Compiles a pattern. @throws on a comparison that the local cloud does not know, rather than guess that it matches. */
export function compilePattern(pattern: unknown): Pattern {
  if (!isRecord(pattern)) throw new Error(`an event pattern is an object, not ${JSON.stringify(pattern)}`);
  const fields = Object.entries(pattern).map(([name, wanted]) =>
    name === '$or' ? either(wanted) : field(name, wanted),
  );
  return (event) => fields.every((matches) => matches(event));
}

function either(alternatives: unknown): Pattern {
  if (!Array.isArray(alternatives)) throw new Error('$or wants a list of patterns');
  const compiled = alternatives.map(compilePattern);
  return (event) => compiled.some((matches) => matches(event));
}

function field(name: string, wanted: unknown): Pattern {
  if (Array.isArray(wanted)) {
    const leaves = wanted.map(leaf);
    return (event) => {
      const value = isRecord(event) ? event[name] : undefined;
      const values = Array.isArray(value) ? value : [value];
      return leaves.some((matches) => values.some(matches));
    };
  }
  const nested = compilePattern(wanted);
  return (event) => nested(isRecord(event) ? event[name] : undefined);
}

function leaf(wanted: unknown): Leaf {
  if (!isRecord(wanted)) return (value) => value === wanted;
  const [comparison, argument] = Object.entries(wanted)[0] ?? [];
  if (Object.keys(wanted).length !== 1 || comparison === undefined) {
    throw new Error(`not one comparison: ${JSON.stringify(wanted)}`);
  }
  switch (comparison) {
    case 'prefix':
      return textTest(argument, (value, part) => value.startsWith(part));
    case 'suffix':
      return textTest(argument, (value, part) => value.endsWith(part));
    case 'equals-ignore-case':
      return textTest(argument, (value, part) => value.toLowerCase() === part.toLowerCase());
    case 'exists':
      return (value) => (value !== undefined) === argument;
    case 'anything-but': {
      const excluded = (Array.isArray(argument) ? argument : [argument]).map(leaf);
      return (value) => value !== undefined && !excluded.some((matches) => matches(value));
    }
    case 'numeric':
      return numeric(argument);
    default:
      throw new Error(`event pattern comparison ${comparison} is not known to the local cloud`);
  }
}

function textTest(argument: unknown, test: (value: string, part: string) => boolean): Leaf {
  if (typeof argument !== 'string') throw new Error(`event pattern wants text, not ${JSON.stringify(argument)}`);
  return (value) => typeof value === 'string' && test(value, argument);
}

function numeric(argument: unknown): Leaf {
  const comparisons: Record<string, (value: number, bound: number) => boolean> = {
    '=': (value, bound) => value === bound,
    '<': (value, bound) => value < bound,
    '<=': (value, bound) => value <= bound,
    '>': (value, bound) => value > bound,
    '>=': (value, bound) => value >= bound,
  };
  const parts = Array.isArray(argument) ? argument : [];
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const compare = comparisons[String(parts[i])];
    const bound: unknown = parts[i + 1];
    if (!compare || typeof bound !== 'number') throw new Error(`numeric comparison ${JSON.stringify(argument)}`);
    tests.push((value) => compare(value, bound));
  }
  if (tests.length === 0) throw new Error(`numeric comparison ${JSON.stringify(argument)}`);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
