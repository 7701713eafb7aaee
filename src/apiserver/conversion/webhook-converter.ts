import { randomUUID } from 'node:crypto';
import { foundText } from '#api/decoders.ts';
import type { ConversionResponse, WebhookConversion } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';
import { StatusError } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import type { WebhookCaller } from '../webhook/client.ts';
import { type AnsweredReview, readReview, type ReviewType, typeText, UnreadableReview } from '../webhook/review-answer.ts';
import type { ClientConfig } from '../webhook/target.ts';
import { checkConverted, restoreMetadata } from './converted-object.ts';
import type { Converter } from './custom-conversion.ts';

/** What all conversions of a server share. */
export interface ConversionParts {
  readonly webhooks: Pick<WebhookCaller, 'call'>;
  readonly schema: Schema;
}

/** As long as Kubernetes waits for a conversion. */
const TIMEOUT_MS = 30_000;
const GROUP = 'apiextensions.k8s.io';
const REVIEW = 'ConversionReview';
const SUPPORTED: readonly string[] = ['v1', 'v1beta1'];
const TYPE: ReviewType = { group: GROUP, kind: REVIEW, versions: SUPPORTED, facts: 'apiextensions/v1.ConversionReview', response: 'ConversionResponse' };
/** Go writes it with every question. */
const NO_RESPONSE = { uid: '', convertedObjects: null, result: { metadata: {} } };

/** Asks a webhook with `ConversionReview`s. */
export class WebhookConverter implements Converter {
  readonly #versions: readonly string[];
  readonly #config: ClientConfig;
  readonly #parts: ConversionParts;

  constructor({ conversionReviewVersions, clientConfig = {} }: WebhookConversion, parts: ConversionParts) {
    this.#versions = conversionReviewVersions;
    this.#config = withoutBlankBundle(clientConfig);
    this.#parts = parts;
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
    const version = this.#versions.find((v) => SUPPORTED.includes(v));
    if (version === undefined) throw failure('no supported conversion review versions');
    const uid = randomUUID();
    const review = { kind: REVIEW, apiVersion: `${GROUP}/${version}`, request: { uid, desiredAPIVersion, objects }, response: NO_RESPONSE };
    try {
      const answer = await this.#parts.webhooks.call({ config: this.#config, body: review, timeoutMs: TIMEOUT_MS });
      requireSuccess(readReview(this.#parts.schema, TYPE, answer ?? {}, review.apiVersion), version, uid);
      // Each as it was sent, a null too.
      return (answer as Required<AnsweredReview<Partial<ConversionResponse>>>).response.convertedObjects ?? [];
    } catch (error) {
      throw failure(`${hook} failed: ${error instanceof UnreadableReview ? error.message : asError(error).message}`, error);
    }
  }
}

const failure = (message: string, cause?: unknown): StatusError => new StatusError('', message, { code: 500, cause });

/** One of white space, which those write who wait for theirs, is none. */
function withoutBlankBundle({ caBundle = '', ...config }: ClientConfig): ClientConfig {
  return Buffer.from(caBundle, 'base64').toString().trim() === '' ? config : { ...config, caBundle };
}

/** `v1beta1` answers need neither type nor uid, as in Kubernetes. @throws Error */
function requireSuccess(answered: AnsweredReview<Partial<ConversionResponse>>, version: string, uid: string): void {
  const { apiVersion, kind, response } = answered;
  if (version === 'v1' && (apiVersion !== `${GROUP}/v1` || kind !== REVIEW)) throw new Error(`expected webhook response of ${GROUP}/v1, Kind=${REVIEW}, got ${typeText(answered)}`);
  if (!response) throw new Error('no response provided');
  if (version === 'v1' && response.uid !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  const { status = '', message } = response.result ?? {};
  if (status !== 'Success') throw new Error(message || `response.result.status was '${status}', not 'Success'`);
}

function checked(hook: string, original: KubeObject, converted: unknown, apiVersion: string, index: number | undefined): KubeObject {
  const typed = converted as Partial<KubeObject> | undefined;
  const at = index === undefined ? 'invalid object at index 0' : `invalid converted object at index ${index}`;
  const fault = objectFault(converted);
  if (fault !== undefined || !isJsonObject(converted)) throw failure(index === undefined ? fault ?? '' : `${hook} returned ${at}: ${fault}`);
  if (typed?.apiVersion !== apiVersion) throw failure(`${hook} returned ${at}: invalid groupVersion (expected ${apiVersion}, received ${typed?.apiVersion ?? ''})`);
  if (typed.kind !== original.kind) throw failure(`${hook} returned ${at}: invalid kind (expected ${original.kind}, received ${typed.kind ?? ''})`);
  const problem = checkConverted(original, typed);
  if (problem !== undefined) throw failure(`${hook} returned ${index === undefined ? 'invalid object' : at}: ${problem}`);
  const restored = restoreMetadata(original, converted);
  if (typeof restored === 'string') throw failure(`${hook} returned invalid metadata${index === undefined ? '' : ` in object at index ${index}`}: ${restored}`);
  return restored;
}

function objectFault(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'unexpected end of JSON input';
  if (!isJsonObject(value)) return `json: cannot unmarshal ${foundText(value, ANY_MAP)} into Go value of type ${ANY_MAP}`;
  return value['kind'] ? undefined : `Object 'Kind' is missing in '${JSON.stringify(value)}'`;
}
const ANY_MAP = 'map[string]interface {}';
