import { globMatches } from './glob.ts';

/** One test of a policy statement: `{StringLike: {"aws:SourceArn": [...]}}` taken apart. */
export interface Condition {
  operator: string;
  key: string;
  values: string[];
}

type Test = (actual: string, wanted: string) => boolean;

/** What each operator means, and whether it says "none of these". The list is what AWS templates use, not all of IAM. */
const OPERATORS: Record<string, { test: Test; negated: boolean }> = {
  StringEquals: { test: (actual, wanted) => actual === wanted, negated: false },
  StringNotEquals: { test: (actual, wanted) => actual === wanted, negated: true },
  StringEqualsIgnoreCase: {
    test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
    negated: false,
  },
  StringLike: { test: (actual, wanted) => globMatches(wanted, actual), negated: false },
  StringNotLike: { test: (actual, wanted) => globMatches(wanted, actual), negated: true },
  ArnEquals: { test: (actual, wanted) => globMatches(wanted, actual), negated: false },
  ArnNotEquals: { test: (actual, wanted) => globMatches(wanted, actual), negated: true },
  ArnLike: { test: (actual, wanted) => globMatches(wanted, actual), negated: false },
  ArnNotLike: { test: (actual, wanted) => globMatches(wanted, actual), negated: true },
  Bool: { test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(), negated: false },
  NumericLessThan: { test: (actual, wanted) => Number(actual) < Number(wanted), negated: false },
  NumericGreaterThan: { test: (actual, wanted) => Number(actual) > Number(wanted), negated: false },
};

/** Keys that the local services really supply; a policy that leans on another one would be judged by a guess. */
const KNOWN_KEYS = new Set(
  [
    'aws:SecureTransport',
    'aws:SourceAccount',
    'aws:SourceArn',
    'aws:PrincipalArn',
    'aws:PrincipalAccount',
    'aws:PrincipalIsAWSService',
    'aws:RequestedRegion',
    'cloudwatch:namespace',
    's3:prefix',
    's3:delimiter',
    's3:VersionId',
    's3:TlsVersion',
    'dynamodb:LeadingKeys',
    'events:detail-type',
    'events:source',
    'iam:PassedToService',
  ].map((key) => key.toLowerCase()),
);

/** @throws when the operator or the key is one that the local cloud cannot judge. */
export function checkCondition(condition: Condition, where: string): void {
  if (!OPERATORS[baseOperator(condition.operator)] && condition.operator !== 'Null') {
    throw new Error(`${where}: condition operator ${condition.operator} is not known to the local cloud`);
  }
  if (!KNOWN_KEYS.has(condition.key.toLowerCase())) {
    throw new Error(`${where}: condition key ${condition.key} is not known to the local cloud`);
  }
}

/** A key that the request does not carry fails a positive test and passes a negated or `…IfExists` one, as in IAM. */
export function conditionHolds(condition: Condition, context: ReadonlyMap<string, string>): boolean {
  const actual = context.get(condition.key.toLowerCase());
  if (condition.operator === 'Null') return condition.values.includes(String(actual === undefined));
  const operator = OPERATORS[baseOperator(condition.operator)];
  if (!operator) return false;
  if (actual === undefined) return operator.negated || condition.operator.endsWith('IfExists');
  const some = condition.values.some((wanted) => operator.test(actual, wanted));
  return operator.negated ? !some : some;
}

function baseOperator(operator: string): string {
  return operator.replace(/IfExists$/, '');
}
