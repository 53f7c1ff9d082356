import { z } from 'zod';

const json = z.json();
type Json = z.infer<typeof json>;
type JsonObject = { [key: string]: Json };

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), json).default({}) }),
  ),
});
export type Template = z.infer<typeof templateSchema>;

export type Wire =
  | 'permission'
  | 'trust'
  | 'variable'
  | 'filter'
  | 'resource policy'
  | 'event source'
  | 'partial failures'
  | 'dead letters'
  | 'route'
  | 'authorisation';

/** One wire cut: the template without one grant, variable, filter, policy statement or event source. */
export interface Mutation {
  /** Says which wire, by the resources' construct names, the same in every synth. */
  name: string;
  wire: Wire;
  template: Template;
}

/** A place in the template, from the resource on; numbers index arrays. */
type Path = readonly (string | number)[];

export const parseTemplate = (text: string): Template => templateSchema.parse(JSON.parse(text));

/** A logical ID without the hash that CDK appends. */
export const constructName = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/** Every wire of the template, cut one at a time. */
export function mutations(template: Template): Mutation[] {
  const found = Object.keys(template.Resources).flatMap((id) => ofResource(template, id));
  const names = new Set<string>();
  for (const { name } of found) {
    if (names.has(name)) throw new Error(`two cuts are called ${name}`);
    names.add(name);
  }
  return found;
}

function ofResource(template: Template, id: string): Mutation[] {
  const resource = template.Resources[id];
  if (!resource) return [];
  const properties = resource.Properties;
  const name = constructName(id);
  const cut = (wire: Wire, path: Path, what: string): Mutation[] =>
    at(properties, path) === undefined
      ? []
      : [{ wire, name: `${wire}: ${what}`, template: without(template, id, path) }];
  const whole = (wire: Wire, what: string): Mutation[] => [
    { wire, name: `${wire}: ${what}`, template: withoutResource(template, id) },
  ];

  switch (resource.Type) {
    case 'AWS::IAM::Policy':
      return grantCuts(template, id);
    case 'AWS::IAM::Role':
      return cut('trust', ['AssumeRolePolicyDocument', 'Statement', 0], `${name} may be assumed by its service`);
    case 'AWS::Lambda::Function':
      return [
        ...Object.keys(object(at(properties, ['Environment', 'Variables']))).flatMap((variable) =>
          cut('variable', ['Environment', 'Variables', variable], `${name} knows ${variable}`),
        ),
        ...cut('dead letters', ['DeadLetterConfig'], `events that ${name} failed on are kept`),
      ];
    case 'AWS::Lambda::Permission':
      return whole('resource policy', `${name}`);
    case 'AWS::Lambda::EventSourceMapping':
      return [
        ...whole('event source', name),
        ...cut('filter', ['FilterCriteria'], `${name} takes only what it should`),
        ...cut('partial failures', ['FunctionResponseTypes'], `${name} gives back what failed`),
        ...cut('dead letters', ['DestinationConfig'], `records that ${name} gave up are kept`),
      ];
    case 'AWS::S3::Bucket':
      return array(at(properties, ['NotificationConfiguration', 'QueueConfigurations'])).flatMap((entry, index) => {
        const path = ['NotificationConfiguration', 'QueueConfigurations', index];
        const event = String(object(entry).Event);
        return [
          ...cut('event source', path, `${name} tells of ${event}`),
          ...cut('filter', [...path, 'Filter'], `${name} tells of ${event} below one prefix`),
        ];
      });
    case 'AWS::SQS::Queue':
      return cut('dead letters', ['RedrivePolicy'], `${name} sets failures aside`);
    case 'AWS::SQS::QueuePolicy':
    case 'AWS::SNS::TopicPolicy':
    case 'AWS::S3::BucketPolicy':
      return policyCuts(properties, ['PolicyDocument']).flatMap(({ path, what }) =>
        cut('resource policy', path, `${name}: ${what}`),
      );
    case 'AWS::KMS::Key':
      return policyCuts(properties, ['KeyPolicy']).flatMap(({ path, what }) =>
        cut('resource policy', path, `${name}: ${what}`),
      );
    case 'AWS::Events::Rule':
      return [
        ...whole('event source', name),
        ...cut('filter', ['EventPattern', 'source'], `${name} takes only our own events`),
        ...array(at(properties, ['EventPattern', 'detail-type'])).flatMap((type, index) =>
          cut('filter', ['EventPattern', 'detail-type', index], `${name} takes ${String(type)}`),
        ),
        ...array(at(properties, ['Targets'])).flatMap((_, index) =>
          cut('dead letters', ['Targets', index, 'DeadLetterConfig'], `events that ${name} could not deliver are kept`),
        ),
      ];
    case 'AWS::Scheduler::Schedule':
      return [
        ...whole('event source', name),
        ...cut('dead letters', ['Target', 'DeadLetterConfig'], `starts that ${name} could not make are kept`),
      ];
    case 'AWS::ApiGatewayV2::Route':
      return [
        ...whole('route', String(properties.RouteKey)),
        ...cut('authorisation', ['AuthorizationType'], String(properties.RouteKey)),
      ];
    default:
      return [];
  }
}

