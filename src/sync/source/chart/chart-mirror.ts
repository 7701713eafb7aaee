import { SourceError } from '../../errors.ts';
import { runGit, tryGit } from '../git-command.ts';
import { makeBare } from '../make-bare.ts';
import { isLocked, pastStaleLocks } from '../stale-locks.ts';
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
/** Another process that takes the same version is done before so many tries are: git waits for a lock, too. */
const MAX_TRIES = 10;

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
    await makeBare(this.#options.gitDir, { gitBinary: this.#options.gitBinary });
    if (await this.#has(published)) return;
    const stream = await this.#commitOf(published, signal);
    for (let tries = 1; ; tries++) {
      try {
        // Not ended by the signal: a ref that git is writing would stay locked.
        await pastStaleLocks(() => runGit(['fast-import', '--quiet', '--force', '--date-format=raw'], { ...this.#call(), input: stream }));
        return;
      } catch (error) {
        if (await this.#has(published)) return;
        if (tries === MAX_TRIES || !(error instanceof SourceError && isLocked(error.message))) throw error;
      }
    }
  }

  async #has(published: PublishedChart): Promise<boolean> {
    const { code, stdout } = await tryGit(['log', '-1', '--format=%B', tagOf(published), '--'], this.#call());
    return code === 0 && stdout.toString().trim() === this.#messageOf(published);
  }

  /** As `git fast-import` reads it. */
  async #commitOf(published: PublishedChart, signal: AbortSignal): Promise<Buffer> {
    const { chart, host } = this.#options;
    const files = await unpackChart(await published.load(signal), { chart, version: published.version });
    return Buffer.concat([
      Buffer.from(`commit ${tagOf(published)}\ncommitter ${chart} <${chart}@${host}> ${published.time} +0000\n`), data(Buffer.from(`${this.#messageOf(published)}\n`)),
      ...files.flatMap(({ path, content }) => [Buffer.from(`M 100644 inline ${quote(path)}\n`), data(content)]),
    ]);
  }

  #messageOf({ version, digest, url }: PublishedChart): string {
    return `${this.#options.chart} ${version}\n\n${digest ?? url}`;
  }

  #call() {
    const { gitDir, gitBinary } = this.#options;
    return { gitDir, gitBinary, timeoutMs: TIMEOUT_MS, config: { 'core.bare': 'true' } };
  }
}

const tagOf = ({ version }: PublishedChart): string => `refs/tags/${version}`;
const data = (content: Buffer): Buffer => Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')]);
const quote = (path: string): string => `"${path.replaceAll('"', '\\"')}"`;
