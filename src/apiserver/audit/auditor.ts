import { formatMicroTime } from '#base/clock.ts';
import { COMMIT_ANNOTATION } from '#api/headway/v1/types.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { Schema } from '#api/schema.ts';
import type { UserInfo } from '#api/transport.ts';
import { PATCH_ANNOTATION } from '../admission/webhooks/trail.ts';
import { writtenAnswer } from '../conversion/written-forms.ts';
import { nameOf, namespaceOf, type RequestInfo } from '../request-info.ts';
import type { AuditSink } from './audit-log.ts';
import type { AuditDecision, AuditPolicy, Stage } from './policy.ts';
import { mayHoldTokens, redacted, redactedUri, withoutManagedFields } from './redact.ts';

/** What is known of a request when a stage is recorded. */
export interface AuditedRequest {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly uri: () => string;
  readonly method: string;
  readonly userAgent: string;
  readonly sourceIps: () => readonly string[];
  /** Who was authenticated; undefined when nobody was. */
  readonly authenticated: UserInfo | undefined;
  /** Who the request acts as. */
  readonly user: UserInfo | undefined;
  /** The verb that let it act as another in this one request. */
  readonly constraint: string | undefined;
  readonly info: RequestInfo | undefined;
  readonly body: unknown;
  /** The answer's status code; 0 before there is one. */
  readonly code: number;
  readonly answer: () => unknown;
  readonly annotations: ReadonlyMap<string, string>;
}

/** The request of somebody who was not let in. Kubernetes records its answer when it starts, and nothing else. */
export const refusedAtTheDoor = (request: AuditedRequest, info: RequestInfo | undefined, message: string): AuditedRequest => ({
  id: request.id, receivedAt: request.receivedAt, uri: () => request.uri(), method: request.method, userAgent: request.userAgent, sourceIps: () => request.sourceIps(),
  authenticated: undefined, user: undefined, constraint: undefined, info, body: undefined, code: 401, answer: () => ({ kind: 'Status', message }), annotations: request.annotations,
});

/** Records stages of requests as the policy says. */
export class Auditor {
  readonly #policy: AuditPolicy;
  readonly #schema: Schema;
  readonly #sink: AuditSink;
  readonly #now: () => number;

  constructor(options: { readonly policy: AuditPolicy; readonly sink: AuditSink; readonly schema: Schema; readonly now: () => number }) {
    this.#policy = options.policy;
    this.#schema = options.schema;
    this.#sink = options.sink;
    this.#now = options.now;
  }

  /** Undefined: nothing is recorded of the request. */
  decide(user: UserInfo | undefined, info: RequestInfo | undefined): AuditDecision | undefined {
    const decision = this.#policy.decide(user, info);
    return decision.level === 'None' ? undefined : decision;
  }

  record(request: AuditedRequest, decision: AuditDecision, stage: Stage): void {
    if (decision.omitStages.has(stage)) return;
    this.#sink.write(JSON.stringify(eventOf(request, decision, { stage, now: this.#now(), schema: this.#schema })));
  }
}

interface Recording {
  readonly stage: Stage;
  readonly now: number;
  readonly schema: Schema;
}

