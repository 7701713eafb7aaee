import { GitRepository } from '../git-repository.ts';
import { isDirectory } from '../git-dir.ts';
import { chooseVersion, noMatchingVersion } from '../resolve-ref.ts';
import { poll } from '../poll.ts';
import type { Source, SourceOptions } from '../source.ts';
import type { ChartPlace } from './chart-place.ts';

export interface ChartSourceOptions extends Pick<SourceOptions, 'ref' | 'pollIntervalMs' | 'gitBinary' | 'clock'> {
  readonly place: ChartPlace;
  readonly chart: string;
  readonly release: () => void;
}

/** The default of spec.ref, which no version is called: the newest one that is no pre-release. */
export const NEWEST = 'main';

/** A chart that is published in a chart repository: the highest version in a range. Its files are the repository's, `Chart.yaml` at the root. */
export class ChartSource implements Source {
  readonly #options: ChartSourceOptions;
  #repository: GitRepository | undefined;
  #version: string | undefined;
  #isClosed = false;

  constructor(options: ChartSourceOptions) {
    this.#options = options;
  }

  /** The version that was chosen. */
  get ref(): string {
    return this.#version ?? this.#options.ref;
  }

  async refresh(signal: AbortSignal): Promise<GitRepository> {
    const { place: { registry, mirror }, ref, chart } = this.#options;
    const versions = await registry.versions(signal);
    const version = versions.includes(ref) ? ref : chooseVersion(ref === NEWEST ? '*' : ref, versions);
    if (version === undefined) throw noMatchingVersion(ref, versions, `chart ${chart}`);
    await mirror.take(await registry.find(version, signal), signal);
    this.#version = version;
    return this.#open();
  }

  async present(): Promise<GitRepository | undefined> {
    return (await isDirectory(this.#options.place.gitDir)) ? this.#open() : undefined;
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    poll(this.#options, onChange, signal);
  }

  close(): void {
    this.#isClosed = true;
    this.#repository?.close();
    this.#options.release();
  }

  async #open(): Promise<GitRepository> {
    const { place: { gitDir }, gitBinary } = this.#options;
    const repository = (this.#repository ??= await GitRepository.open({ gitDir, gitBinary }));
    if (this.#isClosed) repository.close();
    return repository;
  }
}
