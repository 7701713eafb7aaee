import type { Device, ResourceSlice } from '#api/generated/resource/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';
import type { Environment } from '../../environment.ts';
import type { Strategy } from '../strategy.ts';

/** A taint begins when it is first written. */
export const RESOURCE_SLICE: Strategy = {
  returnsDeleted: true,
  hasGeneration: true,
  prepareCreate: (slice, env) => withTaintTimes(slice as ResourceSlice & KubeObject, env),
  prepareUpdate: (slice, _live, env) => withTaintTimes(slice as ResourceSlice & KubeObject, env),
};

function withTaintTimes<T extends ResourceSlice & KubeObject>(slice: T, env: Pick<Environment, 'clock'>): T {
  const devices = slice.spec?.devices ?? [];
  if (!devices.some((device) => device.taints?.some((taint) => taint.timeAdded === undefined))) return slice;
  const timeAdded = formatTime(env.clock.now());
  const timed = (device: Device): Device => (device.taints === undefined ? device : { ...device, taints: device.taints.map((taint) => ({ timeAdded, ...taint })) });
  return { ...slice, spec: { ...slice.spec, devices: devices.map(timed) } };
}
