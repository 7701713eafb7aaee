import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Repository } from '#api/headway/v1/types.ts';
import { chooseVersion } from '../source/resolve-ref.ts';
import { createChartPlace } from '../source/chart/chart-place.ts';
import type { ReadCredentials } from '../source/chart/registry-call.ts';
import { GitHistory, type GitHistoryOptions } from './git-history.ts';

export interface ChartCheckoutOptions {
  readonly spec: Repository['spec'] & { readonly chart: string };
  /** The version in force; default: the newest that spec.ref allows. */
  readonly version?: string | undefined;
  readonly credentials: ReadCredentials;
  readonly cacheDir: string;
  readonly gitBinary: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ChartCheckout {
  readonly gitDir: string;
  /** The version in force. */
  readonly ref: string;
  readonly history: GitHistory;
}

/** Versions of a published chart as the commits that sync makes of them, in a mirror of the caller's own. @throws SourceError */
export async function openChartCheckout({ spec, version, credentials, cacheDir, gitBinary, signal = new AbortController().signal }: ChartCheckoutOptions): Promise<ChartCheckout> {
  const { url, chart } = spec;
  const gitDir = join(cacheDir, `${createHash('sha256').update(`${url}\0${chart}`).digest('hex').slice(0, 16)}.git`);
  const place = createChartPlace({ url, chart, credentials, gitDir, gitBinary });
  const published = await place.registry.versions(signal);
  const ref = version ?? chooseVersion(spec.ref === undefined || spec.ref === 'main' ? '*' : spec.ref, published) ?? spec.ref ?? '';
  const take = async (name: string): Promise<void> => {
    if (published.includes(name)) await place.mirror.take(await place.registry.find(name, signal), signal);
  };
  await take(ref);
  return { gitDir, ref, history: new ChartHistory({ gitDir, gitBinary, head: `refs/tags/${ref}` }, take) };
}

/** Knows all versions that are published, and fetches one when it is asked for. */
class ChartHistory extends GitHistory {
  readonly #take: (version: string) => Promise<void>;

  constructor(options: GitHistoryOptions, take: (version: string) => Promise<void>) {
    super(options);
    this.#take = take;
  }

  override async resolve(expression: string, signal?: AbortSignal): Promise<string | undefined> {
    await this.#take(expression);
    return super.resolve(expression, signal);
  }
}
