import { formatTime } from '#base/clock.ts';
import type { ServiceCIDR } from '#api/generated/networking/v1.ts';
import type { Condition } from '#api/generated/meta/v1.ts';
import { IP_ADDRESSES, SERVICE_CIDRS } from '#api/resources.ts';
import type { Informer } from '#client/informer.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import { withCondition } from '#controller/conditions.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { isInUse } from './in-use.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** After it every API server has heard of the deletion, and gives no address of the range any more. */
const DELETION_GRACE_MS = 10_000;
const READY = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' } as const;
const TERMINATING = { type: 'Ready', status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' } as const;

/** Makes ranges ready for use, and holds those that are deleted until no Service has an address of them. */
export const serviceCidrController: ControllerDefinition = {
  name: CONTROLLER_NAMES.serviceCidr,
  concurrency: 1,
  build(dependencies) {
    const cidrs = dependencies.informers.informer(SERVICE_CIDRS);
    const addresses = dependencies.informers.informer(IP_ADDRESSES);
    const deleting = (): readonly string[] => cidrs.lister.list().filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(({ metadata }) => metadata.name);
    return {
      reconciler: new ServiceCidrReconciler(dependencies, cidrs, () => addresses.lister.list()),
      triggers: [{ informer: cidrs, keysOf: ({ metadata }) => [metadata.name, ...deleting()] }, { informer: addresses, keysOf: deleting }],
    };
  },
};

class ServiceCidrReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #cidrs: Informer<ServiceCIDR>;
  readonly #addresses: () => Parameters<typeof isInUse>[2];

  constructor(deps: ControllerDependencies, cidrs: Informer<ServiceCIDR>, addresses: () => Parameters<typeof isInUse>[2]) {
    this.#deps = deps;
    this.#cidrs = cidrs;
    this.#addresses = addresses;
  }

  async reconcile(name: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const cidr = this.#cidrs.lister.get(name);
    if (!cidr) return {};
    if (cidr.metadata.deletionTimestamp !== undefined) return this.#release(cidr, signal);
    const held = cidr.metadata.finalizers?.includes(FINALIZER) ? cidr : await this.#deps.client.update(SERVICE_CIDRS, withFinalizers(cidr, [...(cidr.metadata.finalizers ?? []), FINALIZER]), { signal });
    // Whoever made it ready may have said so in other words.
    if (!held.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) await this.#report(held, READY, signal);
    return {};
  }

  async #release(cidr: ServiceCIDR, signal: AbortSignal): Promise<ReconcileResult> {
    const { finalizers = [], deletionTimestamp = '' } = cidr.metadata;
    if (!finalizers.includes(FINALIZER)) return {};
    if (isInUse(cidr, this.#cidrs.lister.list(), this.#addresses())) {
      await this.#report(cidr, TERMINATING, signal);
      return {};
    }
    const waitMs = Date.parse(deletionTimestamp) + DELETION_GRACE_MS - this.#deps.clock.now();
    if (waitMs > 0) return { requeueAfterMs: waitMs };
    await this.#deps.client.update(SERVICE_CIDRS, withFinalizers(cidr, finalizers.filter((f) => f !== FINALIZER)), { signal }).catch(ignoreNotFound);
    return {};
  }

  async #report(cidr: ServiceCIDR, condition: Omit<Condition, 'lastTransitionTime'>, signal: AbortSignal): Promise<void> {
    const conditions = withCondition(cidr.status?.conditions, { ...condition, lastTransitionTime: formatTime(this.#deps.clock.now()) });
    if (conditions !== cidr.status?.conditions) await this.#deps.client.update(SERVICE_CIDRS, { ...cidr, status: { ...cidr.status, conditions } }, { subresource: 'status', signal });
  }
}

const withFinalizers = (cidr: ServiceCIDR, finalizers: readonly string[]): ServiceCIDR => ({ ...cidr, metadata: { ...cidr.metadata, finalizers } });
