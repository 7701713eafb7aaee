import { andThen } from '#base/and-then.ts';
import { parseBody, type ParsedBody } from '#api/parse.ts';
import { isStatus, isUnserved } from '#api/status-error.ts';
import type { ApiRequest, UserInfo } from '#api/transport.ts';
import { authorize, refuseUnserved } from '../authz/authorize.ts';
import type { Aggregator } from '../aggregator/aggregator.ts';
import type { RemoteService } from '../aggregator/api-service.ts';
import type { Authenticator } from '../authn/authenticator.ts';
import type { Impersonation } from '../authn/act-as.ts';
import { type WantedUser, wantedUserOf } from '../authn/impersonation.ts';
import type { Call } from '../call.ts';
import { dispatch, warnOfVersion } from '../dispatch.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import type { Paths } from '../paths.ts';
import type { Connector } from '../proxy/connector.ts';
import { ProtobufDecoder } from '../protobuf/decode.ts';
import { ProtobufEncoder } from '../protobuf/encode.ts';
import { KindTypes } from '../protobuf/kind-types.ts';
import { MessageTypes } from '../protobuf/message-types.ts';
import { lengthOf } from '../protobuf/envelope.ts';
import { isBelowServed, isLongRunning, methodNotAllowed, resolveRequest, type PathInfo, type RequestInfo, type ResourceInfo } from '../request-info.ts';
import { toStatus } from '../to-status.ts';
import { PATCH_TYPES } from '../verbs/patch.ts';
import { openWatch } from '../verbs/watch.ts';
import { actingUser } from '../requests/acting-user.ts';
import type { ActiveRequest } from '../requests/active-request.ts';
import { bodyOf } from '../outcome.ts';
import { contentTypeOfOutcome, type Head, packedHead } from './answer-head.ts';
import { bodyFault, protobufBody } from './body-fault.ts';
import { bodyEncodingOf } from './body-type.ts';
import { askedFor, attemptedWith } from './failed-authentication.ts';
import { HttpOrigin, isOpenWatch, timedOut } from './request-origin.ts';
import { compress, Encoder, isWorthCompressing } from './encode.ts';
import { endWith } from './end-with.ts';
import type { Exchange } from './exchange.ts';
import { Negotiator, PLAIN, unsupportedBody, type MediaType } from './media-type.ts';
import { offerOfPath, Offers, STATUS_OFFER } from './offers.ts';
import type { Front } from './front.ts';
import { hasSame, NOTHING_HERE, sendText, sendUnchanged, textRefusal } from './send-text.ts';
import { indented, isPretty } from './pretty.ts';
import { ProtobufForms } from './protobuf-forms.ts';
import { type RoutePlan, RoutePlans } from './route-plans.ts';
import { queryOf, splitUrl } from './url.ts';
import { includeObjectOf } from './transform.ts';
import { TurnShare } from './turn-share.ts';
import { warningHeaders } from './warnings.ts';
import { plainFrame, WatchFrames } from './watch-frames.ts';
import { WatchResponse } from './watch-response.ts';

export interface HttpHandlerOptions {
  readonly env: Environment;
  readonly authenticator: Authenticator;
  readonly paths: Paths;
  readonly proxy: Connector;
  readonly aggregator: Aggregator;
  /** Absent: browsers and load balancers are told nothing. */
  readonly front?: Front | undefined;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** Of another one the verb says which forms a patch may have. */
const PATCH_TYPE = /-patch\+(?:json|yaml)/;
const NO_BODY: ParsedBody = { value: undefined, duplicates: [] };

/** What is known of a request before its body. */
export type Identifiable = Pick<Exchange, 'method' | 'url' | 'headers' | 'values' | 'hasPrefixed' | 'socket' | 'signal'>;

/** Who asks for what. */
interface Identified extends Impersonation {
  readonly authenticated: UserInfo;
  readonly query: Readonly<Record<string, string>>;
  readonly search: string;
  readonly info: RequestInfo;
}

/** What HTTPS adds to the pipeline: authentication, encodings, streams. */
export class HttpHandler {
  readonly #options: HttpHandlerOptions;
  readonly #encoder: Encoder;
  readonly #negotiator = new Negotiator();
  readonly #offers: Offers;
  readonly #forms: ProtobufForms;
  readonly #frames: Readonly<Record<'json' | 'protobuf', WatchFrames>>;
  readonly #protobuf: ProtobufDecoder;
  /** Of finding out who asks for what, and of what is answered at once. */
  readonly #arrivals: TurnShare;
  readonly #turns: TurnShare;
  readonly #plans: RoutePlans;

