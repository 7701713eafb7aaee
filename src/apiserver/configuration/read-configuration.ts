import { isJsonObject, type JsonObject } from '#api/json.ts';
import { parseBody } from '#api/parse.ts';
import { strictProblems } from '#api/strict-problems.ts';
import { fit, type Shape } from './shape.ts';

export interface ConfigurationKind {
  readonly kind: string;
  /** `apiserver.config.k8s.io/v1`, and older ones that are read like it. */
  readonly apiVersions: readonly string[];
  readonly shape: Shape;
}

/** What a file of configuration holds, in YAML or JSON. Nothing in it goes unread, and nothing stands twice: a rule that nobody heeds would be one that does not hold. @throws Error in the words of Kubernetes */
export function readConfiguration(bytes: Buffer, kind: ConfigurationKind): JsonObject {
  if (bytes.length === 0) throw new Error('empty config data');
  const isJson = /^\s*\{/.test(bytes.toString('latin1'));
  const { value, duplicates } = parseBody(bytes, isJson ? 'application/json' : 'application/yaml');
  return checkConfiguration(value, kind, (unknown) => strictProblems(value, unknown, { form: isJson ? 'json' : 'yaml', duplicates }, true).error);
}

/** @param strict what is wrong with the text besides its types, given what its type does not know @throws Error in the words of Kubernetes */
export function checkConfiguration(value: unknown, { kind, apiVersions, shape }: ConfigurationKind, strict = (unknown: readonly string[]): string => strictProblems(value, unknown, { form: 'json', duplicates: [] }, true).error): JsonObject {
  const given = isJsonObject(value) ? value : {};
  for (const [member, name] of [['kind', 'Kind'], ['apiVersion', 'apiVersion']] as const) if (!given[member]) throw new Error(`Object '${name}' is missing in '${JSON.stringify(value)}'`);
  if (given['kind'] !== kind || !apiVersions.includes(String(given['apiVersion']))) throw new Error(`no kind ${JSON.stringify(given['kind'])} is registered for version ${JSON.stringify(given['apiVersion'])}`);
  const fitted = fit(given, shape, String(given['apiVersion']).split('/')[1] ?? '');
  const wrong = strict(fitted.unknown);
  if (wrong !== '') throw new Error(`strict decoding error: ${wrong}`);
  return fitted.value;
}
