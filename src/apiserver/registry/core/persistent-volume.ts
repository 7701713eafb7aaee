import type { PersistentVolume } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';
import type { Environment } from '../../environment.ts';
import type { Strategy } from '../strategy.ts';

type Volume = PersistentVolume & KubeObject;

/** The time of each change of the phase is written down, unless whoever changes it says one. */
export const PERSISTENT_VOLUME: Strategy = {
  returnsDeleted: true,
  prepareCreate: (volume, env) => since(volume as Volume, env),
  prepareSubresource(_subresource, volume, live, env) {
    const [now, before] = [(volume as Volume).status, (live as Volume).status];
    const isTold = now?.lastPhaseTransitionTime !== undefined && now.lastPhaseTransitionTime !== before?.lastPhaseTransitionTime;
    return now?.phase === before?.phase || isTold ? volume : since(volume as Volume, env);
  },
};

const since = (volume: Volume, { clock }: Pick<Environment, 'clock'>): Volume => ({ ...volume, status: { ...volume.status, lastPhaseTransitionTime: formatTime(clock.now()) } });
