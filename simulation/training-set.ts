/** Command: `node --import tsx simulation/training-set.ts --out data/nvir [--images 9000]`. */
import { parseArgs } from 'node:util';
import { writeTrainingSet } from './training/write.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'data/nvir' },
    images: { type: 'string', default: '9000' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  process.stdout.write(
    'Draws the labelled set that NViR is trained on: images.npy and index.csv.\n  --out DIR      where to (data/nvir)\n  --images N     about how many training images (9000)\n',
  );
} else {
  const images = Number(values.images);
  if (!Number.isInteger(images) || images < 1) {
    process.stderr.write(
      `--images ${values.images} is not a number of images; give a whole number, for example 9000.\n`,
    );
    process.exit(2);
  }
  const started = Date.now();
  const count = await writeTrainingSet(values.out, images, (done, total) => {
    if (done % 500 === 0 || done === total)
      process.stderr.write(`${done}/${total} images, ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
  });
  process.stdout.write(`${count} images in ${values.out}\n`);
}
