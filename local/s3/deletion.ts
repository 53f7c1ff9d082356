import { z } from 'zod';
import { AccessDenied } from '../contract.ts';
import { answerXml, element, textElement } from '../xml.ts';
import { readText } from './body.ts';
import { objectArn, type S3Request } from './context.ts';
import { versionHeader } from './get-object.ts';
import type { ObjectVersion } from './version.ts';
import { listOf, parseXml } from './xml-input.ts';

const deleteSchema = z.object({
  Delete: z.object({
    Object: listOf(z.object({ Key: z.string(), VersionId: z.string().optional() })),
    Quiet: z.string().optional(),
  }),
});

export function deleteObject(call: S3Request): void {
  const removed = remove(call, call.key, call.query('versionId'));
  call.response.writeHead(204, removed ? { ...versionHeader(removed.versionId), ...markerHeader(removed) } : {});
  call.response.end();
}

/** DeleteObjects: each key for itself. */
export async function deleteObjects(call: S3Request): Promise<void> {
  const { Object: objects, Quiet } = parseXml(deleteSchema, await readText(call.request)).Delete;
  const results = objects.map(({ Key, VersionId }) => {
    try {
      const removed = remove(call, Key, VersionId);
      if (Quiet === 'true') return '';
      return element(
        'Deleted',
        textElement('Key', Key),
        textElement('VersionId', VersionId),
        removed && !removed.content ? textElement('DeleteMarkerVersionId', removed.versionId) : '',
      );
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      return element(
        'Error',
        textElement('Key', Key),
        textElement('Code', 'AccessDenied'),
        textElement('Message', error.message),
      );
    }
  });
  answerXml(call.response, 200, element('DeleteResult', ...results));
}

function remove(call: S3Request, key: string, versionId: string | undefined): ObjectVersion | undefined {
  call.authorize(versionId ? 's3:DeleteObjectVersion' : 's3:DeleteObject', objectArn(call.bucketName, key));
  return versionId ? call.bucket().deleteVersion(key, versionId) : call.bucket().delete(key);
}

function markerHeader(version: ObjectVersion): Record<string, string> {
  return version.content ? {} : { 'x-amz-delete-marker': 'true' };
}
