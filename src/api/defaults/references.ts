import { filling, inside } from './fill.ts';

/** References to a field of the object itself name the version in which its path is meant. */
export const fieldRefDefaults = inside('fieldRef', filling({ apiVersion: 'v1' }));

/** `latest`, said or meant, may change under its name. */
export function pullPolicy(image: unknown): string {
  const text = typeof image === 'string' ? image : '';
  if (text.includes('@')) return 'IfNotPresent';
  const tag = /:([\w][\w.-]*)$/.exec(text)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}
