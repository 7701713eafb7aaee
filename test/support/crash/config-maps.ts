import type { ConfigMap } from '#api/generated/core/v1.ts';

export const NAMESPACE = 'crash';
/** Objects move in and out of it as their value changes. */
export const EVEN = 'parity=even';
/** Long enough for a kill to find Redis in the middle of writing it. */
const PADDING = 'x'.repeat(1500);

/** What a client knows of an object. */
export interface Known {
  readonly value: number;
  readonly revision: string;
}

export function configMap(name: string, value: number, revision?: string): ConfigMap {
  const labels = { parity: value % 2 === 0 ? 'even' : 'odd' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE, labels, ...(revision === undefined ? {} : { resourceVersion: revision }) }, data: { value: String(value), PADDING } };
}

export const knownOf = ({ metadata, data }: Pick<ConfigMap, 'metadata' | 'data'>): Known => ({ value: Number(data?.['value']), revision: metadata.resourceVersion ?? '' });
