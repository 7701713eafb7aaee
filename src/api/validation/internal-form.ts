/**
 * Messages show values in the form in which Kubernetes holds them, whose fields have Go's names and are all there. Each field: its name in
 * JSON, what stands for it when it is absent, and the form of its own fields when it has any.
 */
type Form = Readonly<Record<string, readonly [json: string, absent: unknown, form?: Form]>>;

const REQUIREMENT: Form = { Key: ['key', ''], Operator: ['operator', ''], Values: ['values', null] };
export const NODE_SELECTOR_TERM: Form = { MatchExpressions: ['matchExpressions', null, REQUIREMENT], MatchFields: ['matchFields', null, REQUIREMENT] };
export const VOLUME_AFFINITY: Form = { Required: ['required', null, { NodeSelectorTerms: ['nodeSelectorTerms', null, NODE_SELECTOR_TERM] }] };
export const POD_CLAIM: Form = { Name: ['name', ''], ResourceClaimName: ['resourceClaimName', null], ResourceClaimTemplateName: ['resourceClaimTemplateName', null] };

/** The value in that form; null for one that is absent. */
export function internalForm(form: Form, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item) => internalForm(form, item));
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(form).map(([name, [json, absent, inner]]) => {
    const given = fields[json];
    return [name, given === undefined ? absent : inner === undefined ? given : internalForm(inner, given)];
  }));
}
