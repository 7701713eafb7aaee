import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Repository } from '#api/headway/v1/types.ts';
import { chooseVersion, noMatchingVersion } from '../resolve-ref.ts';
import { createChartPlace } from './chart-place.ts';
import { NEWEST } from './chart-source.ts';
import type { ReadCredentials } from './registry-call.ts';

export interface ChosenChartOptions {
  readonly spec: Repository['spec'] & { readonly chart: string };
  /** The version in force; default: the newest that spec.ref allows. */
  readonly version?: string | undefined;
  readonly credentials: ReadCredentials;
  /** Mirrors of the caller's own live below it. */
  readonly cacheDir: string;
  readonly gitBinary: string;
  readonly signal?: AbortSignal | undefined;
}

/** A published chart outside of a cluster: its versions as the commits that sync makes of them. */
export interface ChosenChart {
  readonly gitDir: string;
  /** The version in force, which is there. */
  readonly version: string;
  /** Fetches another one, if it is published. @throws SourceError */
  take(version: string): Promise<void>;
}

/** @throws SourceError */
export async function chooseChart({ spec: { url, chart, ref = NEWEST }, version, credentials, cacheDir, gitBinary, signal = new AbortController().signal }: ChosenChartOptions): Promise<ChosenChart> {
  const gitDir = join(cacheDir, `${createHash('sha256').update(`${url}\0${chart}`).digest('hex').slice(0, 16)}.git`);
  const { registry, mirror } = createChartPlace({ url, chart, credentials, gitDir, gitBinary });
  const published = await registry.versions(signal);
  const chosen = version ?? (published.includes(ref) ? ref : chooseVersion(ref === NEWEST ? '*' : ref, published));
  if (chosen === undefined) throw noMatchingVersion(ref, published, `chart ${chart}`);
  const take = async (name: string): Promise<void> => {
    if (published.includes(name)) await mirror.take(await registry.find(name, signal), signal);
  };
  await take(chosen);
  return { gitDir, version: chosen, take };
}
