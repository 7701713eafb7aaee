import type { KubeObject } from '#api/object.ts';
import { progressing, type Health } from '../health.ts';
import { valuesAt, type Clauses } from './clauses.ts';
import { BUILT_IN } from './built-in.ts';
import { DELIVERY } from './delivery.ts';
import { PLATFORM } from './platform.ts';
import { STATEFUL } from './stateful.ts';

const TABLE: Readonly<Record<string, Clauses>> = { ...BUILT_IN, ...DELIVERY, ...PLATFORM, ...STATEFUL };

/** The clauses of a kind: its own, those of its group, or those of a domain of groups (`*.crossplane.io`). */
export function clausesOf({ group, kind }: { readonly group: string; readonly kind: string }): Clauses | undefined {
  const own = TABLE[`${kind}.${group}`] ?? TABLE[`*.${group}`];
  if (own) return own;
  const parts = group.split('.');
  for (let i = 1; i < parts.length - 1; i++) {
    const ofDomain = TABLE[`*.*.${parts.slice(i).join('.')}`];
    if (ofDomain) return ofDomain;
  }
  return undefined;
}

export function declaredHealth(object: KubeObject, clauses: Clauses): Health {
  const [observed] = valuesAt(object, 'status.observedGeneration');
  if (typeof observed === 'number' && observed < (object.metadata.generation ?? 0)) return progressing('the controller has not seen the last change');
  for (const { status, tests } of clauses) {
    for (const test of tests) {
      const message = test(object);
      if (message !== undefined) return { status, message: status === 'Healthy' ? '' : message };
    }
  }
  return progressing('its controller has not said how it is');
}
