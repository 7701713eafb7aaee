import type { ResourceClaim } from '#api/generated/resource/v1.ts';
import type { KubeObject } from '#api/object.ts';

type Claim = ResourceClaim & KubeObject;
interface DeviceId { readonly driver: string; readonly pool: string; readonly device: string }

/** What is told of a device goes with the device. */
export function withoutReturnedDevices(_subresource: string, object: KubeObject, live: KubeObject): KubeObject {
  const { status } = object as Claim;
  if (status?.devices === undefined) return object;
  const returned = new Set(devicesOf(live as Claim));
  for (const id of devicesOf(object as Claim)) returned.delete(id);
  const { devices, ...rest } = status;
  const kept = devices.filter((device) => !returned.has(idOf(device)));
  return kept.length === devices.length ? object : { ...object, status: { ...rest, ...(kept.length > 0 ? { devices: kept } : {}) } } as KubeObject;
}

const devicesOf = ({ status }: Claim): readonly string[] => (status?.allocation?.devices?.results ?? []).map(idOf);
const idOf = ({ driver, pool, device }: DeviceId): string => [driver, pool, device].join('/');
