/** Command: `node --import tsx simulation/pitfall-set.ts --out data/pitfalls [--wells 4] [--unless-there]`. */
import { parseArgs } from 'node:util';
import { isDrawn } from './pitfalls/drawn-by.ts';
import { planPitfalls } from './pitfalls/plan.ts';
import { writePitfalls } from './pitfalls/write.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'data/pitfalls' },
    wells: { type: 'string', default: '4' },
    'unless-there': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  process.stdout.write(
    'Draws what an image model cannot see or mistakes, to judge models by (python -m nvir evaluate --pitfalls DIR); never to train on.\n' +
      '  --out DIR      where to (data/pitfalls)\n  --wells N      living wells of each of 12 plates, each drawn 25 times (4)\n' +
      '  --unless-there draws nothing where the folder holds this very set, drawn by this very code\n',
  );
} else {
  const wells = Number(values.wells);
  if (!Number.isInteger(wells) || wells < 1 || wells > 15) {
    process.stderr.write(`--wells ${values.wells} is not a number of wells; give a whole number from 1 to 15.\n`);
    process.exit(2);
  }
  const rows = planPitfalls(wells);
  if (values['unless-there'] && isDrawn(values.out, rows)) {
    process.stdout.write(`${rows.length} images are in ${values.out} already\n`);
  } else {
    const started = Date.now();
    await writePitfalls(values.out, rows, (done, total) => {
      if (done % 200 === 0 || done === total)
        process.stderr.write(`${done}/${total} images, ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
    });
    process.stdout.write(`${rows.length} images in ${values.out}\n`);
  }
}