function eventOf(request: AuditedRequest, { level, omitManagedFields }: AuditDecision, { stage, now, schema }: Recording): JsonObject {
  const { id, method, info, authenticated, user, constraint, userAgent, receivedAt, code, body } = request;
  const isOver = stage !== 'RequestReceived';
  const answer = isOver ? request.answer() : undefined;
  const hasRequest = isOver && (level === 'Request' || level === 'RequestResponse') && body !== undefined;
  const hasResponse = stage === 'ResponseComplete' && level === 'RequestResponse' && answer !== undefined;
  const clean = (value: unknown): unknown => (info ? redacted(info, omitManagedFields ? withoutManagedFields(value) : value) : undefined);
  // What is answered is shown as clients read it; what was asked, as it was sent.
  const written = (value: unknown): unknown => (info?.type === 'resource' ? writtenAnswer(schema, info.resource, value) : value);
  const annotations = annotationsOf(request, level);
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level, auditID: id, stage, requestURI: redactedUri(request.uri()), verb: info?.verb ?? method.toLowerCase(),
    user: userOf(authenticated), ...(isOver && user && user !== authenticated ? { impersonatedUser: userOf(user) } : {}),
    ...(isOver && constraint ? { authenticationMetadata: { impersonationConstraint: constraint } } : {}),
    sourceIPs: request.sourceIps(), userAgent: shortened(userAgent), ...(info?.type === 'resource' ? { objectRef: referenceOf(request, info) } : {}),
    ...(isOver && code > 0 ? { responseStatus: statusOf(answer, code) } : {}),
    ...(hasRequest ? { requestObject: clean(body) } : {}), ...(hasResponse ? { responseObject: clean(written(answer)) } : {}),
    requestReceivedTimestamp: formatMicroTime(receivedAt), stageTimestamp: formatMicroTime(now), ...(annotations ? { annotations } : {}),
  };
}

/** Of Kubernetes: what clients make up shall not fill the log. */
const MAX_USER_AGENT = 1024;
const shortened = (userAgent: string): string => (userAgent.length > MAX_USER_AGENT ? `${userAgent.slice(0, MAX_USER_AGENT)}...TRUNCATED` : userAgent);

const userOf = (user: UserInfo | undefined): JsonObject =>
  (user ? { username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) } : {});

function referenceOf({ body, answer }: AuditedRequest, info: Extract<RequestInfo, { readonly type: 'resource' }>): JsonObject {
  const { resource, subresource } = info;
  const namespace = namespaceOf(info);
  const name = nameOf(info);
  const metadata = metadataOf(body) ?? {};
  const uid = (metadataOf(answer()) ?? metadata)['uid'];
  const named = name === '' ? metadata['name'] : name;
  return {
    resource: resource.plural, ...(namespace === '' ? {} : { namespace }), ...(typeof named === 'string' && named !== '' ? { name: named } : {}), ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    ...(resource.group === '' ? {} : { apiGroup: resource.group }), apiVersion: resource.version,
    ...(typeof metadata['resourceVersion'] === 'string' ? { resourceVersion: metadata['resourceVersion'] } : {}), ...(subresource === '' ? {} : { subresource }),
  };
}

function statusOf(answer: unknown, code: number): JsonObject {
  if (!isJsonObject(answer) || answer['kind'] !== 'Status') return { metadata: {}, code };
  const { status, message, reason, details } = answer;
  return { metadata: {}, ...(status ? { status } : {}), ...(message ? { message } : {}), ...(reason ? { reason } : {}), ...(details ? { details } : {}), code };
}

/** With the commit that a write of sync comes from: it stands in what is written. What webhooks write into objects is recorded where the objects are. */
function annotationsOf({ annotations: all, body, info }: AuditedRequest, level: AuditDecision['level']): Readonly<Record<string, string>> | undefined {
  const hasPatches = (level === 'Request' || level === 'RequestResponse') && info !== undefined && !mayHoldTokens(info);
  const annotations = hasPatches ? all : new Map([...all].filter(([key]) => !key.startsWith(PATCH_ANNOTATION)));
  const given = metadataOf(body)?.['annotations'];
  const commit = isJsonObject(given) ? given[COMMIT_ANNOTATION] : undefined;
  if (annotations.size === 0 && typeof commit !== 'string') return undefined;
  return { ...Object.fromEntries(annotations), ...(typeof commit === 'string' ? { [COMMIT_ANNOTATION]: commit } : {}) };
}

function metadataOf(value: unknown): JsonObject | undefined {
  const metadata = isJsonObject(value) ? value['metadata'] : undefined;
  return isJsonObject(metadata) ? metadata : undefined;
}
