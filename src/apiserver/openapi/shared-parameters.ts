import type { JsonSchema } from './schemas.ts';

/** The parameters that stand once in an OpenAPI v2 document, to which operations refer. Their names hold a hash of what they say, as Kubernetes computes it. */
export class SharedParameters {
  readonly #names = new Map<string, string>();
  readonly #all = new Map<string, JsonSchema>();

  /** A reference to the parameter, or the parameter where it stays in its place. */
  refer(parameter: JsonSchema): JsonSchema {
    if (!isShared(parameter)) return parameter;
    const text = JSON.stringify(parameter);
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `${String(parameter['name'])}-${hashOf(text)}`;
      this.#names.set(text, name);
      this.#all.set(name, parameter);
    }
    return { $ref: `#/parameters/${name}` };
  }

  /** By name. */
  all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#all].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Not what names a kind, nor what older clients look for in the operation itself. */
function isShared({ name, in: place, schema }: JsonSchema): boolean {
  if (place === 'body') return String((schema as JsonSchema)['$ref']).startsWith('#/definitions/io.k8s.apimachinery');
  return name !== 'name' && !(place === 'query' && (name === 'fieldValidation' || name === 'dryRun'));
}

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** The first six bytes of FNV-1, over the text as Go writes it. */
function hashOf(text: string): string {
  const escaped = text.replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  let hash = OFFSET;
  for (const byte of Buffer.from(escaped)) hash = BigInt.asUintN(64, hash * PRIME) ^ BigInt(byte);
  return Buffer.from(hash.toString(16).padStart(16, '0'), 'hex').toString('base64url', 0, 6);
}
