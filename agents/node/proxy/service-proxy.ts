import { writeFileSync } from 'node:fs';
import type { Pod, Service } from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import type { Informer } from '#client/informer.ts';
import { run } from '../system/run.ts';
import { baseTable } from './base-table.ts';
import { deleteUdpFlows, staleUdpFlows } from './conntrack.ts';
import { hostPorts } from './host-ports.ts';
import { RuleState } from './rule-state.ts';
import { serviceRules } from './rules.ts';
import { type ServicePort, servicePorts } from './service-port.ts';

export interface ServiceProxyOptions {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  /** This node's pods, for their host ports; without it there are none. */
  readonly pods?: Informer<Pod> | undefined;
  readonly nodeName: string;
  readonly instance: Instance;
  /** This node's pods: their traffic keeps its source address. */
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Where the service address of the API leads when its server listens on this machine's loopback only. The bridge must exist. */
  readonly localApi?: { readonly serviceIP: string; readonly servicePort?: number | undefined; readonly host: string; readonly port: number } | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ServiceProxy {
  /** Resolves when all that was known at the call is in the kernel. */
  settled(): Promise<void>;
  /** Ends the updates. The rules stay, so that services go on while the agent is away; a reset removes them. */
  stop(): void;
}

/** Long enough to catch the events of one transaction, short against the 10 ms that nft takes. */
const COALESCE_MS = 2;
const RETRY_MS = 1000;
const LOCAL_API = 'local-api';
const POD_OWNER = 'pod:';
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/**
 * Keeps the nftables table of services equal to the API. Resolves after the first full set of rules, which takes the place of
 * an earlier process's in one transaction. Throws CommandFailed when that one is refused.
 */
export async function startServiceProxy(options: ServiceProxyOptions): Promise<ServiceProxy> {
  const proxy = new Proxy(options);
  await proxy.start();
  return proxy;
}

class Proxy implements ServiceProxy {
  readonly #options: ServiceProxyOptions;
  readonly #state: RuleState;
  readonly #ports = new Map<string, readonly ServicePort[]>();
  readonly #slices = new Map<NamespacedName, Map<string, EndpointSlice>>();
  readonly #dirty = new Set<string>();
  readonly #unsubscribe: (() => void)[] = [];
  #isComplete = false;
  #isStopped = false;
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ServiceProxyOptions) {
    this.#options = options;
    this.#state = new RuleState(options.instance.nftTable);
  }

