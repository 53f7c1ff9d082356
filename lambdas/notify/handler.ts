import { functionLog } from '../aws/log.ts';
import { ScoringQueue } from '../aws/work-queue.ts';
import { makeHandler, type NotifyDeps } from './notify.ts';

export { makeHandler };

const depsFromEnv = (): NotifyDeps => ({ scoring: ScoringQueue.fromEnv(), log: functionLog() });

export const handler = makeHandler(depsFromEnv());
