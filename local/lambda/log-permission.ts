import { AccessDenied } from '../contract.ts';
import type { FunctionDefinition } from './definition.ts';

/** Answers why a function's role may not write its logs, or undefined when it may. Asked late: policies come after. */
export function logRefusal(
  definition: FunctionDefinition,
  identity: { region: string; accountId: string },
): () => string | undefined {
  const group = `arn:aws:logs:${identity.region}:${identity.accountId}:log-group:${definition.logGroup}`;
  let known: { refusal: string | undefined } | undefined;
  const ask = (): string | undefined => {
    try {
      definition.principal.authorize({ action: 'logs:CreateLogStream', resource: `${group}:*` });
      definition.principal.authorize({ action: 'logs:PutLogEvents', resource: `${group}:log-stream:local` });
      return undefined;
    } catch (error) {
      if (error instanceof AccessDenied) return error.message;
      throw error;
    }
  };
  return () => {
    known ??= { refusal: ask() };
    return known.refusal;
  };
}
