import { z } from 'zod';
import { answerXml, element, textElement } from '../xml.ts';
import { readText } from './body.ts';
import { noSuchKey, objectArn, type S3Request } from './context.ts';
import { listOf, parseXml } from './xml-input.ts';

const taggingSchema = z.object({
  Tagging: z.object({ TagSet: z.object({ Tag: listOf(z.object({ Key: z.string(), Value: z.string() })) }) }),
});

export async function putTagging(call: S3Request): Promise<void> {
  call.authorize('s3:PutObjectTagging', objectArn(call.bucketName, call.key));
  const object = call.bucket().current(call.key);
  if (!object) throw noSuchKey();
  const tags = parseXml(taggingSchema, await readText(call.request)).Tagging.TagSet.Tag;
  call.bucket().tag(object, Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
  call.response.writeHead(200, { 'content-length': '0' });
  call.response.end();
}

export function getTagging(call: S3Request): void {
  call.authorize('s3:GetObjectTagging', objectArn(call.bucketName, call.key));
  const object = call.bucket().current(call.key);
  if (!object) throw noSuchKey();
  const tags = Object.entries(object.tags ?? {}).map(([key, value]) =>
    element('Tag', textElement('Key', key), textElement('Value', value)),
  );
  answerXml(call.response, 200, element('Tagging', element('TagSet', ...tags)));
}
