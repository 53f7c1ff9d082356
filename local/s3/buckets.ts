import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessRequest, Principal, ServiceContext } from '../contract.ts';
import { ServiceError } from '../http.ts';
import { Bucket } from './bucket.ts';

/** The account's buckets, each in a folder of its name. */
export class Buckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly guards = new Map<string, (principal: Principal, request: AccessRequest) => void>();

  constructor(private readonly context: ServiceContext) {
    for (const name of readdirSync(context.dataDir)) {
      const settings = join(context.dataDir, name, 'bucket.json');
      if (!existsSync(settings)) continue;
      const { versioned } = JSON.parse(readFileSync(settings, 'utf8')) as { versioned: boolean };
      this.buckets.set(name, this.open(name, versioned));
    }
  }

  ensure(name: string, versioned: boolean): Bucket {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.');
    }
    const known = this.buckets.get(name);
    if (known) known.versioned = versioned;
    const bucket = known ?? this.open(name, versioned);
    writeFileSync(join(this.context.dataDir, name, 'bucket.json'), JSON.stringify({ versioned }));
    this.buckets.set(name, bucket);
    return bucket;
  }

  get(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket;
  }

  has(name: string): boolean {
    return this.buckets.has(name);
  }

  names(): string[] {
    return [...this.buckets.keys()].sort();
  }

  all(): Bucket[] {
    return [...this.buckets.values()];
  }

  delete(name: string): void {
    const bucket = this.get(name);
    if (!bucket.empty) {
      throw new ServiceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
    bucket.close();
    this.buckets.delete(name);
    rmSync(join(this.context.dataDir, name), { recursive: true, force: true });
  }

  setGuard(name: string, guard: (principal: Principal, request: AccessRequest) => void): void {
    this.guards.set(name, guard);
  }

  /** Asks the caller's policies and those of the bucket that the resource is in. @throws {AccessDenied} */
  authorize(principal: Principal, request: AccessRequest): void {
    principal.authorize(request);
    const name = request.resource.replace(/^arn:aws:s3:::/, '').split('/')[0] ?? '';
    this.guards.get(name)?.(principal, request);
  }

  private open(name: string, versioned: boolean): Bucket {
    const directory = join(this.context.dataDir, name);
    mkdirSync(directory, { recursive: true });
    return new Bucket(name, directory, versioned, this.context.log);
  }
}
