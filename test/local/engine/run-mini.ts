/** Runs the mini stack in a process of its own, so that a test may kill it: `run-mini.ts ASSEMBLY DATA_DIR MAX_RECEIVE_COUNT`. */
import { startLocalCloud } from '../../../local/index.ts';
import { miniTemplate } from './mini-stack.ts';

const [assembly = '', dataDir = '', maxReceiveCount = '3'] = process.argv.slice(2);
const template = miniTemplate(Number(maxReceiveCount));
const cloud = await startLocalCloud({
  assembly,
  template,
  dataDir,
  log: (message) => process.stderr.write(`${message}\n`),
});
const { awsUrl, region, credentials, outputs } = cloud;
process.stdout.write(`${JSON.stringify({ awsUrl, region, credentials, outputs })}\n`);