  constructor(options: HttpHandlerOptions) {
    this.#options = options;
    const types = new MessageTypes(options.env.schema);
    const kinds = new KindTypes(options.env.scheme);
    this.#protobuf = new ProtobufDecoder({ types, kinds });
    this.#forms = new ProtobufForms({ encoder: new ProtobufEncoder(types), kinds });
    this.#encoder = new Encoder(this.#forms, options.env.schema);
    this.#offers = new Offers(types);
    this.#arrivals = new TurnShare(options.env.clock);
    this.#turns = new TurnShare(options.env.clock);
    this.#plans = new RoutePlans(options.env);
    this.#frames = { json: new WatchFrames(plainFrame), protobuf: new WatchFrames(({ type, object }) => this.#forms.frame(type, object)) };
  }

  /** Failures are answered too. A promise while there is something to wait for. */
  handle(exchange: Exchange): void | Promise<void> {
    const warnings: string[] = [];
    const request: ActiveRequest = this.#options.env.requests.begin(new HttpOrigin(exchange, () => void this.#expire(exchange, request)));
    exchange.observe(request);
    if (this.#options.front?.meet(exchange, request) === true) return this.#ended(request);
    try {
      const answered = andThen(this.#arrivals.enter(), () => this.#answer(exchange, warnings, request));
      if (answered instanceof Promise) return answered.then(() => this.#ended(request), (error: unknown) => this.#refuse(exchange, warnings, request, error));
    } catch (error) {
      return this.#refuse(exchange, warnings, request, error);
    }
    this.#ended(request);
  }

  async #refuse(exchange: Exchange, warnings: readonly string[], request: ActiveRequest, error: unknown): Promise<void> {
    try {
      if (isEnded(exchange)) return;
      const status = toStatus(error);
      request.answerValue = () => status;
      if (isUnserved(error) && !isBelowServed(this.#options.env.scheme, exchange.url)) return await sendText(exchange, NOTHING_HERE);
      if (status.details?.retryAfterSeconds) request.retryAfter = status.details.retryAfterSeconds;
      const text = textRefusal(error);
      if (text !== undefined) return await sendText(exchange, text);
      await this.#send(exchange, { type: 'document', status: status.code ?? 500, body: status }, this.#statusMedia(exchange), warnings, {});
      if (isStatus(error, 'RequestEntityTooLarge')) exchange.discardBody();
    } finally {
      this.#ended(request);
    }
  }

  /** A watch goes on after its start. */
  #ended(request: ActiveRequest): void {
    if (!isOpenWatch(request)) this.#options.env.requests.finish(request);
  }

  /** Answers in place of a request that takes too long; what it answers later is not sent. */
  async #expire(exchange: Exchange, request: ActiveRequest): Promise<void> {
    const status = timedOut().data.status;
    request.answerValue = () => status;
    await this.#send(exchange, { type: 'document', status: status.code ?? 504, body: status }, this.#statusMedia(exchange), [], {});
    this.#options.env.requests.conclude(request);
    // A body that never ends would keep its stream, and the request, for good.
    if (!exchange.input.readableEnded) exchange.discardBody();
  }

  /** A failure is told in the encoding that was asked for, or else in JSON. */
  #statusMedia(exchange: Exchange): MediaType {
    try {
      return this.#negotiator.negotiate(exchange.headers.accept, STATUS_OFFER);
    } catch {
      return PLAIN;
    }
  }

  /** Whether the path is that of a watch which this server answers itself. What is wrong with it is for whoever answers. */
  async asksToWatch(url: string): Promise<boolean> {
    if (!url.includes('watch')) return false;
    const { path, search } = splitUrl(url);
    try {
      const info = await resolveRequest(this.#options.env, 'GET', path, queryOf(search));
      return info.type === 'resource' && info.verb === 'watch' && !info.remote;
    } catch {
      return false;
    }
  }

  /** Who asks for what, of a connection that asks to change its protocol. @throws StatusError */
  async identify(exchange: Identifiable, request: ActiveRequest): Promise<Identified> {
    const { env } = this.#options;
    const authenticated = await this.#authenticated(exchange, request);
    const identified = await this.#identified(exchange, request, authenticated, wantedUserOf(exchange));
    env.requests.identified(request, identified, true);
    return identified;
  }

  #identified(exchange: Identifiable, request: ActiveRequest, authenticated: UserInfo, wanted: WantedUser | undefined): Identified | Promise<Identified> {
    const { env } = this.#options;
    const { path, search } = splitUrl(exchange.url);
    const query = search === '' ? {} : queryOf(search);
    const info = resolveRequest(env, METHODS.has(exchange.method) ? (exchange.method as ApiRequest['method']) : 'GET', path, query);
    return andThen(info, (resolved) => {
      const found = resolved.type === 'path' ? { ...resolved, verb: exchange.method.toLowerCase() } : resolved;
      const acting = actingUser(env, request, { authenticated, info: found, query, wanted, isOverHttps: true });
      // Before anything is counted under names that clients may make up.
      if (found.type === 'resource' && found.unserved) this.#refuseUnserved(request, authenticated, { info: found, user: acting.user, query });
      return { ...acting, authenticated, query, search, info: found };
    });
  }

  #refuseUnserved(request: ActiveRequest, authenticated: UserInfo, call: Pick<Call, 'info' | 'user' | 'query'>): never {
    const { env } = this.#options;
    void env.requests.misdirected(request, authenticated, () => call.info);
    refuseUnserved(env, { ...call, audit: request.annotate });
  }

