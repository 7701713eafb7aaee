import { Mismatch } from './decoders.ts';
import { goQuote } from './go-text.ts';
import { isJsonObject } from './json.ts';
import type { KubeObject } from './object.ts';

interface Annotation {
  readonly name: string;
  /** What is told before the fault of the number. */
  tell(value: string): string;
  /** An empty one is none. */
  readonly mayBeEmpty: boolean;
}

/** By the type in the fact tables. They stand for fields of versions that are no more, and are read as those were. */
const ANNOTATIONS: Readonly<Record<string, Annotation>> = {
  'apps/v1.DaemonSet': { name: 'deprecated.daemonset.template.generation', tell: () => '', mayBeEmpty: false },
  'apps/v1.Deployment': { name: 'deprecated.deployment.rollback.to', tell: (value) => `failed to parse annotation[deprecated.deployment.rollback.to]=${value} as int64: `, mayBeEmpty: true },
};
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** The object with the number in its one form. @throws Mismatch when the annotation is no number of 64 bits */
export function withAnnotatedNumber(facts: string | undefined, object: KubeObject): KubeObject {
  const rule = ANNOTATIONS[facts ?? ''];
  const value = rule && (isJsonObject(object.metadata?.annotations) ? object.metadata.annotations[rule.name] : undefined);
  if (rule === undefined || value === undefined) return object;
  const { [rule.name]: _, ...others } = object.metadata.annotations ?? {};
  if (value === '' && rule.mayBeEmpty) return withAnnotations(object, others);
  const fault = faultOf(value);
  if (fault !== undefined) throw new Mismatch(`${rule.tell(value)}strconv.ParseInt: parsing ${goQuote(value)}: ${fault}`);
  const plain = String(BigInt(value.replace(/^\+/, '')));
  return plain === value ? object : withAnnotations(object, { ...others, [rule.name]: plain });
}

function faultOf(value: string): string | undefined {
  if (!/^[+-]?\d+$/.test(value)) return 'invalid syntax';
  const number = BigInt(value.replace(/^\+/, ''));
  return number < MIN || number > MAX ? 'value out of range' : undefined;
}

function withAnnotations(object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject {
  const { annotations: _, ...metadata } = object.metadata;
  return { ...object, metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations } };
}
