import { createHash } from 'node:crypto';

/**
 * A physical name like CloudFormation's, but always the same for the same stack and logical name, so that a restarted
 * cloud finds its data again. Shortened to `limit` (AWS allows 63 or 64) without losing the part that makes it unique.
 */
export function physicalName(stackName: string, logicalId: string, limit = 63): string {
  const unique = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 10);
  return `${`${stackName}-${logicalId}`.slice(0, limit - unique.length - 1)}-${unique}`;
}
