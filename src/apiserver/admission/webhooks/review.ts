import type { AdmissionResponse } from '#api/generated/admission/v1.ts';
import { goQuote } from '#api/go-text.ts';
import type { JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import { type AnsweredReview, readReview, type ReviewType, typeText, UnreadableReview } from '../../webhook/review-answer.ts';
import { optionsOf } from '../operation-options.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { decodePatch, UndecodablePatch } from './decode-patch.ts';
import { namespaceOf } from './match.ts';

const GROUP = 'admission.k8s.io';
const BETA = `${GROUP}/v1beta1`;
const REVIEW = 'AdmissionReview';
const VERSIONS: readonly string[] = ['v1', 'v1beta1'];
const TYPE: ReviewType = { group: GROUP, kind: REVIEW, versions: VERSIONS, facts: 'admission/v1.AdmissionReview', response: 'AdmissionResponse' };
const JSON_PATCH = 'JSONPatch';

/** What a webhook is asked: `wanted` is the version in which it sees the objects. */
export interface Question {
  readonly uid: string;
  readonly request: AdmissionRequest;
  readonly wanted: ResourceType;
  /** In the version that is wanted. */
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
}

/** What a webhook said, checked. */
export interface Verdict {
  readonly allowed: boolean;
  /** As it was given; {@link operationsOf} reads it, which nobody does of what is denied. */
  readonly patch?: { readonly type: string; readonly text: string };
  readonly status?: Partial<Status>;
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** An answer that is no valid review; the message follows the name of the webhook. */
export class ReviewProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** `AdmissionReview` in the first of the versions that the webhook lists and the server knows; both have the same form. */
export const reviewOf = (question: Question, versions: readonly string[]): object => ({ kind: REVIEW, apiVersion: apiVersionOfReview(versions), request: requestOf(question) });

const apiVersionOfReview = (versions: readonly string[]): string => `${GROUP}/${versions.find((v) => VERSIONS.includes(v)) ?? 'v1'}`;

function requestOf({ uid, request, wanted, object, oldObject }: Question): object {
  const { operation, resource, subresource, name, context } = request;
  const namespace = namespaceOf(request);
  const sub = subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource };
  const { name: username, uid: userId, groups, extra } = context.user;
  return {
    uid, kind: kindOf(object ?? oldObject, wanted), resource: resourceOf(wanted), requestKind: kindOf(request.object ?? request.live, resource), requestResource: resourceOf(resource), ...sub,
    ...(name === '' ? {} : { name }), ...(namespace === '' ? {} : { namespace }), operation,
    userInfo: { username, ...(userId === undefined ? {} : { uid: userId }), groups, ...(extra ? { extra } : {}) },
    object: object ?? null, oldObject: oldObject ?? null, dryRun: context.dryRun, options: optionsOf(request),
  };
}

const resourceOf = ({ group, version, plural }: ResourceType): object => ({ group, version, resource: plural });

/** Subresources have kinds of their own: Scale, Eviction, PodExecOptions. */
function kindOf(object: KubeObject | undefined, resource: ResourceType): object {
  if (object === undefined || object.kind === resource.kind) return { group: resource.group, version: resource.version, kind: resource.kind };
  const [first = '', second] = object.apiVersion.split('/');
  return { group: second === undefined ? '' : first, version: second ?? first, kind: object.kind };
}

/** How the webhook was asked. */
export interface Asked {
  readonly schema: Schema;
  readonly uid: string;
  /** Those that the webhook lists. */
  readonly versions: readonly string[];
  readonly isMutating: boolean;
}

/** An answer in v1beta1 need not repeat the uid, nor say what it is. @throws ReviewProblem */
export function verdictOf(answer: unknown, { schema, uid, versions, isMutating }: Asked): Verdict {
  const wanted = apiVersionOfReview(versions);
  const isBeta = wanted === BETA;
  const answered = read(schema, answer ?? {}, wanted);
  const { apiVersion, kind, response } = answered;
  if (!response) throw invalidAnswer('webhook response was absent');
  if (!isBeta && response.uid !== uid) throw invalidAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  if (!isBeta && (apiVersion !== wanted || kind !== REVIEW)) throw invalidAnswer(`expected webhook response of ${wanted}, Kind=${REVIEW}, got ${typeText(answered)}`);
  if (!isBeta) checkPatch(response, isMutating);
  return {
    allowed: response.allowed === true, ...(isMutating && response.patch ? { patch: { type: isBeta ? JSON_PATCH : response.patchType ?? '', text: Buffer.from(response.patch, 'base64').toString() } } : {}),
    ...(response.status ? { status: response.status } : {}), warnings: response.warnings ?? [], annotations: response.auditAnnotations ?? {},
  };
}

function read(schema: Schema, answer: unknown, wanted: string): AnsweredReview<AdmissionResponse> {
  try {
    return readReview(schema, TYPE, answer, wanted);
  } catch (error) {
    throw error instanceof UnreadableReview ? unreadable(error.message) : error;
  }
}

const unreadable = (why: string): ReviewProblem => new ReviewProblem(`failed to call webhook: ${why}`);
const invalidAnswer = (why: string): ReviewProblem => new ReviewProblem(`received invalid webhook response: ${why}`);

function checkPatch({ patch, patchType }: AdmissionResponse, isMutating: boolean): void {
  const hasType = patchType !== undefined;
  if (!isMutating) {
    if (patch) throw invalidAnswer('validating webhook may not return response.patch');
    if (hasType) throw invalidAnswer('validating webhook may not return response.patchType');
    return;
  }
  if (patch && !hasType) throw invalidAnswer('webhook returned response.patch but not response.patchType');
  if (!patch && hasType) throw invalidAnswer('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw invalidAnswer('webhook returned invalid response.patchType of ""');
}

/** What the webhook wants to change; undefined for nothing. @throws ReviewProblem */
export function operationsOf({ patch }: Verdict): readonly JsonObject[] | undefined {
  if (patch === undefined) return undefined;
  const operations = readOperations(patch.text);
  if (operations.length === 0) return undefined;
  if (patch.type !== JSON_PATCH) throw new ReviewProblem(`unsupported patch type ${goQuote(patch.type)}`);
  return operations;
}

function readOperations(text: string): readonly JsonObject[] {
  try {
    return decodePatch(text);
  } catch (error) {
    throw error instanceof UndecodablePatch ? new ReviewProblem(`received undecodable patch in webhook response: ${error.message}`) : error;
  }
}
