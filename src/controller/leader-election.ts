import { formatMicroTime, type Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Lease } from '#api/generated/coordination/v1.ts';
import { LEASES } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import { ignoreNotFound } from './claim.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Unique to the process. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Works while this process leads; its signal aborts when the lease was lost, and it must then stop at once. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  /** How long others wait for a leader that is silent. Default 15 s; the leader gives up after two thirds of it. */
  readonly leaseDurationMs?: number;
}

interface Observed { readonly version: string | undefined; readonly atMs: number }

/**
 * Runs `lead` whenever this process holds the lease, until the signal aborts; the lease is then given back, so that a
 * successor starts at once. Clocks of processes are never compared: a lease is stale when it did not change for its duration.
 */
export async function runLeaderElection(options: LeaderElectionOptions, signal: AbortSignal): Promise<void> {
  const { clock, leaseDurationMs = 15_000 } = options;
  const retryMs = leaseDurationMs / 8;
  let observed: Observed | undefined;
  while (!signal.aborted) {
    const lease = await options.client.get(LEASES, options.lease, { signal }).catch(ignoreNotFound).catch(() => 'unknown' as const);
    if (lease !== 'unknown') {
      const version = lease?.metadata.resourceVersion;
      if (!observed || observed.version !== version) observed = { version, atMs: clock.monotonic() };
      if (isFree(options, lease, clock.monotonic() - observed.atMs)) {
        const held = await take(options, lease).catch(() => undefined);
        if (held) await leadWhileHeld(options, held, signal);
      }
    }
    await clock.sleep(retryMs, signal).catch(() => {});
  }
}

function isFree({ identity }: LeaderElectionOptions, lease: Lease | undefined, silentMs: number): boolean {
  const holder = lease?.spec?.holderIdentity;
  return !holder || holder === identity || silentMs >= (lease?.spec?.leaseDurationSeconds ?? 15) * 1_000;
}

/** Create or update with compare-and-set: of several that try, one succeeds. */
async function take(options: LeaderElectionOptions, lease: Lease | undefined): Promise<Lease> {
  const { client, identity, clock, leaseDurationMs = 15_000 } = options;
  const time = formatMicroTime(clock.now());
  const isOurs = lease?.spec?.holderIdentity === identity;
  const spec = {
    holderIdentity: identity, leaseDurationSeconds: Math.ceil(leaseDurationMs / 1_000), renewTime: time,
    acquireTime: isOurs ? lease.spec?.acquireTime : time,
    leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (lease && !isOurs ? 1 : 0),
  };
  if (!lease) return client.create(LEASES, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: options.lease, spec });
  return client.update(LEASES, { ...lease, spec });
}

async function leadWhileHeld(options: LeaderElectionOptions, first: Lease, signal: AbortSignal): Promise<void> {
  const { clock, log, identity } = options;
  const lost = new AbortController();
  const leading = AbortSignal.any([signal, lost.signal]);
  log.info('leading', { lease: options.lease.name, identity });
  const work = options.lead(leading).finally(() => lost.abort(new Error('the leader ended')));
  const last = await renew(options, first, leading);
  lost.abort(new Error('the lease was lost'));
  await work.catch((error: unknown) => {
    if (!leading.aborted) log.error('the leader failed', { error });
  });
  await give(options, last);
  log.info('no longer leading', { lease: options.lease.name, identity, atMs: clock.now() });
}

/** Returns the lease as last seen when it was lost, or when the signal aborts. */
async function renew(options: LeaderElectionOptions, first: Lease, signal: AbortSignal): Promise<Lease> {
  const { clock, leaseDurationMs = 15_000 } = options;
  let lease = first;
  let renewedMs = clock.monotonic();
  while (!signal.aborted && clock.monotonic() - renewedMs < (leaseDurationMs * 2) / 3) {
    await clock.sleep(leaseDurationMs / 8, signal).catch(() => {});
    if (signal.aborted) break;
    try {
      const live = await options.client.get(LEASES, options.lease, { signal });
      if (live.spec?.holderIdentity !== options.identity) return live;
      lease = await take(options, live);
      renewedMs = clock.monotonic();
    } catch (error) {
      if (!signal.aborted) options.log.warn('the lease was not renewed', { lease: options.lease.name, error });
    }
  }
  return lease;
}

async function give(options: LeaderElectionOptions, lease: Lease): Promise<void> {
  if (lease.spec?.holderIdentity !== options.identity) return;
  const released = { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: formatMicroTime(options.clock.now()) } };
  await options.client.update(LEASES, released).catch((error: unknown) => options.log.debug('the lease was not given back', { error }));
}
