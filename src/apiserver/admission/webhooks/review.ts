import { parseExactJson } from '#api/exact-json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import { optionsOf } from '../operation-options.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { namespaceOf } from './match.ts';

const GROUP = 'admission.k8s.io';
const BETA = `${GROUP}/v1beta1`;

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
  /** Decoded JSON Patch; absent for none. */
  readonly patch?: unknown;
  readonly status?: Partial<Status>;
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** An answer that is no valid review; the message follows `received invalid webhook response: `. */
export class ReviewProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** `AdmissionReview` in the first of the versions that the webhook lists and the server knows; both have the same form. */
export const reviewOf = (question: Question, versions: readonly string[]): object => ({ kind: 'AdmissionReview', apiVersion: apiVersionOfReview(versions), request: requestOf(question) });

const apiVersionOfReview = (versions: readonly string[]): string => `${GROUP}/${versions.find((v) => v === 'v1' || v === 'v1beta1') ?? 'v1'}`;

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

interface Response {
  readonly uid?: unknown;
  readonly allowed?: unknown;
  readonly patch?: string | null;
  readonly patchType?: string | null;
  readonly status?: Partial<Status> | null;
  readonly warnings?: readonly string[] | null;
  readonly auditAnnotations?: Readonly<Record<string, string>> | null;
}

/** How the webhook was asked. */
export interface Asked {
  readonly uid: string;
  /** Those that the webhook lists. */
  readonly versions: readonly string[];
  readonly isMutating: boolean;
}

/** An answer in v1beta1 need not repeat the uid, nor, to a review of that version, say what it is. @throws ReviewProblem */
export function verdictOf(answer: unknown, { uid, versions, isMutating }: Asked): Verdict {
  const { apiVersion = '', kind = '', response } = (answer ?? {}) as { readonly apiVersion?: string; readonly kind?: string; readonly response?: Response | null };
  const isBeta = (apiVersion || apiVersionOfReview(versions)) === BETA;
  if (!response) throw new ReviewProblem('webhook response was absent');
  if (!isBeta) checkType(apiVersion, kind, response, uid);
  const patch = patchOf(response, isMutating, isBeta);
  return {
    allowed: response.allowed === true, ...(patch === undefined ? {} : { patch }), ...(response.status ? { status: response.status } : {}),
    warnings: response.warnings ?? [], annotations: response.auditAnnotations ?? {},
  };
}

function checkType(apiVersion: string, kind: string, response: Response, uid: string): void {
  if (response.uid !== uid) throw new ReviewProblem(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  if (apiVersion === `${GROUP}/v1` && kind === 'AdmissionReview') return;
  const [first = '', second] = apiVersion.split('/');
  throw new ReviewProblem(`expected webhook response of ${GROUP}/v1, Kind=AdmissionReview, got ${second === undefined ? `/${first}` : apiVersion}, Kind=${kind}`);
}

function patchOf({ patch, patchType }: Response, isMutating: boolean, isBeta: boolean): unknown {
  const hasType = patchType !== undefined && patchType !== null;
  if (!isMutating) {
    if (isBeta) return undefined;
    if (patch) throw new ReviewProblem('validating webhook may not return response.patch');
    if (hasType) throw new ReviewProblem('validating webhook may not return response.patchType');
    return undefined;
  }
  if (!isBeta && patch && !hasType) throw new ReviewProblem('webhook returned response.patch but not response.patchType');
  if (!isBeta && !patch && hasType) throw new ReviewProblem('webhook returned response.patchType but not response.patch');
  if (!isBeta && patchType === '') throw new ReviewProblem('webhook returned invalid response.patchType of ""');
  if (!patch) return undefined;
  if (hasType && patchType !== 'JSONPatch') throw new ReviewProblem(`unsupported patch type ${JSON.stringify(patchType)}`);
  return decodePatch(patch);
}

function decodePatch(text: string): unknown {
  try {
    return parseExactJson(Buffer.from(text, 'base64').toString());
  } catch (error) {
    throw new ReviewProblem(`received undecodable patch in webhook response: ${String(error)}`);
  }
}
