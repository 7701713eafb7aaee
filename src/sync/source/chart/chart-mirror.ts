import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runGit, tryGit } from '../git-command.ts';
import { isDirectory } from '../git-dir.ts';
import { unpackChart } from './chart-archive.ts';
import type { PublishedChart } from './chart-registry.ts';

export interface ChartMirrorOptions {
  readonly gitDir: string;
  readonly gitBinary: string;
  readonly chart: string;
  /** Where the chart comes from, for the author of its commits. */
  readonly host: string;
}

const TIMEOUT_MS = 60_000;

/**
 * Versions of a chart as commits of a bare repository, each with a tag of the version's name: what follows commits then follows charts. A commit is
 * made of the archive and of what its registry says of it and nothing else, so that every process that makes it gives it the same id.
 */
export class ChartMirror {
  readonly #options: ChartMirrorOptions;

  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ChartMirrorOptions) {
    this.#options = options;
  }

  /** Has the version, fetching it when it is not there as it is published now; one after the other. @throws SourceError */
  take(published: PublishedChart, signal: AbortSignal): Promise<void> {
    const taken = this.#last.then(() => this.#take(published, signal));
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  async #take(published: PublishedChart, signal: AbortSignal): Promise<void> {
    const { gitDir, chart } = this.#options;
    if (!(await isDirectory(gitDir))) await this.#init();
    const message = `${chart} ${published.version}\n\n${published.digest ?? published.url}\n`;
    const tag = `refs/tags/${published.version}`;
    const present = await tryGit(['log', '-1', '--format=%B', tag, '--'], this.#call());
    if (present.code === 0 && present.stdout.toString().trim() === message.trim()) return;
    const files = await unpackChart(await published.load(signal), { chart, version: published.version });
    const author = `${chart} <${chart}@${this.#options.host}>`;
    const stream = [
      `commit ${tag}\ncommitter ${author} ${published.time} +0000\n`, data(Buffer.from(message)),
      ...files.flatMap(({ path, content }) => [`M 100644 inline ${quote(path)}\n`, data(content)]),
    ];
    // Not ended by the signal: a ref that git is writing would stay locked.
    await runGit(['fast-import', '--quiet', '--force', '--date-format=raw'], { ...this.#call(), input: Buffer.concat(stream.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))) });
  }

  async #init(): Promise<void> {
    const { gitDir, gitBinary } = this.#options;
    await mkdir(dirname(gitDir), { recursive: true, mode: 0o700 });
    await runGit(['init', '--quiet', '--bare', gitDir], { gitBinary, timeoutMs: TIMEOUT_MS });
  }

  #call() {
    const { gitDir, gitBinary } = this.#options;
    return { gitDir, gitBinary, timeoutMs: TIMEOUT_MS, config: { 'core.bare': 'true' } };
  }
}

const data = (content: Buffer): Buffer => Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')]);
const quote = (path: string): string => `"${path.replaceAll('"', '\\"')}"`;
