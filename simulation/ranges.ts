/** Command: `node --import tsx simulation/ranges.ts > model-container/model/mechanisms.json`, for the model card. */
import { parameterRanges } from './profiles/ranges.ts';

process.stdout.write(`${JSON.stringify(parameterRanges(), null, 2)}\n`);
