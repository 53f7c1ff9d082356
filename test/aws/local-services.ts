import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../../cli/synth.ts';
import { type LocalCloud, startLocalCloud } from '../../local/index.ts';
import { parseTemplate } from '../e2e/wiring/mutations.ts';

export type LocalServices = LocalCloud & { busName: string; remove(): Promise<void> };

/** The template's buckets, tables and queues on this machine, without anything that works on them. */
export async function startLocalServices(modelUrl?: string): Promise<LocalServices> {
  const assembly = await synthesise();
  const template = parseTemplate(readFileSync(join(assembly, 'Nvir.template.json'), 'utf8'));
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Lambda::EventSourceMapping' || Type === 'AWS::Scheduler::Schedule')
      delete template.Resources[id];
    delete Properties['NotificationConfiguration'];
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'nvir-services-'));
  const cloud = await startLocalCloud({ assembly, template, dataDir, ...(modelUrl && { modelEndpointUrl: modelUrl }) });
  const bus = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::Events::EventBus');
  return Object.assign(cloud, {
    busName: String(bus?.Properties['Name']),
    remove: async () => {
      await cloud.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  });
}