  #answer(exchange: Exchange, warnings: string[], request: ActiveRequest): void | Promise<void> {
    const { env } = this.#options;
    return andThen(this.#authenticated(exchange, request, warnings), (authenticated) => {
      let wanted: WantedUser | undefined;
      try {
        wanted = wantedUserOf(exchange);
      } catch (error) {
        return andThen(env.requests.misdirected(request, authenticated, () => askedFor(env, exchange)), () => {
          throw error;
        });
      }
      const plan = wanted === undefined ? this.#plans.find(authenticated, exchange) : undefined;
      if (plan !== undefined) {
        env.requests.identified(request, { authenticated, user: authenticated, info: plan.info, handling: plan.handling }, true);
        return this.#serve(exchange, plan, warnings, request);
      }
      const { revision } = this.#plans;
      return andThen(this.#identified(exchange, request, authenticated, wanted), (identified) => this.#answerNew(exchange, { ...identified, revision }, warnings, request));
    });
  }

  /** What is not known from a request like it. `revision`: of the plans, before it was looked at. */
  #answerNew(exchange: Exchange, identified: Identified & { readonly revision: number }, warnings: string[], request: ActiveRequest): void | Promise<void> {
    const { requests } = this.#options.env;
    const { user, query, search, info, revision } = identified;
    requests.identified(request, identified, true);
    if (info.remote) return this.#serveRemote(exchange, { user, query, info, remote: info.remote }, request);
    if (info.type === 'path') return this.#servePath(exchange, info, user, query, request);
    if (!isServed(exchange.method, info)) {
      authorize(this.#options.env, { info, user, query, audit: request.annotate });
      throw methodNotAllowed();
    }
    if (this.#options.proxy.serves(info.subresource)) {
      authorize(this.#options.env, { info, user, query, audit: request.annotate });
      return andThen(requests.admit(request, query), () => {
        requests.longRunning(request);
        return this.#options.proxy.forward(exchange, { info, user, search });
      });
    }
    const media = this.#mediaOf(exchange, { user, query, info, audit: request.annotate });
    return this.#serve(exchange, this.#plans.make(exchange, { user, query, info, media, revision }), warnings, request);
  }

  /** That there is no such form is told to those who may ask. */
  #mediaOf(exchange: Exchange, call: Pick<Call, 'info' | 'user' | 'query' | 'audit'>): MediaType {
    try {
      return this.#negotiator.negotiate(exchange.headers.accept, this.#offers.of(call.info));
    } catch (error) {
      authorize(this.#options.env, call);
      throw error;
    }
  }

  #serve(exchange: Exchange, plan: RoutePlan, warnings: string[], request: ActiveRequest): void | Promise<void> {
    const hasBody = exchange.method !== 'GET' && exchange.method !== 'HEAD';
    return andThen(this.#options.env.requests.admit(request, plan.query), () => {
      if (!hasBody) return this.#performInTurn(exchange, plan, undefined, warnings, request);
      // What is not allowed is not read.
      const known = this.#plans.decisionOf(plan);
      if (known?.isAllowed !== true) authorize(this.#options.env, { ...plan, audit: request.annotate }, known);
      return exchange.body().then((bytes) => this.#performInTurn(exchange, plan, bytes, warnings, request));
    });
  }

  /** When all that it needs is there: the bodies of many requests arrive together too. */
  #performInTurn(exchange: Exchange, plan: RoutePlan, bytes: Buffer | undefined, warnings: string[], request: ActiveRequest): void | Promise<void> {
    return andThen(this.#turns.enter(), () => this.#perform(exchange, plan, bytes, warnings, request));
  }

  #perform(exchange: Exchange, plan: RoutePlan, bytes: Buffer | undefined, warnings: string[], request: ActiveRequest): void | Promise<void> {
    const { user, query, info, media } = plan;
    const call = this.#callOf(exchange, { user, query, info, audit: request.annotate, startedAt: request.startedAt }, warnings, bytes);
    request.body = call.body;
    request.isApply = info.verb === 'patch' && call.contentType.startsWith(PATCH_TYPES.apply);
    if (info.verb === 'watch') return this.#watch(exchange, call, { media, request, warnings });
    return andThen(dispatch(this.#options.env, call, this.#plans.decisionOf(plan)), (outcome) => {
      request.answerValue = () => bodyOf(outcome);
      return this.#send(exchange, outcome, media, warnings, query);
    });
  }

