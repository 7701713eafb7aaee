import type { Secret } from '#api/generated/core/v1.ts';

/** A Secret with keys, as the API gives it. */
export function keySecret(keys: Readonly<Record<string, string>>, name = 'keys', namespace = 'default'): Secret {
  const data = Object.fromEntries(Object.entries(keys).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, uid: 'a-uid', resourceVersion: '1' }, data } as Secret;
}
