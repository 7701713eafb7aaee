import type { ApiHandler, ApiRequest, ApiResponse, UserInfo, WatchEvent } from '#api/transport.ts';
import { type ParsedBody, parseBody } from '#api/parse.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import type { Impersonation } from './authn/act-as.ts';
import { attributesOf, refusal } from './authz/authorizer.ts';
import { authorize, refuseUnserved } from './authz/authorize.ts';
import type { Call } from './call.ts';
import { dispatch } from './dispatch.ts';
import type { Aggregator } from './aggregator/aggregator.ts';
import type { Environment } from './environment.ts';
import { bodyOf, type Outcome } from './outcome.ts';
import type { Paths } from './paths.ts';
import { methodNotAllowed, type RequestInfo, resolveRequest } from './request-info.ts';
import { actingUser } from './requests/acting-user.ts';
import type { ActiveRequest, Origin } from './requests/active-request.ts';
import { toStatus } from './to-status.ts';
import { PATCH_TYPES } from './verbs/patch.ts';
import { openWatch, type WatchItem } from './verbs/watch.ts';

/** Events that a slow reader may leave unread before its watch is ended; the first list is not counted. */
const MAX_UNREAD = 50_000;
const LOCAL: readonly string[] = ['127.0.0.1'];

/** Serves clients of the same process: no TLS, no encoding, all the rest. */
export class InProcessHandler implements ApiHandler {
  readonly #env: Environment;
  readonly #paths: Paths;
  readonly #aggregator: Aggregator;

  constructor(env: Environment, paths: Paths, aggregator: Aggregator) {
    this.#env = env;
    this.#paths = paths;
    this.#aggregator = aggregator;
  }

  async handle(request: ApiRequest, user: UserInfo): Promise<ApiResponse> {
    request.signal?.throwIfAborted();
    const warnings: string[] = [];
    const { requests } = this.#env;
    const active = requests.begin(originOf(request));
    const answer = (status: number, body: unknown): ApiResponse => {
      active.code = status;
      active.answerValue = () => body;
      return { status, body, ...(warnings.length > 0 ? { warnings } : {}) };
    };
    try {
      const outcome = await this.#run(request, user, warnings, active);
      return answer(outcome.type === 'list' ? 200 : outcome.status, bodyOf(outcome));
    } catch (error) {
      const status = toStatus(error);
      return answer(status.code ?? 500, status);
    } finally {
      requests.finish(active);
    }
  }

  async #run(request: ApiRequest, authenticated: UserInfo, warnings: string[], active: ActiveRequest): Promise<Outcome> {
    const { requests } = this.#env;
    const resolved = resolveRequest(this.#env, request.method, request.path, request.query ?? {});
    const info = resolved instanceof Promise ? await resolved : resolved;
    const acting = this.#acting(active, request, authenticated, info);
    const { user } = acting;
    if (info.type === 'resource' && info.unserved) refuseUnserved(this.#env, { info, user, query: request.query ?? {} });
    requests.identified(active, { ...acting, authenticated, info }, false);
    if (info.type === 'resource' && info.remote) {
      authorize(this.#env, { info, user, query: request.query ?? {}, audit: active.annotate });
      await requests.admit(active, request.query ?? {});
      return this.#aggregator.ask(request, info.remote, user);
    }
    if (info.type === 'resource') {
      const admission = requests.admit(active, request.query ?? {});
      if (admission instanceof Promise) await admission;
      const call = { ...callOf(request, user, info, warnings, active.annotate), startedAt: active.startedAt };
      active.body = call.body;
      active.isApply = info.verb === 'patch' && call.contentType.startsWith(PATCH_TYPES.apply);
      return dispatch(this.#env, call);
    }
    const attributes = attributesOf(info, user);
    const decision = this.#env.authorizer.authorize(attributes);
    if (!decision.isAllowed) throw refusal(attributes, decision.reason);
    await requests.admit(active, request.query ?? {});
    return info.remote ? this.#aggregator.ask(request, info.remote, user) : this.#paths.serve(info.path);
  }

  #acting(active: ActiveRequest, { impersonate, query = {} }: ApiRequest, authenticated: UserInfo, info: RequestInfo): Impersonation {
    return actingUser(this.#env, active, { authenticated, info, query, wanted: impersonate === undefined ? undefined : { name: impersonate }, isOverHttps: false });
  }

  async *watch(asked: ApiRequest, authenticated: UserInfo): AsyncIterable<WatchEvent> {
    const query = { ...asked.query, watch: 'true' };
    const request: ApiRequest = { ...asked, method: 'GET', query };
    const reader = new WatchReader();
    const active = this.#env.requests.begin(originOf(request));
    let stop: () => void = () => {};
    const onAbort = (): void => reader.end();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      request.signal?.throwIfAborted();
      const info = await resolveRequest(this.#env, 'GET', request.path, query);
      const acting = this.#acting(active, request, authenticated, info);
      const { user } = acting;
      if (info.type === 'resource' && info.unserved) refuseUnserved(this.#env, { info, user, query });
      if (info.type !== 'resource' || !info.resource.verbs.includes('watch') || info.subresource !== '') throw methodNotAllowed();
      this.#env.requests.identified(active, { ...acting, authenticated, info }, false);
      const admission = this.#env.requests.admit(active, query);
      if (admission instanceof Promise) await admission;
      const call = callOf(request, user, info, [], active.annotate);
      authorize(this.#env, call);
      stop = await openWatch(this.#env, call, reader);
      active.code = 200;
      this.#env.requests.longRunning(active, onAbort);
      yield* reader.read();
    } catch (error) {
      if (request.signal?.aborted) return;
      const status = toStatus(error);
      active.code = status.code ?? 500;
      yield { type: 'ERROR', object: status as unknown as KubeObject };
    } finally {
      request.signal?.removeEventListener('abort', onAbort);
      stop();
      this.#env.requests.finish(active);
    }
  }
}

function callOf(request: ApiRequest, user: UserInfo, info: Call['info'], warnings: string[], audit: Call['audit']): Call {
  const contentType = request.contentType ?? 'application/json';
  const body: ParsedBody = Buffer.isBuffer(request.body) ? parseBody(request.body, contentType) : { value: request.body, duplicates: [] };
  return {
    info, user, query: request.query ?? {}, body: body.value, duplicates: body.duplicates, fractions: body.fractions, contentType,
    userAgent: request.userAgent ?? 'headway', warn: (text) => warnings.push(text), hasLeft: () => request.signal?.aborted === true, audit,
  };
}

const originOf = ({ method, path, query, userAgent, signal }: ApiRequest): Origin => ({
  method, userAgent: userAgent ?? 'headway', sourceIps: () => LOCAL,
  uri: () => (query && Object.keys(query).length > 0 ? `${path}?${new URLSearchParams(query).toString()}` : path),
  ...(signal ? { signal: () => signal } : {}),
});

/** Turns what a watch sends into what an iterator gives. */
class WatchReader {
  #batches: (readonly WatchItem[])[] = [];
  #unread = 0;
  #isFirst = true;
  #isOver = false;
  #wake: () => void = () => {};

  send(items: readonly WatchItem[], isInitial = false): void {
    if (this.#isOver) return;
    if (!isInitial && !this.#isFirst) this.#unread += items.length;
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
