import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '#api/generated/core/v1.ts';
import { APPLICATION_SET_LABEL, type Application, type ApplicationSet, type PullRequestGenerator } from '#api/headway/v1/types.ts';
import { joinKey, type NamespacedName } from '#api/object.ts';
import { APPLICATION_SETS, APPLICATIONS, SECRETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { isStatus } from '#api/status-error.ts';
import { formatTime, type Clock } from '#base/clock.ts';
import type { Client, Target } from '#client/client.ts';
import type { Lister } from '#client/informer.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import type { ReconcileContext, Reconciler, ReconcileResult } from '#controller/reconciler.ts';
import { submitTransaction } from '../apply/transaction.ts';
import type { SourceError } from '../errors.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { GeneratorError } from './errors.ts';
import { generate, type GeneratorSources } from './generate.ts';
import { listPullRequests } from './pull-requests/list-pull-requests.ts';
import { PullRequestPoll } from './pull-requests/poll.ts';
import { pullRequestGenerators } from './references.ts';
import { planSet, type SetPlan } from './set-plan.ts';
import { readyAfter, readyAfterError, type ReadyState, statusOf } from './set-status.ts';

export const SET_FIELD_MANAGER = 'headway-applicationset';

export interface ApplicationSetOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly sets: Lister<ApplicationSet>;
  readonly applications: Lister<Application>;
  /** Those with the label of clusters. */
  readonly clusters: Lister<Secret>;
  /** The newest commit of a Repository, or why there is none. */
  source(repository: NamespacedName): { readonly tracked?: TrackedRevision; readonly error?: SourceError };
}

/** Keeps the Applications of an ApplicationSet those that its generators give. A generator that fails changes nothing. */
export class ApplicationSetReconciler implements Reconciler {
  readonly #options: ApplicationSetOptions;
  readonly #polls: PullRequestPoll;
  readonly #stopped: AbortSignal;

  constructor(options: ApplicationSetOptions, stopped: AbortSignal) {
    this.#options = options;
    this.#stopped = stopped;
    this.#polls = new PullRequestPoll({ clock: options.clock, ask: (namespace, generator) => this.#askProvider(namespace, generator) });
  }

  async reconcile(key: NamespacedName, { signal, log }: ReconcileContext): Promise<ReconcileResult> {
    const set = this.#options.sets.get(key);
    if (!set || set.metadata.deletionTimestamp) return {};
    try {
      const parameters = await generate(set.spec.generators, this.#sources(set.metadata.namespace ?? ''));
      signal.throwIfAborted();
      const plan = planSet({ set, parameters, present: this.#options.applications.list(set.metadata.namespace) });
      const refused = await this.#execute(plan, signal);
      for (const { metadata } of plan.remove) log.info('application deleted', { application: joinKey(metadata.namespace, metadata.name ?? '') });
      await this.#write(set, readyAfter(plan, refused), signal, plan);
    } catch (error) {
      if (!(error instanceof GeneratorError)) throw error;
      await this.#write(set, readyAfterError(error), signal);
    }
    return this.#nextPoll(set);
  }

  async #execute({ apply, remove, release }: SetPlan, signal: AbortSignal): Promise<readonly string[]> {
    const refused = await this.#apply(apply, signal);
    const gone = (error: unknown): void => {
      if (!isStatus(error, 'NotFound')) throw error;
    };
    for (const { metadata } of remove) await this.#options.client.delete(APPLICATIONS, targetOf(metadata), { preconditions: { uid: metadata.uid }, signal }).catch(gone);
    for (const { metadata } of release) {
      const body = { metadata: { labels: { [APPLICATION_SET_LABEL]: null }, ownerReferences: null, resourceVersion: metadata.resourceVersion } };
      await this.#options.client.patch(APPLICATIONS, targetOf(metadata), { type: 'merge', body }, { fieldManager: SET_FIELD_MANAGER, signal }).catch(gone);
    }
    return refused;
  }

  /** One transaction, in which equal Applications write nothing. What is refused is told; the others are applied without it. */
  async #apply(applications: readonly Application[], signal: AbortSignal): Promise<readonly string[]> {
    const results = await submitTransaction(this.#options.client, applications.map((apply) => ({ apply })), { fieldManager: SET_FIELD_MANAGER, signal });
    const refused = applications.flatMap(({ metadata }, i) => (results[i]?.error ? [`Application ${metadata.name}: ${results[i].error.message}`] : []));
    if (refused.length > 0 && refused.length < applications.length) await this.#apply(applications.filter((_application, i) => !results[i]?.error), signal);
    return refused;
  }

  #sources(namespace: string): GeneratorSources {
    return {
      tree: (repository) => {
        const { tracked, error } = this.#options.source(joinKey(namespace, repository));
        if (!tracked) throw new GeneratorError('SourceNotReady', error?.message ?? `Repository ${joinKey(namespace, repository)} has no commit yet`, { cause: error });
        return { reader: tracked.repository, revision: tracked.revision };
      },
      clusters: ({ selector }) => {
        const matches = labelSelectorPredicate(selector ?? {});
        return this.#options.clusters.list(namespace).filter(({ metadata }) => matches(metadata.labels ?? {})).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
      },
      pullRequests: (generator) => this.#polls.get(namespace, generator),
    };
  }

  async #askProvider(namespace: string, generator: PullRequestGenerator): ReturnType<typeof listPullRequests> {
    const { clock } = this.#options;
    const token = generator.secretRef && await this.#token({ namespace, name: generator.secretRef.name });
    return listPullRequests({ generator, token, clock, signal: this.#stopped });
  }

  async #token(target: Target): Promise<string> {
    const secret = await this.#options.client.get(SECRETS, target, { signal: this.#stopped }).catch((error: unknown) => {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    });
    const token = secret?.data?.['token'];
    if (token === undefined) throw new GeneratorError('SecretNotFound', `Secret ${joinKey(target.namespace, target.name)} ${secret ? 'has no key "token"' : 'does not exist'}`);
    return Buffer.from(token, 'base64').toString('utf8').trim();
  }

  #nextPoll({ metadata, spec }: ApplicationSet): ReconcileResult {
    const waits = pullRequestGenerators(spec.generators).map((generator) => this.#polls.dueAfter(metadata.namespace ?? '', generator));
    return waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) };
  }

  async #write(set: ApplicationSet, ready: ReadyState, signal: AbortSignal, plan?: SetPlan): Promise<void> {
    const { client, clock, events } = this.#options;
    const status = statusOf(set, ready, formatTime(clock.now()), plan);
    if (isDeepStrictEqual(status, set.status)) return;
    const before = set.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready.status === 'False' && before?.message !== ready.message) events.event(set, { type: 'Warning', reason: ready.reason, action: 'Generate', message: ready.message });
    const body = { status: { ...status, pending: status.pending ?? null } };
    await client.patch(APPLICATION_SETS, targetOf(set.metadata), { type: 'merge', body }, { subresource: 'status', signal }).catch((error: unknown) => {
      if (!isStatus(error, 'NotFound')) throw error;
    });
  }
}

const targetOf = ({ namespace, name }: ApplicationSet['metadata']): Target => ({ namespace, name: name ?? '' });
