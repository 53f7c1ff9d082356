import { join } from 'node:path';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Options } from './options.ts';

export const projectRoot = join(import.meta.dirname, '..');

/** A file of the repository that a function reads beside its code. */
export interface CopiedFile {
  /** Path from the project's root. */
  readonly from: string;
  /** Name beside `index.js`. */
  readonly as: string;
}

export interface BundleNeeds {
  /**
   * Packages with native code, installed for the function's processor.
   * @default none
   */
  readonly nativeModules?: readonly 'sharp'[];
  /** @default none */
  readonly files?: readonly CopiedFile[];
}

export type Target = Pick<Options, 'architecture' | 'bundleFor'>;

export function lambdaArchitecture(target: Target): Architecture {
  return target.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64;
}

/** How a handler becomes `index.js`, without Docker. */
export function bundling(target: Target, needs: BundleNeeds): BundlingOptions {
  const native = needs.nativeModules ?? [];
  const platform = nativePlatform(target);
  return {
    format: OutputFormat.CJS,
    // Two megabytes, most of them the SDK, are no news.
    logLevel: LogLevel.ERROR,
    // Runs on Lambda's Node 24 and on the Node 20 of the embedded cloud.
    target: 'node20',
    sourceMap: true,
    // The sources are in the repository; only names and lines are needed in a stack trace.
    sourcesContent: false,
    // Modules rather than CommonJS, of which esbuild leaves out what nobody calls, and without blanks: a function starts
    // a fifth faster. Names stay as they are in the source, for logs and stack traces.
    mainFields: ['module', 'main'],
    esbuildArgs: { '--minify-whitespace': true, '--minify-syntax': true },
    // The SDK that was tested, not the one that Lambda happens to bring.
    bundleAwsSDK: true,
    ...(native.length > 0 && {
      nodeModules: [...native],
      environment: {
        npm_config_os: platform.os,
        npm_config_cpu: platform.cpu,
        ...(platform.libc && { npm_config_libc: platform.libc }),
        npm_config_prefer_offline: 'true',
        npm_config_audit: 'false',
        npm_config_fund: 'false',
      },
    }),
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (inputDir, outputDir) => [
        ...(needs.files ?? []).map(
          (file) => `cp ${quoted(join(inputDir, file.from))} ${quoted(join(outputDir, file.as))}`,
        ),
        // npm exits 0 without the binary when it is offline and its cache holds another processor's.
        ...native.map((name) =>
          ['node', join(inputDir, 'lib/check-native-module.mjs'), outputDir, name, platform.os, platform.cpu]
            .map(quoted)
            .join(' '),
        ),
      ],
    },
  };
}

interface NativePlatform {
  readonly os: string;
  readonly cpu: string;
  readonly libc: string | undefined;
}

function nativePlatform(target: Target): NativePlatform {
  const cpu = target.architecture === 'arm64' ? 'arm64' : 'x64';
  if (target.bundleFor === 'lambda') return { os: 'linux', cpu, libc: 'glibc' };
  return { os: process.platform, cpu, libc: undefined };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
