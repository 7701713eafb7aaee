import type { KubeObject } from '#api/object.ts';

/**
 * A Secret with `stringData` written as `data`, as the API stores it: of fields that are not stored nobody would see that somebody
 * else has changed them. What the API would refuse is left to it.
 */
export function withData(object: KubeObject): KubeObject {
  const { data, stringData, ...rest } = object as KubeObject & { readonly data?: unknown; readonly stringData?: unknown };
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isMap(stringData) || (data !== undefined && !isMap(data))) return object;
  if (!Object.values(stringData).every((value) => typeof value === 'string')) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const);
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } } as KubeObject;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
