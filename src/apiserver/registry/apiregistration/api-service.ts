import { formatTime } from '#base/clock.ts';
import { type ApiServiceObject, LOCAL, withAvailability } from '../../aggregator/api-service.ts';
import type { Strategy } from '../strategy.ts';

/** What this server answers itself is available from the start. */
export const API_SERVICE: Strategy = {
  requiresResourceVersion: true,
  prepareCreate(object, env) {
    const service = object as ApiServiceObject;
    return service.spec.service ? service : withAvailability(service, LOCAL, formatTime(env.clock.now()));
  },
};
