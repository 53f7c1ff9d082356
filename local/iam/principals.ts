import { AccessDenied, type AccessRequest, type Principal } from '../contract.ts';
import type { Statement } from './document.ts';
import { type Caller, judge } from './evaluate.ts';

/** A caller whose policies are known, so that resource policies can be asked about it too. */
export interface KnownPrincipal extends Principal {
  readonly caller: Caller;
}

/** The person at the keyboard: everything is allowed, except what a resource policy denies. */
export function administrator(accountId: string): KnownPrincipal {
  const arn = `arn:aws:iam::${accountId}:user/local-administrator`;
  return { arn, caller: { type: 'root', arn, accountId }, authorize: () => {} };
}

/** A role of the template. Policies may be attached after it was made: CloudFormation makes them in that order. */
export class Role {
  private readonly statements: Statement[] = [];

  constructor(
    readonly name: string,
    readonly arn: string,
    private readonly accountId: string,
    private readonly trust: readonly Statement[],
  ) {}

  attach(statements: readonly Statement[]): void {
    this.statements.push(...statements);
  }

  /** @throws {AccessDenied} unless the role's trust policy lets this AWS service use it. */
  assertTrusts(service: string): void {
    const request = { action: 'sts:AssumeRole', resource: this.arn, context: { 'aws:SourceAccount': this.accountId } };
    const verdict = judge(this.trust, request, { type: 'service', service });
    if (verdict.effect !== 'Allow') {
      throw new AccessDenied(service, request, "the role's trust policy does not allow it");
    }
  }

  /** The role as a session of it calls, for example a function's execution environment. */
  session(name: string): KnownPrincipal {
    const arn = `arn:aws:sts::${this.accountId}:assumed-role/${this.name}/${name}`;
    const caller: Caller = { type: 'role', roleArn: this.arn, sessionArn: arn, accountId: this.accountId };
    return {
      arn,
      caller,
      authorize: (request) => {
        const verdict = judge(this.statements, request, caller);
        if (verdict.effect === 'Deny') {
          throw new AccessDenied(
            arn,
            request,
            `an explicit deny in an identity-based policy (${verdict.sid ?? 'no Sid'})`,
          );
        }
        if (verdict.effect === 'None') {
          throw new AccessDenied(arn, request, 'no identity-based policy allows the action');
        }
      },
    };
  }
}

/** A resource policy's veto, for callers of the same account: an explicit Deny throws. */
export function guardOf(
  statements: () => readonly Statement[],
): (principal: Principal, request: AccessRequest) => void {
  return (principal, request) => {
    const caller = 'caller' in principal ? (principal as KnownPrincipal).caller : undefined;
    const verdict = judge(statements(), request, caller);
    if (verdict.effect === 'Deny') {
      throw new AccessDenied(
        principal.arn,
        request,
        `an explicit deny in a resource-based policy (${verdict.sid ?? 'no Sid'})`,
      );
    }
  };
}

/** What an AWS service may do to a resource is said by the resource's policy alone. @throws {AccessDenied} */
export function assertServiceAllowed(statements: readonly Statement[], service: string, request: AccessRequest): void {
  const verdict = judge(statements, request, { type: 'service', service });
  if (verdict.effect !== 'Allow') {
    const why = verdict.effect === 'Deny' ? 'its resource policy denies it' : 'its resource policy does not allow it';
    throw new AccessDenied(service, request, why);
  }
}
