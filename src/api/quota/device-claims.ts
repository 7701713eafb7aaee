import type { ResourceClaim } from '#api/generated/resource/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { type Amounts, countOf, largest, ONE, sumOf } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const SUFFIX = '.deviceclass.resource.k8s.io/devices';
/** The most devices that one claim may be given: what asking for all of them counts as. */
const MAX_DEVICES = 32;

type DeviceRequest = { readonly deviceClassName: string; readonly allocationMode?: string | undefined; readonly count?: number | undefined };

/** Claims of devices count by their class; of alternatives the one that takes most. */
export const DEVICE_CLAIMS_EVALUATOR: QuotaEvaluator = {
  resource: 'resourceclaims.resource.k8s.io',
  countsUpdate: () => false,
  counts: (name) => name === COUNT || name.endsWith(SUFFIX),
  isInScope: () => false,
  usage(object) {
    const requests = (object as ResourceClaim & KubeObject).spec?.devices?.requests ?? [];
    return { [COUNT]: ONE, ...sumOf(requests.map((r) => (r.exactly ? devices(r.exactly) : (r.firstAvailable ?? []).map(devices).reduce<Amounts>(largest, {})))) };
  },
};

const devices = ({ deviceClassName, allocationMode, count }: DeviceRequest): Amounts =>
  ({ [deviceClassName + SUFFIX]: countOf(allocationMode === 'All' ? MAX_DEVICES : (count ?? 1)) });
