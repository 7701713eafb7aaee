import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject, ObjectList } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import { resourcePath } from '#client/resource-path.ts';
import type { Codec } from './codec.ts';
import { JSON_CODEC } from './codec.ts';
import type { Connection, RawAnswer } from './connection.ts';
import { Watch } from './watch.ts';

type Query = Readonly<Record<string, string | number | boolean>>;

export interface Where {
  readonly namespace?: string | undefined;
  readonly subresource?: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';
const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json', apply: 'application/apply-patch+yaml',
};

/** What clients send: the server sets the rest. */
export type Sent = { readonly metadata: Partial<KubeObject['metadata']> } & Readonly<Record<string, unknown>>;

/** The API in one encoding, as a typed client sees it. Failures are thrown as StatusError. */
export class Api {
  readonly codec: Codec;
  readonly connection: Connection;

  constructor(connection: Connection, codec: Codec) {
    this.connection = connection;
    this.codec = codec;
  }

  create<T extends KubeObject>(resource: ResourceType<T>, object: Sent, where: Where & { readonly name?: string } = {}): Promise<T> {
    const namespace = where.namespace ?? object.metadata.namespace;
    return this.#send('POST', resource, { ...where, namespace }, where.name, withType(resource, object, where.subresource)) as Promise<T>;
  }

  get<T extends KubeObject>(resource: ResourceType<T>, name: string, where: Where = {}): Promise<T> {
    return this.#send('GET', resource, where, name) as Promise<T>;
  }

  list<T extends KubeObject>(resource: ResourceType<T>, where: Where = {}): Promise<ObjectList<T>> {
    return this.#send('GET', resource, where, undefined) as Promise<ObjectList<T>>;
  }

  update<T extends KubeObject>(resource: ResourceType<T>, object: Sent, where: Where = {}): Promise<T> {
    const namespace = where.namespace ?? object.metadata.namespace;
    return this.#send('PUT', resource, { ...where, namespace }, object.metadata.name, withType(resource, object, where.subresource)) as Promise<T>;
  }

  /** A text is sent as it is. */
  async patch<T extends KubeObject>(resource: ResourceType<T>, name: string, type: PatchType, body: unknown, where: Where = {}): Promise<T> {
    const answer = await this.#exchange('PATCH', resource, where, name, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), PATCH_TYPES[type]);
    return this.#read(answer, resource) as T;
  }

  delete(resource: ResourceType, name: string, where: Where & { readonly options?: object } = {}): Promise<unknown> {
    return this.#send('DELETE', resource, where, name, where.options && { kind: 'DeleteOptions', apiVersion: 'v1', ...where.options });
  }

  deleteCollection(resource: ResourceType, where: Where & { readonly options?: object } = {}): Promise<unknown> {
    return this.#send('DELETE', resource, where, undefined, where.options && { kind: 'DeleteOptions', apiVersion: 'v1', ...where.options });
  }

  /** Resolves when the server has answered with the head: later changes are seen. */
  async watch<T extends KubeObject>(resource: ResourceType<T>, where: Where = {}): Promise<Watch<T>> {
    const path = pathOf(resource, { ...where, query: { ...where.query, watch: true } }, undefined);
    const response = await this.connection.open({ method: 'GET', path, headers: { accept: this.codec.accept(resource), ...where.headers } });
    if (response.statusCode === 200) {
      const codec = String(response.headers['content-type']).startsWith('application/json') ? JSON_CODEC : this.codec;
      return new Watch<T>(response, codec);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    this.#read({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    throw new Error(`a watch was answered with ${response.statusCode}`);
  }

  /** Any path in JSON, as it is. */
  raw(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body?: Buffer): Promise<RawAnswer> {
    return this.connection.exchange({ method, path, headers, ...(body ? { body } : {}) });
  }

  /** A JSON document at any path. @throws StatusError */
  async document<T>(path: string, accept = 'application/json'): Promise<T> {
    return this.#read(await this.raw(path, { accept })) as T;
  }

  /** The StatusError of a request that must fail. */
  async failure(request: Promise<unknown>): Promise<StatusError> {
    try {
      await request;
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
    throw new Error('the request was expected to fail');
  }

  async #send(method: string, resource: ResourceType, where: Where, name: string | undefined, body?: unknown): Promise<unknown> {
    const bytes = body === undefined ? undefined : this.codec.encode(body, resource);
    return this.#read(await this.#exchange(method, resource, where, name, bytes, this.codec.contentType(resource)), resource);
  }

  #exchange(method: string, resource: ResourceType, where: Where, name: string | undefined, body: Buffer | undefined, contentType: string): Promise<RawAnswer> {
    const headers = { accept: this.codec.accept(resource), 'user-agent': 'conformance/1', ...(body ? { 'content-type': contentType } : {}), ...where.headers };
    return this.connection.exchange({ method, path: pathOf(resource, where, name), headers, ...(body ? { body } : {}) });
  }

  #read(answer: RawAnswer, resource?: ResourceType): unknown {
    const contentType = String(answer.headers['content-type']);
    const isJson = contentType.startsWith('application/json');
    if (!isJson && resource && this.codec.encoding === 'JSON') throw new Error(`answered in ${contentType}`);
    const body = (isJson ? JSON_CODEC : this.codec).decode(answer.body, contentType);
    if (answer.status < 400) {
      if (isJson && resource && !this.codec.accept(resource).startsWith('application/json')) throw new Error(`${resource.plural} were answered in ${contentType}, not in ${this.codec.encoding}`);
      return body;
    }
    const status = body as Partial<Status>;
    if (status?.kind !== 'Status') throw new Error(`HTTP ${answer.status}: ${answer.body.toString().slice(0, 500)}`);
    throw StatusError.fromStatus(status as Status);
  }
}

function withType(resource: ResourceType, object: Sent, subresource?: string): object {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return subresource && object['kind'] ? object : { ...object, apiVersion, kind: resource.kind };
}

function pathOf(resource: ResourceType, { namespace, subresource, query = {} }: Where, name: string | undefined): string {
  const search = new URLSearchParams(Object.entries(query).map(([key, value]): [string, string] => [key, String(value)])).toString();
  return `${resourcePath(resource, { namespace, name, subresource })}${search === '' ? '' : `?${search}`}`;
}