  async start(): Promise<void> {
    const { services, endpointSlices, pods, localApi, instance } = this.#options;
    const onService = (service: Service): void => this.#touch(keyOf(service));
    const onPod = (pod: Pod): void => this.#touch(`${POD_OWNER}${keyOf(pod)}`);
    if (pods) this.#unsubscribe.push(pods.subscribe({ onAdd: onPod, onUpdate: onPod, onDelete: onPod }));
    this.#unsubscribe.push(
      services.subscribe({ onAdd: onService, onUpdate: onService, onDelete: onService }),
      endpointSlices.subscribe({ onAdd: (slice) => this.#setSlice(slice), onUpdate: (slice, old) => this.#moveSlice(slice, old), onDelete: (slice) => this.#dropSlice(slice) }),
    );
    await Promise.all([services.synced(), endpointSlices.synced(), pods?.synced()]);
    if (localApi) this.#dirty.add(LOCAL_API);
    await this.#flush();
    // After the rules: their guard must be in force before the kernel lets anything through.
    if (localApi && localApi.host.startsWith('127.')) writeFileSync(`/proc/sys/net/ipv4/conf/${instance.bridge}/route_localnet`, '1');
    if (this.#dirty.size > 0) this.#schedule(COALESCE_MS);
  }

  async settled(): Promise<void> {
    while (this.#running || this.#dirty.size > 0) await (this.#running ?? this.#runNow());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #touch(owner: string): void {
    this.#dirty.add(owner);
    if (this.#isComplete && !this.#running) this.#schedule(COALESCE_MS);
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped || this.#cancelTimer) return;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => void this.#runNow());
  }

  /** One flush at a time; what changes meanwhile is taken by the next. */
  #runNow(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#running ??= this.#flush().then(
      () => this.#finish(COALESCE_MS),
      (error: unknown) => {
        this.#options.log.error('Service rules were not written', { error });
        this.#finish(RETRY_MS);
      },
    );
    return this.#running;
  }

  #finish(delayMs: number): void {
    this.#running = undefined;
    if (this.#dirty.size > 0 || !this.#isComplete) this.#schedule(delayMs);
  }

  async #flush(): Promise<void> {
    const flows = this.#takeDirty();
    if (this.#isComplete) await this.#applyChanges();
    else await this.#replaceTable();
    await deleteUdpFlows(flows, this.#options.log);
  }

  #takeDirty(): readonly (readonly string[])[] {
    const owners = [...this.#dirty];
    this.#dirty.clear();
    return owners.flatMap((owner) => {
      const before = this.#ports.get(owner) ?? [];
      const after = this.#portsOf(owner);
      if (after.length > 0) this.#ports.set(owner, after);
      else this.#ports.delete(owner);
      this.#state.want(owner, serviceRules(after, this.#options.podCidr));
      return staleUdpFlows(before, after);
    });
  }

  async #applyChanges(): Promise<void> {
    const { script, commit } = this.#state.transaction();
    try {
      if (script !== '') await run('nft', ['-f', '-'], { input: script });
      commit();
    } catch (error) {
      // The table is not what we left there: somebody flushed or changed it. Write it anew as a whole.
      this.#options.log.warn('A change of service rules was refused, the table is replaced', { error });
      await this.#replaceTable();
    }
  }

  async #replaceTable(): Promise<void> {
    this.#isComplete = false;
    this.#state.reset();
    const { instance, serviceCidr } = this.#options;
    const { script, commit } = this.#state.transaction();
    const table = `ip ${instance.nftTable}`;
    const base = baseTable({ table: instance.nftTable, bridge: instance.bridge, serviceCidr });
    await run('nft', ['-f', '-'], { input: `add table ${table}\ndelete table ${table}\n${base}${script}` });
    commit();
    this.#isComplete = true;
  }

  #portsOf(owner: string): readonly ServicePort[] {
    const { localApi, nodeName, services, pods } = this.#options;
    if (owner === LOCAL_API) return localApi ? [localApiPort(localApi)] : [];
    if (owner.startsWith(POD_OWNER)) {
      const pod = pods?.lister.get(owner.slice(POD_OWNER.length));
      return pod ? hostPorts(pod) : [];
    }
    const service = services.lister.get(owner);
    if (!service || (localApi && service.spec.clusterIP === localApi.serviceIP)) return [];
    return servicePorts(service, [...(this.#slices.get(owner)?.values() ?? [])], nodeName);
  }

  #setSlice(slice: EndpointSlice): void {
    const owner = serviceOf(slice);
    if (owner === undefined) return;
    const slices = this.#slices.get(owner) ?? new Map<string, EndpointSlice>();
    this.#slices.set(owner, slices.set(slice.metadata.name ?? '', slice));
    this.#touch(owner);
  }

  #moveSlice(slice: EndpointSlice, old: EndpointSlice): void {
    if (serviceOf(old) !== serviceOf(slice)) this.#dropSlice(old);
    this.#setSlice(slice);
  }

  #dropSlice(slice: EndpointSlice): void {
    const owner = serviceOf(slice);
    if (owner === undefined) return;
    const slices = this.#slices.get(owner);
    slices?.delete(slice.metadata.name ?? '');
    if (slices?.size === 0) this.#slices.delete(owner);
    this.#touch(owner);
  }
}

function serviceOf(slice: EndpointSlice): NamespacedName | undefined {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name === undefined ? undefined : joinKey(slice.metadata.namespace, name);
}

function localApiPort(api: NonNullable<ServiceProxyOptions['localApi']>): ServicePort {
  return {
    name: LOCAL_API, protocol: 'tcp', clusterIP: api.serviceIP, port: api.servicePort ?? 443,
    externalIPs: [], loadBalancerIPs: [], sourceRanges: [], isInternalLocal: false, isExternalLocal: false,
    endpoints: [{ ip: api.host, port: api.port, isLocal: false }],
  };
}
