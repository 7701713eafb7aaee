import type { ChartRegistry } from './chart-registry.ts';
import { ChartMirror } from './chart-mirror.ts';
import { HelmRepository } from './helm-repository.ts';
import { OciRegistry } from './oci-registry.ts';
import type { ReadCredentials } from './registry-call.ts';

export interface ChartPlaceOptions {
  /** `https://…` of a chart repository, `oci://…` of a registry. */
  readonly url: string;
  readonly chart: string;
  readonly credentials: ReadCredentials;
  readonly gitDir: string;
  readonly gitBinary: string;
}

/** Where a chart is published, and where its versions are kept on disk. Shared by all who follow the chart. */
export interface ChartPlace {
  readonly registry: ChartRegistry;
  readonly mirror: ChartMirror;
  readonly gitDir: string;
  close(): void;
}

export function createChartPlace(options: ChartPlaceOptions): ChartPlace {
  const registry = options.url.startsWith('oci://') ? new OciRegistry(options) : new HelmRepository(options);
  return { registry, mirror: new ChartMirror({ ...options, host: new URL(options.url).host }), gitDir: options.gitDir, close: () => undefined };
}
