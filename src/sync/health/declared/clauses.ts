import type { KubeObject } from '#api/object.ts';
import type { HealthStatus } from '../health.ts';

/** What a test found, as a message that may be empty; undefined when it does not hold. */
export type Test = (object: KubeObject) => string | undefined;

/** If one of the tests holds, the object has the status. */
export interface Clause {
  readonly status: HealthStatus;
  readonly tests: readonly Test[];
}

/** The first clause that holds decides; without one the object is Progressing. */
export type Clauses = readonly Clause[];

const clause = (status: HealthStatus) => (...tests: readonly Test[]): Clause => ({ status, tests });
export const healthyIf = clause('Healthy');
export const degradedIf = clause('Degraded');
export const progressingIf = clause('Progressing');
export const suspendedIf = clause('Suspended');

type Json = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** All values at a path of keys; lists on the way stand for their items. */
export function valuesAt(root: unknown, path: string): readonly unknown[] {
  return path.split('.').reduce<readonly unknown[]>((values, key) => values.flatMap((value) => (isMap(value) ? [value[key]] : [])).flatMap((value) => (Array.isArray(value) ? (value as readonly unknown[]) : [value])), [root]).filter((value) => value !== undefined && value !== null);
}

/** A condition with this status, and of these reasons when any are given. `at` is where the list stands. */
const condition = (status: string) => (type: string, { reasons, at = 'status.conditions' }: { readonly reasons?: RegExp; readonly at?: string } = {}): Test => (object) => {
  const found = valuesAt(object, at).find((item) => isMap(item) && item['type'] === type && item['status'] === status && (!reasons || reasons.test(String(item['reason'] ?? ''))));
  return isMap(found) ? String(found['message'] || found['reason'] || `${type} is ${status}`) : undefined;
};
export const isTrue = condition('True');
export const isFalse = condition('False');
export const isUnknown = condition('Unknown');

/** A value at the path is one of these, or matches. */
export const field = (path: string, expected: RegExp | string | boolean | number): Test => (object) => {
  const found = valuesAt(object, path).find((value) => (expected instanceof RegExp ? expected.test(String(value)) : value === expected));
  return found === undefined ? undefined : [`${path} is ${String(found)}`, ...explanation(object)].join(': ');
};
/** Something stands at the path, which is the message. */
export const says = (path: string): Test => (object) => {
  const [value] = valuesAt(object, path);
  return value === undefined || value === '' ? undefined : typeof value === 'string' ? value : `${path} is set`;
};
export const both = (...tests: readonly Test[]): Test => (object) => {
  const found = tests.map((test) => test(object));
  return found.every((message) => message !== undefined) ? found.find((message) => message !== '') ?? '' : undefined;
};
export const not = (test: Test): Test => (object) => (test(object) === undefined ? '' : undefined);
export const annotation = (name: string, value?: string): Test => ({ metadata }) => {
  const found = metadata.annotations?.[name];
  return found !== undefined && (value === undefined || found === value) ? `annotation ${name} is ${found}` : undefined;
};
/** Holds always, with this message. */
export const because = (message: string): Test => () => message;
export const always = because('');

/** Where most kinds explain their phase. */
const explanation = (object: KubeObject): readonly string[] => ['status.message', 'status.reason', 'status.failureReason'].flatMap((path) => valuesAt(object, path).slice(0, 1)).filter((value) => typeof value === 'string' && value !== '').slice(0, 1) as readonly string[];

/** `Ready` in its three values, a failure being one until it is mended. */
export const READY: Clauses = [healthyIf(isTrue('Ready')), degradedIf(isFalse('Ready')), progressingIf(isUnknown('Ready'))];
/** The same, but of kinds that need nobody to act on them. */
export const READY_IF_ANY: Clauses = [degradedIf(isFalse('Ready')), progressingIf(isUnknown('Ready')), healthyIf(always)];
/** A phase that is good, one that is bad, anything else on the way. */
export const phases = (path: string, options: { readonly healthy: RegExp; readonly degraded: RegExp; readonly suspended?: RegExp }): Clauses => [
  degradedIf(field(path, options.degraded)), ...(options.suspended ? [suspendedIf(field(path, options.suspended))] : []), healthyIf(field(path, options.healthy)), progressingIf(field(path, /./)),
];
