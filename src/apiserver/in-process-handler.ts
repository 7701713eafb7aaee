import type { ApiHandler, ApiRequest, ApiResponse, UserInfo, WatchEvent } from '#api/transport.ts';
import { parseBody } from '#api/parse.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import { attributesOf, refusal } from './authz/authorizer.ts';
import { authorize } from './authz/authorize.ts';
import type { Call } from './call.ts';
import { dispatch, methodNotAllowed } from './dispatch.ts';
import type { Environment } from './environment.ts';
import { listKind, type Outcome } from './outcome.ts';
import type { Paths } from './paths.ts';
import { resolveRequest } from './request-info.ts';
import { toStatus } from './to-status.ts';
import { openWatch, type WatchItem } from './verbs/watch.ts';

/** Events that a slow reader may leave unread before its watch is ended; the first list is not counted. */
const MAX_UNREAD = 50_000;

/** Serves clients of the same process: no TLS, no encoding, all the rest. */
export class InProcessHandler implements ApiHandler {
  readonly #env: Environment;
  readonly #paths: Paths;

  constructor(env: Environment, paths: Paths) {
    this.#env = env;
    this.#paths = paths;
  }

  async handle(request: ApiRequest, user: UserInfo): Promise<ApiResponse> {
    request.signal?.throwIfAborted();
    const warnings: string[] = [];
    try {
      const outcome = await this.#run(request, user, warnings);
      return { status: outcome.type === 'list' ? 200 : outcome.status, body: bodyOf(outcome), ...(warnings.length > 0 ? { warnings } : {}) };
    } catch (error) {
      const status = toStatus(error);
      return { status: status.code ?? 500, body: status, ...(warnings.length > 0 ? { warnings } : {}) };
    }
  }

  async #run(request: ApiRequest, user: UserInfo, warnings: string[]): Promise<Outcome> {
    const resolved = resolveRequest(this.#env, request.method, request.path, request.query ?? {});
    const info = resolved instanceof Promise ? await resolved : resolved;
    if (info.type === 'resource') return dispatch(this.#env, callOf(request, user, info, warnings));
    const attributes = attributesOf(info, user);
    const decision = this.#env.authorizer.authorize(attributes);
    if (!decision.isAllowed) throw refusal(attributes, decision.reason);
    return this.#paths.serve(info.path);
  }

  async *watch(request: ApiRequest, user: UserInfo): AsyncIterable<WatchEvent> {
    const reader = new WatchReader();
    let stop: () => void = () => {};
    const onAbort = (): void => reader.end();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      request.signal?.throwIfAborted();
      const info = await resolveRequest(this.#env, 'GET', request.path, { ...request.query, watch: 'true' });
      if (info.type !== 'resource' || !info.resource.verbs.includes('watch') || info.subresource !== '') throw methodNotAllowed();
      const call = callOf(request, user, info, []);
      authorize(this.#env, call);
      stop = await openWatch(this.#env, call, reader);
      yield* reader.read();
    } catch (error) {
      if (request.signal?.aborted) return;
      yield { type: 'ERROR', object: toStatus(error) as unknown as KubeObject };
    } finally {
      request.signal?.removeEventListener('abort', onAbort);
      stop();
    }
  }
}

function callOf(request: ApiRequest, user: UserInfo, info: Call['info'], warnings: string[]): Call {
  const contentType = request.contentType ?? 'application/json';
  const body = Buffer.isBuffer(request.body) ? parseBody(request.body, contentType) : { value: request.body, duplicates: [] };
  return {
    info, user, query: request.query ?? {}, body: body.value, duplicates: body.duplicates, contentType,
    userAgent: request.userAgent ?? 'headway', warn: (text) => warnings.push(text),
  };
}

function bodyOf(outcome: Outcome): unknown {
  switch (outcome.type) {
    case 'object': return outcome.object;
    case 'document': return outcome.body;
    case 'list': return { kind: listKind(outcome.resource), apiVersion: apiVersionOf(outcome.resource), metadata: outcome.metadata, items: outcome.items.map((i) => i.object) };
  }
}

/** Turns what a watch sends into what an iterator gives. */
class WatchReader {
  #batches: (readonly WatchItem[])[] = [];
  #unread = 0;
  #isFirst = true;
  #isOver = false;
  #wake: () => void = () => {};

  send(items: readonly WatchItem[]): void {
    if (this.#isOver) return;
    if (!this.#isFirst) this.#unread += items.length;
    this.#isFirst = false;
    this.#batches.push(items);
    if (this.#unread > MAX_UNREAD) {
      const failure = new StatusError('Expired', 'the watch was read too slowly; list again');
      this.#batches = [[{ type: 'ERROR', object: failure.data.status as unknown as KubeObject }]];
      this.#isOver = true;
    }
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *read(): AsyncIterable<WatchEvent> {
    for (;;) {
      const batches = this.#batches;
      this.#batches = [];
      this.#unread = 0;
      for (const batch of batches) yield* batch;
      if (this.#batches.length > 0) continue;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