/** Each action on each resource of each statement: one grant. */
function grantCuts(template: Template, id: string): Mutation[] {
  const name = constructName(id).replace(/RoleDefaultPolicy$/, '');
  const statements = array(at(template.Resources[id]?.Properties, ['PolicyDocument', 'Statement']));
  return statements.flatMap((entry, index) => {
    const statement = object(entry);
    const actions = [statement.Action ?? []].flat();
    const resources = [statement.Resource ?? []].flat();
    return actions.flatMap((action) =>
      resources.map((resource): Mutation => {
        const copy = structuredClone(template);
        const rest: JsonObject[] = [
          { ...statement, Action: actions.filter((other) => other !== action) },
          { ...statement, Action: action, Resource: resources.filter((other) => other !== resource) },
        ];
        const left = rest.filter(({ Action, Resource }) => [Action, Resource].every((part) => !isEmpty(part)));
        array(at(copy.Resources[id]?.Properties, ['PolicyDocument', 'Statement'])).splice(index, 1, ...left);
        return {
          wire: 'permission',
          name: `permission: ${name} may ${action} on ${describe(resource)}`,
          template: copy,
        };
      }),
    );
  });
}

/** Each statement of a policy on a resource, said by effect, action and principal. */
function policyCuts(properties: JsonObject, document: Path): { path: Path; what: string }[] {
  return array(at(properties, [...document, 'Statement'])).map((entry, index) => {
    const { Effect, Action, Principal, Condition } = object(entry);
    const condition = Condition === undefined ? '' : ` if ${Object.keys(Object.values(object(Condition))[0] ?? {})}`;
    const what = `${String(Effect)} ${[Action].flat().map(String).join(', ')} to ${describe(Principal)}${condition}`;
    return { path: [...document, 'Statement', index], what };
  });
}

/** A value as a person would say it: resources by construct name. */
function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(describe).join(' and ');
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Sub': substituted } = value;
  if (typeof ref === 'string') return constructName(ref);
  if (Array.isArray(attribute)) {
    const [id, part] = attribute.map(String);
    return part === 'Arn' ? constructName(id ?? '') : `${constructName(id ?? '')}'s ${part}`;
  }
  if (Array.isArray(join))
    return array(join[1])
      .map(describe)
      .join('')
      .replaceAll(/[0-9a-f]{64}/g, 'HASH');
  if (typeof substituted === 'string') return substituted;
  return Object.values(value).map(describe).join(' and ');
}

function without(template: Template, id: string, path: Path): Template {
  const copy = structuredClone(template);
  const parent = at(copy.Resources[id]?.Properties ?? {}, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (last !== undefined) delete object(parent)[last];
  return copy;
}

function withoutResource(template: Template, id: string): Template {
  const { [id]: _, ...Resources } = structuredClone(template).Resources;
  // Who only waits for it waits no longer.
  for (const resource of Object.values(Resources)) {
    if (Array.isArray(resource.DependsOn)) resource.DependsOn = resource.DependsOn.filter((other) => other !== id);
  }
  return { ...template, Resources };
}

function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, step) => (Array.isArray(inner) ? inner[Number(step)] : object(inner)[step]),
    value,
  );
}

const object = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const isEmpty = (value: Json | undefined): boolean => Array.isArray(value) && value.length === 0;
const array = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
