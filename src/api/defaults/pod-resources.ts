import { memberOf, within } from './fill.ts';
import type { PodSpec } from '#api/generated/core/v1.ts';
import type { JsonObject } from '#api/json.ts';
import { formatAmounts } from '#api/quota/amounts.ts';
import { podAmounts } from '#api/quota/pod-amounts.ts';

const HUGE_PAGES = 'hugepages-';
const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);
const isOvercommitted = (name: string): boolean => name === 'cpu' || name === 'memory';

/**
 * What the pod asks for as a whole, where it says so in part: limits of huge pages are those of its containers; requests beside limits
 * are what its containers ask for together, or the limits where none does.
 */
export const withPodResources = (spec: JsonObject): JsonObject => within(spec, 'resources', (resources) => {
  const [given, requests] = [memberOf(resources, 'limits'), memberOf(resources, 'requests')];
  if (Object.keys(given).length + Object.keys(requests).length === 0) return resources;
  const limits = { ...picked(together(spec, 'limits'), (name) => isHugePages(name) && requests[name] === undefined), ...given };
  if (Object.keys(limits).length === 0) return resources;
  const fromLimits = picked(limits, (name) => isOvercommitted(name) || isHugePages(name));
  const all = { ...fromLimits, ...picked(together(spec, 'requests'), isOvercommitted), ...requests };
  const isSame = Object.keys(limits).length === Object.keys(given).length && Object.keys(all).length === Object.keys(requests).length;
  return isSame ? resources : { ...resources, limits, requests: all };
});

const together = ({ containers, initContainers }: JsonObject, side: 'requests' | 'limits'): JsonObject => formatAmounts(podAmounts({ spec: { containers, initContainers } as unknown as PodSpec }, side));
const picked = (amounts: JsonObject, wants: (name: string) => boolean): JsonObject => Object.fromEntries(Object.entries(amounts).filter(([name]) => wants(name)));
