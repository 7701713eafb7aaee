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
export function readConfiguration(bytes: Buffer, { kind, apiVersions, shape }: ConfigurationKind): JsonObject {
  if (bytes.length === 0) throw new Error('empty config data');
  const isJson = /^\s*\{/.test(bytes.toString('latin1'));
  const { value, duplicates } = parseBody(bytes, isJson ? 'application/json' : 'application/yaml');
  const given = isJsonObject(value) ? value : {};
  for (const [member, name] of [['kind', 'Kind'], ['apiVersion', 'apiVersion']] as const) if (!given[member]) throw new Error(`Object '${name}' is missing in '${JSON.stringify(value)}'`);
  if (given['kind'] !== kind || !apiVersions.includes(String(given['apiVersion']))) throw new Error(`no kind ${JSON.stringify(given['kind'])} is registered for version ${JSON.stringify(given['apiVersion'])}`);
  const fitted = fit(given, shape, String(given['apiVersion']).split('/')[1] ?? '');
  const wrong = strictProblems(value, fitted.unknown, { form: isJson ? 'json' : 'yaml', duplicates }, true).error;
  if (wrong !== '') throw new Error(`strict decoding error: ${wrong}`);
  return fitted.value;
}
