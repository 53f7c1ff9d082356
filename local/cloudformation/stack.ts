import { NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import { type Template, templateSchema } from './template.ts';

/** What a created resource answers to `Ref` and `Fn::GetAtt`. */
export interface CreatedResource {
  ref: string;
  attributes: Readonly<Record<string, string>>;
}

export interface ResourceRequest {
  logicalId: string;
  type: string;
  /** Every intrinsic function resolved. */
  properties: Record<string, unknown>;
}

export interface StackIdentity {
  stackName: string;
  region: string;
  accountId: string;
}

/** Creates what a template declares, dependencies first, and answers its outputs. */
export async function createStack(
  rawTemplate: unknown,
  identity: StackIdentity,
  create: (request: ResourceRequest) => Promise<CreatedResource>,
): Promise<Record<string, string>> {
  const template = templateSchema.parse(rawTemplate);
  const created = new Map<string, CreatedResource>();
  const scope = scopeOf(template, identity, created);
  const wanted = Object.fromEntries(
    Object.entries(template.Resources).filter(([, { Condition }]) => !Condition || scope.condition(Condition)),
  );
  for (const logicalId of creationOrder(wanted)) {
    const resource = wanted[logicalId];
    if (!resource) continue;
    try {
      const properties = resolve(resource.Properties, scope) as Record<string, unknown>;
      created.set(logicalId, await create({ logicalId, type: resource.Type, properties }));
    } catch (error) {
      throw new Error(`${logicalId} (${resource.Type}): ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(template.Outputs)) {
    if (output.Condition && !scope.condition(output.Condition)) continue;
    outputs[name] = String(resolve(output.Value, scope));
  }
  return outputs;
}

function scopeOf(template: Template, identity: StackIdentity, created: ReadonlyMap<string, CreatedResource>): Scope {
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': identity.accountId,
    'AWS::Region': identity.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': identity.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${identity.region}:${identity.accountId}:stack/${identity.stackName}/local`,
    'AWS::NoValue': NO_VALUE,
  };
  const resource = (logicalId: string): CreatedResource => {
    const found = created.get(logicalId);
    if (!found) throw new Error(`refers to ${logicalId}, which the template does not create`);
    return found;
  };
  const scope: Scope = {
    ref(name) {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      const parameter = template.Parameters[name];
      if (!parameter) return resource(name).ref;
      if (parameter.Default === undefined) throw new Error(`parameter ${name} has no default`);
      return parameter.Default;
    },
    attribute(logicalId, attribute) {
      const value = resource(logicalId).attributes[attribute];
      if (value === undefined)
        throw new Error(`attribute ${attribute} of ${logicalId} is not known to the local cloud`);
      return value;
    },
    condition(name) {
      const condition = template.Conditions[name];
      if (condition === undefined) throw new Error(`condition ${name} is not in the template`);
      return resolve(condition, scope) === true;
    },
    mapping(map, top, second) {
      const value = template.Mappings[map]?.[top]?.[second];
      if (value === undefined) throw new Error(`Fn::FindInMap: no ${map}.${top}.${second}`);
      return value;
    },
  };
  return scope;
}