  #authenticated(exchange: Identifiable, request: ActiveRequest, warnings?: string[]): UserInfo | Promise<UserInfo> {
    const { authenticator, env } = this.#options;
    const failed = (error: unknown): never | Promise<never> => andThen(env.requests.unauthenticated(request, () => askedFor(env, exchange), () => attemptedWith(exchange)), () => {
      throw error;
    });
    try {
      const user = authenticator.authenticate(exchange, warnings);
      return user instanceof Promise ? user.catch(failed) : user;
    } catch (error) {
      return failed(error);
    }
  }

  async #serveRemote(exchange: Exchange, { user, query, info, remote }: Pick<Identified, 'user' | 'query' | 'info'> & { readonly remote: RemoteService }, request: ActiveRequest): Promise<void> {
    const { env, aggregator } = this.#options;
    authorize(env, { info, user, query, audit: request.annotate });
    await env.requests.admit(request, query);
    if (isLongRunning(info)) env.requests.longRunning(request);
    await aggregator.forward(exchange, remote, user);
  }

  async #servePath(exchange: Exchange, info: PathInfo, user: UserInfo, query: Readonly<Record<string, string>>, request: ActiveRequest): Promise<void> {
    authorize(this.#options.env, { info, user, query, audit: request.annotate });
    await this.#options.env.requests.admit(request, query);
    const text = await this.#options.paths.serveText(info.path, exchange.headers.accept, query);
    if (text !== undefined) return sendText(exchange, text);
    const offer = offerOfPath(info.path);
    const media = offer === undefined ? PLAIN : this.#negotiator.negotiate(exchange.headers.accept, offer);
    const outcome = await this.#options.paths.serve(info.path, { aggregated: media.isDiscovery === true, query });
    if (offer?.routed !== undefined && exchange.method !== 'GET') throw methodNotAllowed();
    const tag = outcome.type === 'document' && outcome.etag !== undefined ? { etag: `"${outcome.etag}"`, vary: 'Accept', 'cache-control': 'public' } : undefined;
    if (tag !== undefined && hasSame(exchange, tag.etag)) return sendUnchanged(exchange, tag);
    await this.#send(exchange, outcome, media, [], query, tag);
  }

  async #watch(exchange: Exchange, call: Call, { media, request, warnings }: { readonly media: MediaType; readonly request: ActiveRequest; readonly warnings: readonly string[] }): Promise<void> {
    const { env } = this.#options;
    if (!call.info.resource.verbs.includes('watch') || call.info.subresource !== '' || exchange.method === 'HEAD') throw methodNotAllowed();
    authorize(env, call);
    warnOfVersion(call);
    const transform = { media, includeObject: includeObjectOf(media, call.query['includeObject']), nowMs: env.clock.now() };
    const response = new WatchResponse({ exchange, resource: call.info.resource, transform, clock: env.clock, frames: this.#frames[media.encoding === 'protobuf' ? 'protobuf' : 'json'], protobuf: this.#forms, warnings: warningHeaders(warnings) });
    const stop = await openWatch(env, call, response);
    if (exchange.output.destroyed) return stop();
    response.start();
    env.requests.longRunning(request, () => {
      stop();
      response.end();
    });
    exchange.output.once('close', () => {
      stop();
      env.requests.finish(request);
    });
  }

  #callOf({ headers, output }: Exchange, request: Pick<Call, 'user' | 'query' | 'info' | 'audit' | 'startedAt'>, warnings: string[], bytes: Buffer | undefined): Call {
    const contentType = headers['content-type'] ?? 'application/json';
    const { value: body, duplicates, fractions } = bytes === undefined ? NO_BODY : this.#parse(bytes, contentType, request.info);
    return { ...request, body, duplicates, fractions, contentType, userAgent: headers['user-agent'] ?? '', warn: (text) => warnings.push(text), hasLeft: () => output.destroyed };
  }

  #parse(bytes: Buffer, contentType: string, info: ResourceInfo): ParsedBody {
    if (info.verb === 'patch') return bytes.length > 0 && PATCH_TYPE.test(contentType) ? parseBody(bytes, parseableType(contentType), (text) => bodyFault(info, contentType, text)) : NO_BODY;
    const isDeletion = info.verb.startsWith('delete');
    if (isDeletion && bytes.length === 0) return NO_BODY;
    // Options of a deletion have a protobuf form for all kinds.
    const offer = isDeletion ? STATUS_OFFER : this.#offers.of(info);
    const encoding = bodyEncodingOf(contentType);
    if (encoding === undefined || (encoding === 'protobuf' && !offer.hasProtobuf)) throw unsupportedBody(offer);
    if (bytes.length === 0) return NO_BODY;
    if (encoding === 'protobuf') return { value: protobufBody(this.#protobuf, info, bytes), duplicates: [] };
    return parseBody(bytes, `application/${encoding}`, (text) => bodyFault(info, contentType, text));
  }

  #send(exchange: Exchange, outcome: Outcome, asked: MediaType, warnings: readonly string[], query: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): void | Promise<void> {
    const encoding = this.#encoder.encodingOf(outcome, asked.encoding);
    const media = encoding === asked.encoding ? asked : { ...asked, encoding };
    const encoded = this.#encoder.encode(outcome, { media, includeObject: includeObjectOf(media, query['includeObject']), nowMs: this.#options.env.clock.now() });
    return andThen(encoded, (plain) => {
      const parts = media.encoding === 'json' && (media.isPretty || isPretty(exchange.url, exchange.headers['user-agent'])) ? indented(plain) : plain;
      const head: Head = { 'content-type': contentTypeOfOutcome(outcome, media), 'content-length': String(lengthOf(parts)), 'cache-control': 'no-cache, private' };
      if (headers) Object.assign(head, headers);
      if (warnings.length > 0) head['warning'] = warningHeaders(warnings);
      const status = outcome.type === 'list' ? 200 : outcome.status;
      if (!isWorthCompressing(lengthOf(parts))) return this.#write(exchange, status, head, parts);
      return compress(parts, exchange.headers['accept-encoding']).then((packed) => this.#write(exchange, status, packed ? packedHead(head, packed) : head, packed ? [packed] : parts));
    });
  }

  #write(exchange: Exchange, status: number, head: Readonly<Head>, body: readonly Buffer[]): void {
    if (isEnded(exchange)) return;
    exchange.start(status, head);
    if (exchange.method === 'HEAD') return void exchange.output.end();
    if (!endWith(exchange.output, body)) this.#awaitReader(exchange);
  }

  /** Who asks for much must read it in the time that a request may take, or would fill the memory. */
  #awaitReader(exchange: Exchange): void {
    const { clock, requests } = this.#options.env;
    const cancel = clock.after(requests.timeoutMs, () => exchange.destroy());
    exchange.output.once('close', cancel);
  }
}

/** The servers behind the API server may have other methods; those of custom resources are behind no router, which would know no HEAD. */
const isServed = (method: string, { resource, subresource }: ResourceInfo): boolean => METHODS.has(method) || subresource === 'proxy' || (method === 'HEAD' && resource.custom !== undefined);

/** HTTP/2 ends the body of an answer to HEAD before there is an answer. */
const isEnded = ({ output, method }: Exchange): boolean => output.destroyed || (output.writableEnded && method !== 'HEAD');

/** Patches are JSON, but for server-side apply, which is YAML (and so JSON too). */
function parseableType(contentType: string): string {
  if (contentType.startsWith('application/apply-patch+yaml')) return 'application/yaml';
  return /^application\/[a-z-]+-patch\+json/.test(contentType) ? 'application/json' : contentType;
}
