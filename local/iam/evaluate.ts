import type { AccessRequest } from '../contract.ts';
import { conditionHolds } from './conditions.ts';
import type { Patterns, PrincipalPattern, Statement } from './document.ts';
import { globMatches } from './glob.ts';

/** Who asks, as resource policies name callers. */
export type Caller =
  | { type: 'role'; roleArn: string; sessionArn: string; accountId: string }
  | { type: 'root'; arn: string; accountId: string }
  | { type: 'service'; service: string };

export type Judgement = { effect: 'Allow' | 'Deny' | 'None'; sid?: string | undefined };

/** IAM's rule for one set of statements: an explicit Deny wins, then any Allow, else nothing is said. */
export function judge(statements: readonly Statement[], request: AccessRequest, caller?: Caller): Judgement {
  const context = contextOf(request, caller);
  let allowed: Judgement | undefined;
  for (const statement of statements) {
    if (!applies(statement, request, context, caller)) continue;
    if (statement.effect === 'Deny') return { effect: 'Deny', sid: statement.sid };
    allowed ??= { effect: 'Allow', sid: statement.sid };
  }
  return allowed ?? { effect: 'None' };
}

function applies(
  statement: Statement,
  request: AccessRequest,
  context: ReadonlyMap<string, string>,
  caller: Caller | undefined,
): boolean {
  if (!patternsMatch(statement.actions, request.action.toLowerCase(), (pattern) => pattern.toLowerCase())) return false;
  if (statement.resources && !patternsMatch(statement.resources, request.resource)) return false;
  if (statement.principals && !(caller && statement.principals.some((wanted) => namesCaller(wanted, caller)))) {
    return false;
  }
  return statement.conditions.every((condition) => conditionHolds(condition, context));
}

function patternsMatch(list: Patterns, text: string, shape: (pattern: string) => string = (pattern) => pattern) {
  return list.patterns.some((pattern) => globMatches(shape(pattern), text)) !== list.not;
}

function namesCaller(wanted: PrincipalPattern, caller: Caller): boolean {
  if (wanted.value === '*' && wanted.type !== 'Service') return true;
  if (wanted.type === 'Service') return caller.type === 'service' && caller.service === wanted.value;
  if (caller.type === 'service') return false;
  if (wanted.value === caller.accountId || wanted.value === `arn:aws:iam::${caller.accountId}:root`) return true;
  return caller.type === 'role'
    ? wanted.value === caller.roleArn || wanted.value === caller.sessionArn
    : wanted.value === caller.arn;
}

/** Global condition keys. The loopback address counts as secure transport: nothing leaves the machine. */
function contextOf(request: AccessRequest, caller: Caller | undefined): Map<string, string> {
  const context = new Map<string, string>([['aws:securetransport', 'true']]);
  if (caller) context.set('aws:principalisawsservice', String(caller.type === 'service'));
  if (caller?.type === 'role') context.set('aws:principalarn', caller.roleArn);
  if (caller?.type === 'root') context.set('aws:principalarn', caller.arn);
  if (caller && caller.type !== 'service') context.set('aws:principalaccount', caller.accountId);
  for (const [key, value] of Object.entries(request.context ?? {})) context.set(key.toLowerCase(), value);
  return context;
}
