/** What a template's functions may look up while its values are resolved. */
export interface Scope {
  /** `Ref` of a resource, a parameter or a pseudo parameter. NO_VALUE for `AWS::NoValue`. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): string;
  condition(name: string): boolean;
  mapping(map: string, top: string, second: string): unknown;
}

/** Stands for `AWS::NoValue`: the property that holds it is as if never written. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

/** Replaces every intrinsic function in a template value by what it means. @throws on one that is not known. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (
    first &&
    entries.length === 1 &&
    (first[0] === 'Ref' || first[0] === 'Condition' || first[0].startsWith('Fn::'))
  ) {
    const [name, argument] = first;
    // `Condition` is a function only where its argument is text: policy statements have a block of that name.
    if (name !== 'Condition' || typeof argument === 'string') return call(name, argument, scope);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(item, scope)] as const).filter(([, item]) => item !== NO_VALUE),
  );
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  const resolved = () => resolve(argument, scope);
  switch (name) {
    case 'Ref':
      return scope.ref(text(argument, name));
    case 'Fn::GetAtt': {
      const [logicalId = '', ...rest] = typeof argument === 'string' ? argument.split('.') : texts(argument, name);
      return scope.attribute(logicalId, rest.join('.'));
    }
    case 'Fn::Join': {
      const [separator, parts] = list(resolved(), name, 2);
      return list(parts, name)
        .map((part) => plain(part, name))
        .join(text(separator, name));
    }
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::Select': {
      const [index, items] = list(resolved(), name, 2);
      const chosen = list(items, name)[Number(index)];
      if (chosen === undefined) throw new Error(`Fn::Select: no item ${String(index)}`);
      return chosen;
    }
    case 'Fn::Split': {
      const [separator, whole] = list(resolved(), name, 2);
      return plain(whole, name).split(text(separator, name));
    }
    case 'Fn::If': {
      const [condition, yes, no] = list(argument, name, 3);
      return resolve(scope.condition(text(condition, name)) ? yes : no, scope);
    }
    case 'Fn::FindInMap': {
      const [map, top, second] = texts(resolved(), name);
      return scope.mapping(map ?? '', top ?? '', second ?? '');
    }
    case 'Fn::Base64':
      return Buffer.from(plain(resolved(), name)).toString('base64');
    case 'Condition':
      return scope.condition(text(argument, name));
    case 'Fn::Equals': {
      const [left, right] = list(resolved(), name, 2);
      return left === right;
    }
    case 'Fn::Not':
      return list(resolved(), name, 1)[0] !== true;
    case 'Fn::And':
      return list(resolved(), name).every((item) => item === true);
    case 'Fn::Or':
      return list(resolved(), name).some((item) => item === true);
    default:
      throw new Error(`${name} is not known to the local cloud`);
  }
}

function substitute(argument: unknown, scope: Scope): string {
  const [pattern, variables] = Array.isArray(argument) ? [argument[0], argument[1]] : [argument, {}];
  const own = resolve(variables, scope) as Record<string, unknown>;
  return text(pattern, 'Fn::Sub').replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(own, name)) return plain(own[name], 'Fn::Sub');
    const dot = name.indexOf('.');
    return plain(dot < 0 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1)), 'Fn::Sub');
  });
}

/** The logical names that a value looks up, by Ref, GetAtt or Sub. */
export function references(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value) references(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'Ref' && typeof item === 'string') found.add(item);
      else if (key === 'Fn::GetAtt') found.add(String(Array.isArray(item) ? item[0] : String(item).split('.')[0]));
      else {
        if (key === 'Fn::Sub') for (const name of substitutions(item)) found.add(name);
        references(item, found);
      }
    }
  }
  return found;
}

function substitutions(argument: unknown): string[] {
  const pattern = String(Array.isArray(argument) ? argument[0] : argument);
  return [...pattern.matchAll(/\$\{([^!}.][^}.]*)(?:\.[^}]*)?\}/g)].map((match) => match[1] ?? '');
}

function list(value: unknown, name: string, length?: number): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw new Error(`${name} wants a list${length === undefined ? '' : ` of ${length}`}, not ${JSON.stringify(value)}`);
  }
  return value;
}

function texts(value: unknown, name: string): string[] {
  return list(value, name).map((item) => text(item, name));
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} wants text, not ${JSON.stringify(value)}`);
  return value;
}

function plain(value: unknown, name: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${name} cannot write ${JSON.stringify(value)} into text`);
}
