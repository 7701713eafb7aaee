import { isJsonObject } from '#api/json.ts';

/** A text or a list of texts, or the members of an object or of each object of a list. */
type Shape = 'text' | 'texts' | { readonly [member: string]: Shape } | readonly [{ readonly [member: string]: Shape }];

/** The members of `AuthenticationConfiguration.jwt[*]`. */
export const ISSUER_SHAPE: Shape = {
  issuer: { url: 'text', discoveryURL: 'text', certificateAuthority: 'text', audiences: 'texts', audienceMatchPolicy: 'text', egressSelectorType: 'text' },
  claimValidationRules: [{ claim: 'text', requiredValue: 'text', expression: 'text', message: 'text' }],
  claimMappings: {
    username: { claim: 'text', prefix: 'text', expression: 'text' }, groups: { claim: 'text', prefix: 'text', expression: 'text' }, uid: { claim: 'text', expression: 'text' }, extra: [{ key: 'text', valueExpression: 'text' }],
  },
  userValidationRules: [{ expression: 'text', message: 'text' }],
};

/** What a reader that takes the file for this shape stumbles over: a rule under a name that nobody reads would be a rule that does not hold. */
export function misfit(value: unknown, shape: Shape, path: string): { readonly path: string; readonly why: string } | undefined {
  if (value === undefined || value === null) return undefined;
  if (shape === 'text') return typeof value === 'string' ? undefined : { path, why: 'must be a text' };
  if (shape === 'texts' || Array.isArray(shape)) {
    if (!Array.isArray(value)) return { path, why: 'must be a list' };
    const each: Shape = shape === 'texts' ? 'text' : (shape[0] as Shape);
    return value.map((item, i) => misfit(item, each, `${path}[${i}]`)).find((found) => found !== undefined);
  }
  if (!isJsonObject(value)) return { path, why: 'must be an object' };
  for (const [name, member] of Object.entries(value)) {
    const known = (shape as Readonly<Record<string, Shape>>)[name];
    if (known === undefined) return { path: `${path}.${name}`, why: 'unknown field' };
    const found = misfit(member, known, `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}
