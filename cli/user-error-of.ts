/** What the network, AWS and the disk refuse, as what happened and what the person at the keyboard can do about it. */
import { z } from 'zod';
import { UserError } from './console.ts';

/** Of a call that reached nobody; fetch hides the cause one level down. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Of a path that was given; a file of ours that is not there (ENOENT) is none of them. */
const UNUSABLE = new Set(['EACCES', 'EEXIST', 'EISDIR', 'ENAMETOOLONG', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS']);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenProviderError']);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'Forbidden']);
const UNKNOWN_CALLER = new Set([
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const known = z.object({
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  cause: z.unknown().optional(),
});

/** @returns undefined for an error that nobody at the keyboard can mend: that is ours. */
export function userErrorOf(error: unknown): UserError | undefined {
  if (error instanceof UserError) return error;
  const parsed = known.safeParse(error);
  if (!parsed.success) return undefined;
  const { name, message, code, cause } = parsed.data;
  if (name === 'CredentialsProviderError')
    return new UserError(
      'no AWS credentials were found',
      'Sign in, or export AWS_PROFILE; `aws sts get-caller-identity` must answer.',
    );
  if (EXPIRED.has(name)) return new UserError(`the AWS credentials have expired: ${message}`, 'Sign in again.');
  if (UNKNOWN_CALLER.has(name))
    return new UserError(
      `AWS does not take these credentials: ${message}`,
      'Use those of the account of the stack in NVIR_OUTPUTS.',
    );
  if (DENIED.has(name))
    return new UserError(
      `these credentials may not do that: ${message}`,
      'Use credentials that may, or have the named action allowed.',
    );
  if (code !== undefined && UNREACHABLE.has(code))
    return new UserError(
      `nobody answers: ${message || code}`,
      'Check the network, and that the stack of NVIR_OUTPUTS stands (or that `npm run local` still runs).',
    );
  if (code !== undefined && UNUSABLE.has(code))
    return new UserError(
      `a folder or file cannot be used: ${message}`,
      'Check the path, who may write there, and that there is space.',
    );
  return cause === undefined || cause === error ? undefined : userErrorOf(cause);
}
