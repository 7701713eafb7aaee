import { decoderOf, DecodeState, Mismatch } from '#api/decoders.ts';
import type { TypeReference } from '#api/facts.ts';
import { goQuote } from '#api/go-text.ts';
import { isJsonObject } from '#api/json.ts';
import type { Schema } from '#api/schema.ts';

/** A sort of review; all its versions have the same form. */
export interface ReviewType {
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly string[];
  readonly facts: TypeReference;
  /** Of the type of its `response`. */
  readonly response: string;
}

/** An answer that cannot be read as a review, in the words of Go. */
export class UnreadableReview {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export interface AnsweredReview<T> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: T;
}

/** An answer that need not say what it is. `wanted` is the `apiVersion` in which it was asked for. @throws UnreadableReview */
export function readReview<T>(schema: Schema, type: ReviewType, answer: unknown, wanted: string): AnsweredReview<T> {
  const { apiVersion = '', kind = '' } = isJsonObject(answer) ? answer : {};
  if (typeof apiVersion === 'string' && typeof kind === 'string') requireReview(type, apiVersion, kind, wanted);
  try {
    return decoderOf(schema, type.facts)(answer, new DecodeState()) as AnsweredReview<T>;
  } catch (error) {
    const own = `of type v1.${type.response}`;
    throw error instanceof Mismatch ? new UnreadableReview(error.message.endsWith(own) ? `${error.message.slice(0, -own.length)}of type ${versionOf(wanted)}.${type.response}` : error.message) : error;
  }
}

/** What says of itself that it is something else is not read. Where a webhook's answer is decoded, only reviews and Status are known. */
function requireReview({ group, kind: review, versions }: ReviewType, apiVersion: string, kind: string, wanted: string): void {
  if (apiVersion.split('/').length > 2) throw new UnreadableReview(`unexpected GroupVersion string: ${apiVersion}`);
  if (apiVersion === '' || kind === '' || (apiVersion === wanted && kind === review)) return;
  const isKnown = kind === review ? apiVersion.startsWith(`${group}/`) && versions.includes(versionOf(apiVersion)) : apiVersion === 'v1' && kind === 'Status';
  throw new UnreadableReview(isKnown ? `converting (${versionOf(apiVersion)}.${kind}) to (${versionOf(wanted)}.${review}): unknown conversion` : `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "pkg/util/webhook/client.go:71"`);
}

/** `group/version, Kind=kind`, as Go prints what an answer says that it is. */
export const typeText = ({ apiVersion = '', kind = '' }: AnsweredReview<unknown>): string => `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1);
