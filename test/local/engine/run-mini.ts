/** Runs the mini stack in a process of its own, so that a test may kill it: `run-mini.ts ASSEMBLY DATA_DIR`. */
import { startLocalCloud } from '../../../local/index.ts';

const [assembly = '', dataDir = ''] = process.argv.slice(2);
const cloud = await startLocalCloud({ assembly, dataDir, log: (message) => process.stderr.write(`${message}\n`) });
const { awsUrl, region, credentials, outputs } = cloud;
process.stdout.write(`${JSON.stringify({ awsUrl, region, credentials, outputs })}\n`);
