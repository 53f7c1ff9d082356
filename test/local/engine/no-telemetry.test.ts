import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it.each(['cli/model.ts', 'local/sagemaker/onnx-backend.ts'])(
  '%s switches ONNX Runtime’s reports off before it loads',
  (file) => {
    // At exit everything has been loaded; `getenv` of a child sees what native code of this process saw.
    const script = `await import('./${file}'); const { execSync } = await import('node:child_process'); process.stdout.write(execSync('printenv ORT_DISABLE_TELEMETRY').toString());`;
    const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
    const said = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { env });
    expect(said.toString().trim()).toBe('1');
  },
);

it('is imported before onnxruntime-node', async () => {
  const text = await readFile('cli/model.ts', 'utf8');
  expect(text.indexOf('no-telemetry')).toBeGreaterThan(0);
  expect(text.indexOf('no-telemetry')).toBeLessThan(text.indexOf("'onnxruntime-node'"));
});
