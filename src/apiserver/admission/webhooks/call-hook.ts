import { randomUUID } from 'node:crypto';
import type { JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import { badRequest, isStatus, StatusError } from '#api/status-error.ts';
import { writtenForm } from '../../conversion/written-forms.ts';
import type { Environment } from '../../environment.ts';
import type { WebhookCalled } from '../../metrics/webhook-metrics.ts';
import { WebhookCallError } from '../../webhook/client.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { inVersion } from './equivalent.ts';
import type { Hook } from './hook.ts';
import { operationsOf, reviewOf, ReviewProblem, verdictOf, type Verdict } from './review.ts';
import { requireTime, timeLeft } from './time-left.ts';
import { noteFailedOpen, noteOwn } from './trail.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;
const MIN_FAILURE_CODE = 400;

export interface HookCall {
  readonly hook: Hook;
  /** Versions in which the webhook sees the objects. */
  readonly wanted: ResourceType;
  readonly request: AdmissionRequest;
  readonly isMutating: boolean;
  /** Of this asking, in audit records. */
  readonly place: string;
}

export interface Accepted {
  /** Of the object in the wanted version; absent for none. */
  readonly patch?: readonly JsonObject[];
  readonly object?: KubeObject;
}

/**
 * Asks one webhook. Undefined when it cannot be asked and lets pass what it cannot judge (`failurePolicy: Ignore`).
 * @throws StatusError of the webhook when it denies, InternalError when it fails, BadRequest for a dry run that it does not know,
 * Timeout when the client waits no longer: what it is not told of must not be written, whatever the webhook says or lets pass
 */
export async function callHook(env: Environment, call: HookCall): Promise<Accepted | undefined> {
  requireTime(env, call.request.context);
  try {
    return await measuredAsk(env, call);
  } finally {
    requireTime(env, call.request.context);
  }
}

async function measuredAsk(env: Environment, call: HookCall): Promise<Accepted | undefined> {
  const startedAt = env.clock.monotonic();
  const called = (how: Pick<WebhookCalled, 'rejection' | 'hasFailedOpen'>): void => env.hooks.metrics.called({
    name: call.hook.webhook.name, operation: call.request.operation, isMutating: call.isMutating, seconds: (env.clock.monotonic() - startedAt) / 1000, ...how,
  });
  try {
    const accepted = await askHook(env, call);
    called({ hasFailedOpen: accepted === undefined });
    return accepted;
  } catch (error) {
    called({ hasFailedOpen: false, rejection: isStatus(error, 'InternalError') ? { errorType: 'calling_webhook_error', code: 0 } : { errorType: 'no_error', code: error instanceof StatusError ? error.httpCode : 0 } });
    throw error;
  }
}

async function askHook(env: Environment, call: HookCall): Promise<Accepted | undefined> {
  const { hook: { webhook }, wanted, request, isMutating } = call;
  const { context } = request;
  if (context.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') throw badRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
  const uid = randomUUID();
  const object = request.object && (await shown(env, call, request.object));
  const oldObject = request.live && (await shown(env, call, request.live));
  const review = reviewOf({ uid, request, wanted, ...(object ? { object } : {}), ...(oldObject ? { oldObject } : {}) }, webhook.admissionReviewVersions);
  const ownMs = (webhook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  let verdict: Verdict;
  try {
    const answer = await env.webhooks.call({ config: webhook.clientConfig, body: review, timeoutMs: Math.ceil(Math.min(ownMs, timeLeft(env, context))) });
    verdict = verdictOf(answer, { schema: env.schema, uid, versions: webhook.admissionReviewVersions, isMutating });
  } catch (error) {
    return failedOpen(env, call, error);
  }
  for (const warning of verdict.warnings) context.warn(warning);
  for (const [key, value] of Object.entries(verdict.annotations)) noteOwn(context, webhook.name, key, value);
  if (!verdict.allowed) throw denial(webhook.name, verdict.status ?? {});
  try {
    const patch = operationsOf(verdict);
    return { ...(patch ? { patch } : {}), ...(object ? { object } : {}) };
  } catch (error) {
    return failedOpen(env, call, error);
  }
}

/** In the version that the webhook wants, and with the nulls that Go writes, as clients read it: a patch may well test them. */
async function shown({ schema }: Environment, { wanted, request: { resource } }: HookCall, object: KubeObject): Promise<KubeObject> {
  const converted = await inVersion(resource, wanted, object);
  return writtenForm(schema, wanted)?.(converted) ?? converted;
}

function failedOpen(env: Environment, { hook, request, isMutating, place }: HookCall, error: unknown): undefined {
  const { name, failurePolicy } = hook.webhook;
  const why = error instanceof WebhookCallError ? `${error.data.kind === 'config' ? 'could not get REST client' : 'failed to call webhook'}: ${error.message}` : error instanceof ReviewProblem ? error.message : undefined;
  if (why === undefined) throw error;
  const message = `failed calling webhook ${JSON.stringify(name)}: ${why}`;
  if (failurePolicy !== 'Ignore') throw internal(message, error);
  noteFailedOpen(request.context, place, hook, isMutating);
  env.log.warn('an admission webhook failed, and lets pass what it cannot judge', { webhook: name, error: message });
  return undefined;
}

export const internal = (message: string, cause?: unknown): StatusError =>
  new StatusError('InternalError', `Internal error occurred: ${message}`, { details: { causes: [{ message }] }, cause });

/** The webhook's own Status, which is never a success, under the words by which clients know who denied. */
function denial(name: string, { message, reason = '', code = 0, details }: Partial<Status>): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const explained = message || reason;
  return new StatusError(reason, explained ? `${denied}: ${explained}` : `${denied} without explanation`, { code: code < MIN_FAILURE_CODE ? MIN_FAILURE_CODE : code, ...(details ? { details } : {}) });
}
