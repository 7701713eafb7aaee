import { isJsonObject, type JsonObject } from '#api/json.ts';
import { asError } from '#base/errors.ts';
import type { Environment } from '../environment.ts';
import { gnosticV2 } from '../openapi/gnostic-v2.ts';
import type { RemoteService } from './api-service.ts';
import type { Check } from './availability.ts';
import { askRemote } from './remote-client.ts';

/** One entry of an APIResourceList. */
export interface RemoteResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** What an extension API server says of itself, as of the last check that it passed. */
export interface RemoteDocument {
  readonly resources: readonly RemoteResource[];
  /** The whole OpenAPI v2 document; absent when it serves none. */
  readonly openApiV2?: JsonObject;
  /** Address of the OpenAPI v3 document of the group version. */
  readonly openApiV3?: string;
}

const TIMEOUT_MS = 10_000;

/** Discovery and OpenAPI of extension API servers, kept so that clients' discovery waits for none of them. */
export class RemoteDocuments {
  readonly #env: Environment;
  readonly #known = new Map<string, RemoteDocument>();
  #revision = 0;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Grows whenever a document may have changed. */
  get revision(): number {
    return this.#revision;
  }

  of({ name }: RemoteService): RemoteDocument | undefined {
    return this.#known.get(name);
  }

  /** The last known ones stand in for those of a server that does not answer. */
  async learn(remote: RemoteService, { resources }: Check): Promise<void> {
    if (resources === undefined) return;
    // What has no form in protobuf would take the document of all kinds with it.
    const [openApiV2, index] = await Promise.all([this.#fetch(remote, '/openapi/v2', gnosticV2), this.#fetch(remote, '/openapi/v3')]);
    const openApiV3 = addressIn(index, `apis/${remote.group}/${remote.version}`);
    this.#known.set(remote.name, { resources: resourcesIn(resources), ...(openApiV2 ? { openApiV2 } : {}), ...(openApiV3 ? { openApiV3 } : {}) });
    this.#revision++;
  }

  /** A server may do without OpenAPI; what fails the check counts as no document. */
  async #fetch(remote: RemoteService, path: string, check: (document: JsonObject) => unknown = () => true): Promise<JsonObject | undefined> {
    try {
      const { status, text } = await askRemote(this.#env, remote, { path, timeoutMs: TIMEOUT_MS });
      const document = status === 200 ? parse(text) : undefined;
      if (document !== undefined) check(document);
      return document;
    } catch (error) {
      this.#env.log.debug('an extension API server gave no OpenAPI document', { apiService: remote.name, path, error: asError(error) });
      return undefined;
    }
  }
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function resourcesIn(text: string): readonly RemoteResource[] {
  const list = parse(text)?.['resources'];
  return Array.isArray(list) ? (list as readonly RemoteResource[]) : [];
}

function addressIn(index: JsonObject | undefined, path: string): string | undefined {
  const entry = isJsonObject(index?.['paths']) ? index['paths'][path] : undefined;
  const address = isJsonObject(entry) ? entry['serverRelativeURL'] : undefined;
  return typeof address === 'string' ? address : undefined;
}
