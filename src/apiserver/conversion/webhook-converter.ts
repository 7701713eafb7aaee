import { randomUUID } from 'node:crypto';
import type { WebhookConversion } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import type { WebhookCaller } from '../webhook/client.ts';
import { checkConverted, restoreMetadata } from './converted-object.ts';
import type { Converter } from './custom-conversion.ts';

export type ConversionCaller = Pick<WebhookCaller, 'call'>;

/** As long as Kubernetes waits for a conversion. */
const TIMEOUT_MS = 30_000;
const GROUP = 'apiextensions.k8s.io';
const SUPPORTED: readonly string[] = ['v1', 'v1beta1'];

/** Asks a webhook with `ConversionReview`s. */
export class WebhookConverter implements Converter {
  readonly #webhook: WebhookConversion;
  readonly #caller: ConversionCaller;

  constructor(webhook: WebhookConversion, caller: ConversionCaller) {
    this.#webhook = webhook;
    this.#caller = caller;
  }

  /** All objects in one review. @throws StatusError 500 in the words of Kubernetes */
  async convert(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]> {
    const [first] = objects;
    if (first === undefined) return objects;
    const hook = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`;
    const converted = await this.#ask(hook, objects, apiVersion);
    if (converted.length !== objects.length) throw failure(`${hook} returned ${converted.length} objects, expected ${objects.length}`);
    return objects.map((original, i) => checked(hook, original, converted[i], apiVersion, objects.length === 1 ? undefined : i));
  }

  async #ask(hook: string, objects: readonly KubeObject[], desiredAPIVersion: string): Promise<readonly unknown[]> {
    const version = this.#webhook.conversionReviewVersions.find((v) => SUPPORTED.includes(v));
    if (version === undefined) throw failure('no supported conversion review versions');
    const uid = randomUUID();
    const review = { kind: 'ConversionReview', apiVersion: `${GROUP}/${version}`, request: { uid, desiredAPIVersion, objects } };
    try {
      const answer = await this.#caller.call({ config: this.#webhook.clientConfig ?? {}, body: review, timeoutMs: TIMEOUT_MS });
      return convertedObjects(answer, version, uid);
    } catch (error) {
      throw failure(`${hook} failed: ${asError(error).message}`, error);
    }
  }
}

const failure = (message: string, cause?: unknown): StatusError => new StatusError('', message, { code: 500, cause });

/** `v1beta1` answers need neither type nor uid, as in Kubernetes. */
function convertedObjects(answer: unknown, version: string, uid: string): readonly unknown[] {
  const { apiVersion = '', kind = '', response } = (isJsonObject(answer) ? answer : {}) as { readonly apiVersion?: string; readonly kind?: string; readonly response?: JsonObject };
  if (version === 'v1' && (apiVersion !== `${GROUP}/v1` || kind !== 'ConversionReview')) throw new Error(`expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${apiVersion}, Kind=${kind}`);
  if (!isJsonObject(response)) throw new Error('no response provided');
  if (version === 'v1' && response['uid'] !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  const result = (response['result'] ?? {}) as { readonly status?: string; readonly message?: string };
  if (result.status !== 'Success') throw new Error(result.message || `response.result.status was '${result.status ?? ''}', not 'Success'`);
  return Array.isArray(response['convertedObjects']) ? response['convertedObjects'] : [];
}

function checked(hook: string, original: KubeObject, converted: unknown, apiVersion: string, index: number | undefined): KubeObject {
  const typed = converted as Partial<KubeObject> | undefined;
  const at = index === undefined ? 'invalid object at index 0' : `invalid converted object at index ${index}`;
  if (!isJsonObject(converted)) throw failure(`${hook} returned ${at}: an object is expected`);
  if (typed?.apiVersion !== apiVersion) throw failure(`${hook} returned ${at}: invalid groupVersion (expected ${apiVersion}, received ${typed?.apiVersion ?? ''})`);
  if (typed.kind !== original.kind) throw failure(`${hook} returned ${at}: invalid kind (expected ${original.kind}, received ${typed.kind ?? ''})`);
  const problem = checkConverted(original, typed);
  if (problem !== undefined) throw failure(`${hook} returned ${index === undefined ? 'invalid object' : at}: ${problem}`);
  const restored = restoreMetadata(original, converted);
  if (typeof restored === 'string') throw failure(`${hook} returned invalid metadata${index === undefined ? '' : ` in object at index ${index}`}: ${restored}`);
  return restored;
}
