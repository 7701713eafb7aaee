import type { Repository } from '#api/headway/v1/types.ts';
import { StatusError } from '#api/status-error.ts';
import { SourceError } from '../errors.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import { chooseChart } from '../source/chart/chosen-chart.ts';
import type { ReadCredentials } from '../source/chart/registry-call.ts';
import { GitRepository } from '../source/git-repository.ts';
import { ApplicationRenderer } from './render-application.ts';
import { RevisionFiles } from './revision-files.ts';

/** What an application is rendered from at one of the two commits. */
export interface ApplicationSource {
  readonly renderer: ApplicationRenderer;
  readonly files: RevisionFiles;
}

export interface PublishedChartsOptions {
  readonly cacheDir: string;
  readonly gitBinary: string;
  readonly units: UnitRendering;
  /** Of a Repository: what its Secret says. */
  credentialsOf(repository: Repository): ReadCredentials;
  readonly signal: AbortSignal;
}

/** Published charts that Repositories of the two commits name. What both name alike is the same source. */
export class PublishedCharts {
  readonly #options: PublishedChartsOptions;
  readonly #sources = new Map<string, Promise<ApplicationSource>>();
  /** By their directory. */
  readonly #renderers = new Map<string, Promise<{ readonly repository: GitRepository; readonly renderer: ApplicationRenderer }>>();

  constructor(options: PublishedChartsOptions) {
    this.#options = options;
  }

  /** Fetches the version that is in force now. @throws SourceError */
  source(repository: Repository): Promise<ApplicationSource> {
    const { url, chart, ref } = repository.spec;
    const key = JSON.stringify([url, chart, ref]);
    const source = this.#sources.get(key) ?? this.#open(repository);
    this.#sources.set(key, source);
    return source;
  }

  async close(): Promise<void> {
    for (const opened of this.#renderers.values()) (await opened.catch(() => undefined))?.repository.close();
  }

  async #open(described: Repository): Promise<ApplicationSource> {
    const { spec, spec: { chart = '' } } = described;
    const { cacheDir, gitBinary, credentialsOf, signal } = this.#options;
    const { gitDir, version } = await chooseChart({ spec: { ...spec, chart }, credentials: () => credentialsOf(described)().catch(unreadable), cacheDir, gitBinary, signal });
    const { repository, renderer } = await this.#renderer(gitDir);
    return { renderer, files: await RevisionFiles.list({ repository, gitBinary, revision: await repository.resolve(`refs/tags/${version}`), signal }) };
  }

  #renderer(gitDir: string) {
    const opened = this.#renderers.get(gitDir) ?? this.#openRepository(gitDir);
    this.#renderers.set(gitDir, opened);
    return opened;
  }

  async #openRepository(gitDir: string) {
    const { gitBinary, units, signal } = this.#options;
    const repository = await GitRepository.open({ gitDir, gitBinary });
    return { repository, renderer: new ApplicationRenderer({ repository, units, signal }) };
  }
}

/** Whoever may not read a Secret can plan the rest. */
function unreadable(error: unknown): never {
  throw error instanceof StatusError ? new SourceError('InvalidCredentials', `its credentials cannot be read: ${error.message}`, { cause: error }) : error;
}
