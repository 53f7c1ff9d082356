import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { IdentityStore, Principal } from '../contract.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const keySchema = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** Every access key of the local account. The administrator's is kept with the data; functions get theirs at each start. */
export class Identities implements IdentityStore {
  private readonly known = new Map<string, { secretAccessKey: string; sessionToken?: string; principal: Principal }>();
  readonly administrator: Credentials;

  constructor(dataDir: string, administrator: Principal) {
    const file = join(dataDir, 'administrator-key.json');
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(newCredentials('AKIA')), { mode: 0o600 });
    this.administrator = keySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    this.known.set(this.administrator.accessKeyId, {
      secretAccessKey: this.administrator.secretAccessKey,
      principal: administrator,
    });
  }

  /** Session credentials that act as the given principal until the cloud stops. */
  issue(principal: Principal): Required<Credentials> {
    const credentials = { ...newCredentials('ASIA'), sessionToken: randomBytes(48).toString('base64') };
    const { secretAccessKey, sessionToken } = credentials;
    this.known.set(credentials.accessKeyId, { secretAccessKey, sessionToken, principal });
    return credentials;
  }

  find(accessKeyId: string): { secretAccessKey: string; sessionToken?: string; principal: Principal } | undefined {
    return this.known.get(accessKeyId);
  }
}

function newCredentials(prefix: 'AKIA' | 'ASIA'): { accessKeyId: string; secretAccessKey: string } {
  const id = [...randomBytes(16)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('');
  return { accessKeyId: prefix + id, secretAccessKey: randomBytes(30).toString('base64').replaceAll('/', '0') };
}
