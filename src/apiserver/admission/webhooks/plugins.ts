import type { MutatingWebhookConfiguration } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Clock } from '#base/clock.ts';
import { CelCompiler } from '#policy/cel.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { WebhookMetrics } from '../../metrics/webhook-metrics.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { callHook, type HookCall } from './call-hook.ts';
import { requireCompilable } from './conditions.ts';
import { matchHook } from './match.ts';
import { callMutating } from './mutating.ts';
import { placeOf } from './trail.ts';
import { WebhookIndex } from './webhook-index.ts';

/** The webhooks of the cluster. */
export class Webhooks {
  readonly metrics = new WebhookMetrics();
  readonly mutating: WebhookIndex;
  readonly validating: WebhookIndex;
  /** Of match conditions. */
  readonly compiler = new CelCompiler();

  constructor(cache: WatchCache) {
    this.mutating = new WebhookIndex({ cache, compiler: this.compiler, plural: 'mutatingwebhookconfigurations' });
    this.validating = new WebhookIndex({ cache, compiler: this.compiler, plural: 'validatingwebhookconfigurations' });
  }

  start(clock: Clock): void {
    this.mutating.start(clock);
    this.validating.start(clock);
  }

  stop(): void {
    this.mutating.stop();
    this.validating.stop();
  }
}

/** Nobody may lock everybody out of what rules over admission. */
const isAdmission = ({ group }: ResourceType): boolean => group === 'admissionregistration.k8s.io';
const isExempt = ({ resource, context }: AdmissionRequest): boolean => context.isOwn === true || isAdmission(resource);

/** Without an object to change (DELETE, CONNECT) a mutating webhook can still deny. */
export const MUTATING_WEBHOOKS: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  isReinvoked: true,
  handles: (request, env) => !isExempt(request) && env.hooks.mutating.candidates(request, env.scheme).length > 0,
  mutate: async (request, env) => (await callMutating(env, env.hooks.mutating.candidates(request, env.scheme), request)) as KubeObject,
  async validate(request, env) {
    if (request.operation === 'DELETE' || request.operation === 'CONNECT') await callMutating(env, env.hooks.mutating.candidates(request, env.scheme), request);
  },
};

/** All at once; the first that denies, in the order of their names, is the answer. */
export const VALIDATING_WEBHOOKS: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  handles: (request, env) => !isExempt(request) && env.hooks.validating.candidates(request, env.scheme).length > 0,
  async validate(request, env) {
    const asked: Pick<HookCall, 'hook' | 'wanted'>[] = [];
    for (const hook of env.hooks.validating.candidates(request, env.scheme)) {
      const wanted = await matchHook(env, hook, request);
      if (wanted !== undefined) asked.push({ hook, wanted });
    }
    const answers = await Promise.allSettled(asked.map((call, i) => callHook(env, { ...call, request, isMutating: false, place: placeOf(0, i) })));
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  },
};

/** The part of the validation of configurations that needs the policy engine. */
export const WEBHOOK_CONDITIONS: AdmissionPlugin = {
  name: 'WebhookMatchConditions',
  handles: ({ resource, operation }) => isAdmission(resource) && resource.plural.endsWith('webhookconfigurations') && operation !== 'DELETE',
  validate({ resource, object, live }, env) {
    if (object) requireCompilable(env.hooks.compiler, resource, object as MutatingWebhookConfiguration & KubeObject, live as (MutatingWebhookConfiguration & KubeObject) | undefined);
  },
};
