import { LEASES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { nodeLease } from './node-objects.ts';

export interface NodeLeasesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly names: readonly string[];
}

/** The kubelet's; a lease lasts 40 s, so three renewals may fail. */
const RENEW_INTERVAL_MS = 10_000;
/** Renewals are spread over the interval in so many steps, so that they never come in a burst. */
const STEPS = 100;

/** Renews the lease of every node each 10 s, a hundredth of them at a time, until the signal aborts. */
export async function renewLeases({ client, clock, log, names }: NodeLeasesOptions, signal: AbortSignal): Promise<void> {
  for (let step = 0; !signal.aborted; step = (step + 1) % STEPS) {
    const due = names.filter((_, index) => index % STEPS === step);
    const startedMs = clock.monotonic();
    await Promise.all(due.map((name) => renew(name).catch((error: unknown) => {
      if (!signal.aborted) log.warn('cannot renew the lease of a simulated node', { node: name, error });
    })));
    const restMs = RENEW_INTERVAL_MS / STEPS - (clock.monotonic() - startedMs);
    await clock.sleep(Math.max(0, restMs), signal).catch(() => {});
  }

  async function renew(name: string): Promise<void> {
    const lease = nodeLease(name, clock.now());
    try {
      // A patch: a PUT would have to say which lease it replaces.
      await client.patch(LEASES, lease.metadata, { type: 'merge', body: { spec: lease.spec } }, { signal });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
      await client.create(LEASES, lease, { signal });
    }
  }
}
