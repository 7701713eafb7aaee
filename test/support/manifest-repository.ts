import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface ManifestRepositoryOptions {
  readonly directory: string;
  readonly applications: number;
  /** Files of each application, one object a file, about 1 KB each. */
  readonly manifests: number;
  /** Commits of history, each of which changed one file. */
  readonly commits: number;
}

/** Path to contents; undefined removes. */
export type FileChanges = Readonly<Record<string, string | undefined>>;

/** The folder whose Applications make all the others. */
export const ROOT_FOLDER = 'root';
export const applicationName = (i: number): string => `app-${String(i).padStart(4, '0')}`;
export const manifestPath = (application: number, manifest: number): string => `apps/${applicationName(application)}/${String(manifest).padStart(3, '0')}.yaml`;

/** A ConfigMap but for every tenth manifest, which is a Service, and the first, which is the namespace. */
export function manifestOf(application: number, manifest: number, value: string): string {
  const name = applicationName(application);
  if (manifest === 0) return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels: { value: "${value}" }\n`;
  const metadata = `metadata:\n  name: m-${manifest}\n  namespace: ${name}\n  labels: { app.kubernetes.io/part-of: ${name} }\n`;
  if (manifest % 10 === 0) return `apiVersion: v1\nkind: Service\n${metadata}spec:\n  selector: { app: ${name}-${manifest}, value: "${value}" }\n  ports:\n  - { name: http, port: 80, targetPort: 8080 }\n`;
  return `apiVersion: v1\nkind: ConfigMap\n${metadata}data:\n  value: "${value}"\n  settings: |\n${`    ${'x'.repeat(75)}\n`.repeat(10)}`;
}

/** A bare repository of generated manifests with real history, written through one `git fast-import` that stays open for further commits. */
export class ManifestRepository {
  readonly options: ManifestRepositoryOptions;
  readonly #import: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: (() => void)[] = [];
  #time = 1_700_000_000;
  #started = false;

  constructor(options: ManifestRepositoryOptions) {
    this.options = options;
    mkdirSync(options.directory, { recursive: true });
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', options.directory]);
    this.#import = spawn('git', ['-C', options.directory, 'fast-import', '--quiet', '--done'], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#import.stdout }).on('line', () => this.#waiting.shift()?.());
  }

  /** Writes the first state and the history. */
  async fill(): Promise<void> {
    const { applications, manifests, commits } = this.options;
    const files: Record<string, string> = {};
    for (let a = 0; a < applications; a++) {
      files[`${ROOT_FOLDER}/${applicationName(a)}.yaml`] = applicationOf(a);
      for (let m = 0; m < manifests; m++) files[manifestPath(a, m)] = manifestOf(a, m, '0');
    }
    this.#write(files, 'The first state');
    for (let c = 1; c < commits; c++) {
      const [application, manifest] = [(c * 7) % applications, 1 + ((c * 3) % (manifests - 1))];
      this.#write({ [manifestPath(application, manifest)]: manifestOf(application, manifest, `h${c}`) }, `Change ${c}`);
    }
    await this.#publish();
  }

  /** Resolves when the branch names the commit. */
  async commit(files: FileChanges): Promise<void> {
    this.#write(files, 'A change');
    await this.#publish();
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', ['-C', this.options.directory, ...args], { encoding: 'utf8' }).trim();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#import.once('close', resolve));
    this.#import.stdin.end('done\n');
    await closed;
  }

  #write(files: FileChanges, message: string): void {
    const header = `commit refs/heads/main\ncommitter Ada <ada@example.org> ${this.#time++} +0000\n${data(message)}${this.#started ? '' : 'deleteall\n'}`;
    const changes = Object.entries(files).map(([path, content]) => (content === undefined ? `D ${path}\n` : `M 100644 inline ${path}\n${data(content)}`));
    this.#started = true;
    this.#import.stdin.write(header + changes.join('') + '\n');
  }

  #publish(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#import.stdin.write('checkpoint\n\nprogress published\n');
    });
  }
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

const applicationOf = (i: number): string =>
  `apiVersion: headway.dev/v1\nkind: Application\nmetadata:\n  name: ${applicationName(i)}\n  namespace: headway-system\nspec:\n  repository: root\n  path: apps/${applicationName(i)}\n`;
