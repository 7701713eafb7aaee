import type { Application, Dependency } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import type { Lister } from '#client/informer.ts';
import type { GateQuestion, GateVerdict } from '../application/gate.ts';
import { describe } from '../inventory/identity.ts';
import { applicationsBefore, findCycle, isApplication } from './cycles.ts';
import type { ObjectWatches } from './object-watches.ts';
import { notReady } from './readiness.ts';
import { ReadyExpressions } from './ready-expressions.ts';

export interface DependencyGateOptions {
  readonly applications: Pick<Lister<Application>, 'get'>;
  readonly scheme: Pick<Scheme, 'byKind'>;
  readonly watches: ObjectWatches;
  /** As whom an application's dependencies are read: with sync's own rights, expressions would tell what their author may not read. */
  readerFor(application: Application): { readonly client: Client; readonly user: string };
  /** The commit at which an Application shall be. */
  revisionOf(application: Application): string | undefined;
  /** Whether the status of an Application is of what it has applied by now; who tells of its changes tells of this too. */
  isSettled(key: NamespacedName): boolean;
  wake(key: NamespacedName): void;
}

type Finding = { readonly reason: string; readonly message: string; readonly waitMs?: number };

/** Rights come from roles, which are not watched for this. */
const FORBIDDEN_RETRY_MS = 30_000;
const GO: GateVerdict = { type: 'go' };

/** Holds a sync until all that the application depends on is ready. Woken by watches; nothing is kept for an application that does not wait. */
export class DependencyGate {
  readonly #options: DependencyGateOptions;
  readonly #expressions = new ReadyExpressions();
  /** The Applications whose changes wake those that wait. */
  readonly #waiting = new Map<NamespacedName, ReadonlySet<NamespacedName>>();
  readonly #unknownKinds = new Set<NamespacedName>();

  constructor(options: DependencyGateOptions) {
    this.#options = options;
  }

  async ask({ application }: Pick<GateQuestion, 'application'>, signal: AbortSignal): Promise<GateVerdict> {
    const key = keyOf(application);
    const dependencies = application.spec.dependsOn ?? [];
    // Before anything is read, so that no change in between is missed.
    if (dependencies.length > 0) this.#waiting.set(key, new Set(applicationsBefore(application)));
    const cycle = findCycle(application, this.#options.applications);
    if (cycle) {
      this.#waiting.set(key, new Set(cycle));
      return { type: 'blocked', reason: 'DependencyCycle', message: `the applications wait for one another: ${cycle.join(' -> ')}` };
    }
    const findings = (await Promise.all(dependencies.map((dependency) => this.#look(application, dependency, signal)))).filter((finding) => finding !== undefined);
    const [first] = findings;
    if (!first) {
      this.forget(key);
      return GO;
    }
    const verdict = { reason: first.reason, message: findings.map(({ message }) => message).join('; ') };
    const waits = findings.flatMap(({ waitMs }) => waitMs ?? []);
    return waits.length > 0 ? { type: 'wait', waitMs: Math.min(...waits), ...verdict } : { type: 'blocked', ...verdict };
  }

  /** An Application was made, changed or deleted. */
  noteApplication(key: NamespacedName): void {
    for (const [waiter, before] of this.#waiting) if (before.has(key)) this.#options.wake(waiter);
  }

  /** There may be more kinds than before. */
  noteKinds(): void {
    for (const waiter of this.#unknownKinds) this.#options.wake(waiter);
  }

  forget(key: NamespacedName): void {
    this.#waiting.delete(key);
    this.#unknownKinds.delete(key);
    this.#options.watches.release(key);
  }

  async #look(application: Application, dependency: Dependency, signal: AbortSignal): Promise<Finding | undefined> {
    const { scheme, revisionOf, isSettled } = this.#options;
    const resource = scheme.byKind(dependency.apiVersion, dependency.kind);
    const namespace = resource?.namespaced === false ? undefined : dependency.namespace || application.metadata.namespace;
    const name = describe(dependency.kind, { namespace, name: dependency.name });
    if (!resource) {
      this.#unknownKinds.add(keyOf(application));
      return { reason: 'DependencyKindUnknown', message: `${name}: there is no kind ${dependency.kind} in ${dependency.apiVersion}` };
    }
    const found = await this.#find(application, { ...dependency, namespace, resource }, signal);
    if ('reason' in found) return { ...found, message: `${name}: ${found.message}` };
    const why = notReady({ dependency, resource, object: found.object, expressions: this.#expressions, revisionOf, isSettled });
    return why === undefined ? undefined : { reason: 'DependencyNotReady', message: `${name} is not ready: ${why}` };
  }

  async #find(application: Application, dependency: Dependency & { readonly resource: ResourceType }, signal: AbortSignal): Promise<{ readonly object: KubeObject } | Finding> {
    const { namespace, name, resource } = dependency;
    const missing: Finding = { reason: 'DependencyMissing', message: 'there is no such object' };
    // An application and those beside it are shown to the same people.
    if (isApplication(dependency) && namespace === application.metadata.namespace) {
      const object = this.#options.applications.get(joinKey(namespace, name));
      return object ? { object } : missing;
    }
    try {
      return { object: await this.#options.watches.look(keyOf(application), { ...this.#options.readerFor(application), resource, namespace, name }, signal) };
    } catch (error) {
      if (isStatus(error, 'NotFound')) return missing;
      if (isStatus(error, 'Forbidden')) return { reason: 'DependencyForbidden', message: error.message, waitMs: FORBIDDEN_RETRY_MS };
      throw error;
    }
  }
}
