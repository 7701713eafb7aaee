import type { Clock } from '#base/clock.ts';
import type { MetricsWriter } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import type { ApiHandler, ApiRequest, ApiResponse, UserInfo, WatchEvent } from '#api/transport.ts';
import { createRuleCompiler } from '#policy/rules/rule-compiler.ts';
import type { ObjectStore } from '#store/object-store.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { AuditSink } from './audit/audit-log.ts';
import { Auditor } from './audit/auditor.ts';
import type { AuditPolicy } from './audit/policy.ts';
import { AdmissionChain } from './admission/chain.ts';
import { type AdmissionConfiguration, DEFAULT_ADMISSION } from './admission/configuration.ts';
import { admissionPlugins } from './admission/plugins.ts';
import { Aggregator } from './aggregator/aggregator.ts';
import { ApiServices } from './aggregator/api-services.ts';
import { MergedDiscovery } from './aggregator/merged-discovery.ts';
import { MergedOpenApi } from './aggregator/merged-openapi.ts';
import { Webhooks } from './admission/webhooks/plugins.ts';
import { PolicyAdmission } from './admission/policies/policy-admission.ts';
import { createAuthenticator } from './authn/create-authenticator.ts';
import type { AuthenticationConfiguration } from './authn/oidc/configuration.ts';
import { AccountSecrets } from './authn/account-secrets.ts';
import { LastUse } from './authn/last-use.ts';
import { SecretTokens } from './authn/secret-tokens.ts';
import { ServiceAccountTokens } from './authn/service-account-tokens.ts';
import { NodePods } from './authz/node-pods.ts';
import { NodeAuthorizer } from './authz/node-authorizer.ts';
import { RbacAuthorizer } from './authz/rbac.ts';
import { UnionAuthorizer } from './authz/union.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { authenticationFile } from './configuration/authentication-file.ts';
import type { ReloadedFile } from './configuration/reloaded-file.ts';
import { registerConversions } from './conversion/built-in.ts';
import { Definitions } from './crd/definitions.ts';
import { SchemaEngine } from './crd/schema-engine.ts';
import { CertificateSigner } from './certificates/certificate-signer.ts';
import { Discovery } from './discovery/discovery.ts';
import type { Health } from './discovery/health.ts';
import { serverHealth } from './discovery/server-checks.ts';
import { IssuerDiscovery } from './discovery/issuer-discovery.ts';
import { ServerPaths } from './discovery/server-paths.ts';
import type { Environment } from './environment.ts';
import type { Exchange } from './http/exchange.ts';
import { FlowConfig } from './flowcontrol/flow-config.ts';
import { FlowControl } from './flowcontrol/flow-control.ts';
import { Front, type FrontOptions } from './http/front.ts';
import { HttpHandler } from './http/http-handler.ts';
import { listen, type Listener, type ListenOptions } from './http/listen.ts';
import { mayUpgrade, upgrade } from './http/upgrade.ts';
import { IdentityLease } from './identity/identity-lease.ts';
import { InProcessHandler } from './in-process-handler.ts';
import { writeBuildInfo } from './metrics/build-info.ts';
import { writeCacheMetrics } from './metrics/cache-metrics.ts';
import { writeFlowMetrics } from './metrics/flow-metrics.ts';
import { MeasuredStore } from './metrics/measured-store.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { OpenApi } from './openapi/openapi.ts';
import type { Pki } from './pki/pki.ts';
import { Connector } from './proxy/connector.ts';
import { ServiceAllocator } from './registry/core/service/allocator.ts';
import { DEFAULT_NODE_PORTS, type NodePortRange } from './registry/core/service/node-ports.ts';
import { Recovery, type RecoveryState } from './restore/recovery.ts';
import { UidReservations } from './restore/uid-reservations.ts';
import { WebhookCaller } from './webhook/client.ts';
import { Turns } from './storage/turns.ts';
import { Requests } from './requests/requests.ts';

export interface ApiServerOptions {
  readonly store: ObjectStore;
  readonly cache: WatchCache;
  readonly scheme: Scheme;
  readonly schema: Schema;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly log: Logger;
  /** Lower-case letters and digits. */
  readonly randomSuffix: (length: number) => string;
  /** Address range of Services. Default `10.96.0.0/16`. */
  readonly serviceCidr?: string;
  /** Ports of nodes that Services may have. Default 30000 to 32767. */
  readonly nodePorts?: NodePortRange | undefined;
  /** Where pods and other machines reach this server. */
  readonly advertiseAddress: string;
  readonly port: number;
  /** Of the machine: the server tells by a Lease that it is there. Absent: it tells nobody. */
  readonly hostname?: string;
  /** JSON file outside of the store with the names of the nodes that registered; see docs/design/0003-recovery.md. */
  readonly knownNodesFile?: string;
  /** Other issuers of tokens, and what who shows nothing may ask for. */
  readonly authentication?: AuthenticationConfiguration;
  /** What admission plugins are told. Default: pods are held to their namespace's labels, with no default and no exemption. */
  readonly admission?: AdmissionConfiguration;
  /** What is recorded of requests, and where; absent: nothing. The sink stays the caller's to close. */
  readonly audit?: { readonly policy: AuditPolicy; readonly sink: AuditSink } | undefined;
  /** Figures of other parts of the same process, told on /metrics with the server's own. Read at each question. */
  readonly otherMetrics?: readonly MetricsWriter[];
  /** What the server was started with, by the names of its flags, for who may read `/flagz`; nothing secret. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Requests that may run at once. Default 600; see FlowControl. */
  readonly maxRequestsInFlight?: number | undefined;
  /** How long a request that is not long-running may take. Default 60000. */
  readonly requestTimeoutMs?: number | undefined;
  /** What browsers and load balancers are told. Default: nothing. */
  readonly front?: FrontOptions | undefined;
}

type Address = Pick<ListenOptions, 'host' | 'port' | 'http1Limits' | 'stallIntervalMs' | 'graceMs'>;

/** Serves in-process clients after {@link start}, and HTTPS after {@link listen}. */
export interface ApiServer extends ApiHandler {
  /**
   * Waits for the cache, writes what every cluster holds, and begins to follow roles and nodes.
   * @throws StatusError when the store is not available
   */
  start(): Promise<void>;
  /** @throws Error (EADDRINUSE) when the port is taken */
  listen(address: Address): Promise<Listener>;
  /** Whether nodes that are known from before still have to report what runs on them. */
  recoveryState(): RecoveryState;
  /** Ends listeners and followers; store and cache stay open. */
  close(): Promise<void>;
}

const DEFAULT_SERVICE_CIDR = '10.96.0.0/16';

export const createApiServer = (options: ApiServerOptions): ApiServer => new Server(options);

class Server implements ApiServer {
  readonly #options: ApiServerOptions;
  readonly #env: Environment;
  readonly #inProcess: InProcessHandler;
  readonly #http: HttpHandler;
  readonly #proxy: Connector;
  readonly #aggregator: Aggregator;
  readonly #flowConfig: FlowConfig;
  readonly #listeners: Listener[] = [];
  readonly #recovery: Recovery;
  readonly #definitions: Definitions;
  readonly #signer: CertificateSigner;
  readonly #accountSecrets: AccountSecrets;
  readonly #identity: IdentityLease | undefined;
  readonly #authenticationFile: ReloadedFile | undefined;
  #isStarted = false;
  #isReady = false;
  #isClosing = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const measured = new MeasuredStore(options.store, () => options.clock.monotonic());
    const flow = new FlowControl({ clock: options.clock, ...(options.maxRequestsInFlight === undefined ? {} : { totalSeats: options.maxRequestsInFlight }) });
    const secretTokens = new SecretTokens({ keys: options.pki.tokenKeys, cache: options.cache, clock: options.clock, onUse: (secret) => lastUse.record(secret) });
    this.#env = createEnvironment({ ...options, store: measured }, flow, secretTokens);
    const { scheme, schema, advertiseAddress, port, cache, clock, log, store, knownNodesFile, audit, otherMetrics = [] } = options;
    this.#flowConfig = new FlowConfig(this.#env, flow);
    this.#authenticationFile = authenticationFile(options, this.#env.authenticator);
    const metrics = new ServerMetrics([
      (out) => this.#env.requests.writeMetrics(out), (out) => writeFlowMetrics(out, flow), (out) => measured.write(out), (out) => writeCacheMetrics(out, cache, scheme), (out) => audit?.sink.writeMetrics(out),
      writeBuildInfo, (out) => this.#env.hooks.metrics.write(out), (out) => this.#env.authenticator.writeMetrics(out), (out) => this.#authenticationFile?.writeMetrics(out), (out) => this.#env.tokens.writeMetrics(out), (out) => this.#aggregator.writeMetrics(out),
      (out) => { for (const write of otherMetrics) write(out); },
    ]);
    this.#recovery = new Recovery({ cache, clock, log, storeId: store.storeId, file: knownNodesFile });
    this.#aggregator = new Aggregator(this.#env);
    const merged = { services: this.#env.apiServices, documents: this.#aggregator.documents };
    const paths = new ServerPaths({
      discovery: new MergedDiscovery({ ...merged, own: new Discovery({ scheme, serverAddress: `${advertiseAddress}:${port}` }) }), openapi: new MergedOpenApi({ ...merged, own: new OpenApi({ schema, scheme }) }), issuer: new IssuerDiscovery({ keys: options.pki.tokenKeys, serverAddress: `${advertiseAddress}:${port}` }),
      health: this.#health(measured), metrics: () => metrics.text(), flow, clock, flags: options.flags ?? {},
    });
    this.#proxy = new Connector(this.#env);
    this.#definitions = new Definitions(this.#env);
    this.#inProcess = new InProcessHandler(this.#env, paths, this.#aggregator);
    this.#signer = new CertificateSigner({ cache, clock, log, api: this.#inProcess, authority: options.pki.authority });
    const lastUse = new LastUse({ clock, log, api: this.#inProcess });
    this.#accountSecrets = new AccountSecrets({ cache, clock, log, api: this.#inProcess, tokens: secretTokens, ca: options.pki.ca });
    this.#identity = options.hostname === undefined ? undefined : new IdentityLease({ cache, clock, log, api: this.#inProcess, hostname: options.hostname });
    this.#http = new HttpHandler({ env: this.#env, authenticator: this.#env.authenticator, paths, proxy: this.#proxy, aggregator: this.#aggregator, front: options.front && new Front(options.front) });
  }

  async start(): Promise<void> {
    const { cache, store, clock, advertiseAddress, port } = this.#options;
    await cache.ready();
    const isStoreEmpty = cache.list('namespaces').items.length === 0;
    this.#env.rbac.start(clock);
    this.#definitions.start();
    this.#env.hooks.start(clock);
    this.#env.policies.start(clock);
    this.#env.nodePods.start(clock);
    await Promise.all([
      this.#recovery.start(isStoreEmpty),
      this.#aggregator.start(),
      bootstrap(this.#env, { storeId: store.storeId, serviceCidr: this.#env.serviceCidr, serviceAddress: this.#env.services.apiServerAddress, advertiseAddress, port }),
    ]);
    this.#flowConfig.start();
    this.#env.requests.start();
    this.#isStarted = true;
    this.#isReady = true;
    this.#signer.start();
    this.#accountSecrets.start();
    this.#identity?.start();
    this.#authenticationFile?.start();
  }

  handle(request: ApiRequest, user: UserInfo): Promise<ApiResponse> {
    return this.#inProcess.handle(request, user);
  }

  watch(request: ApiRequest, user: UserInfo): AsyncIterable<WatchEvent> {
    return this.#inProcess.watch(request, user);
  }

  async listen(address: Address): Promise<Listener> {
    const listener = await listen({
      ...address, pki: this.#options.pki, log: this.#options.log,
      handle: (exchange) => this.#handleHttp(exchange),
      mayUpgrade: (request) => mayUpgrade(this.#env, request),
      upgrade: (request, socket, head) => upgrade({ env: this.#env, handler: this.#http, proxy: this.#proxy, aggregator: this.#aggregator }, request, socket, head),
    });
    this.#listeners.push(listener);
    return listener;
  }

  recoveryState(): RecoveryState {
    return this.#recovery;
  }

  async close(): Promise<void> {
    this.#isReady = false;
    this.#isClosing = true;
    this.#env.requests.endLasting();
    this.#authenticationFile?.stop();
    this.#signer.stop();
    this.#accountSecrets.stop();
    await Promise.all(this.#listeners.splice(0).map((l) => l.close()));
    await Promise.all([this.#definitions.stop(), this.#aggregator.stop(), this.#identity?.stop()]);
    this.#flowConfig.stop();
    this.#env.requests.stop();
    this.#env.rbac.stop();
    this.#env.hooks.stop();
    this.#env.policies.stop();
    this.#env.webhooks.close();
    this.#env.nodePods.stop();
    await this.#recovery.stop();
  }

  #health(store: MeasuredStore): Health {
    return serverHealth({
      isStarted: () => this.#isStarted, isReady: () => this.#isReady, isClosing: () => this.#isClosing, isRecovering: () => this.#recovery.recovering, storeAnswers: () => store.checkAnswers(),
    });
  }

  #handleHttp(exchange: Exchange): void | Promise<void> {
    const failed = (error: unknown): void => {
      this.#options.log.error('an answer could not be sent', { error });
      exchange.destroy();
    };
    try {
      const answered = this.#http.handle(exchange);
      return answered instanceof Promise ? answered.catch(failed) : answered;
    } catch (error) {
      failed(error);
    }
  }
}

function createEnvironment(options: ApiServerOptions, flow: FlowControl, secretTokens: SecretTokens): Environment {
  const { audit, store, cache, scheme, schema, clock, log, pki, randomSuffix, serviceCidr = DEFAULT_SERVICE_CIDR } = options;
  const rbac = new RbacAuthorizer(cache);
  const nodePods = new NodePods(cache);
  const tokens = new ServiceAccountTokens({ keys: pki.tokenKeys, cache, clock, areExtended: options.authentication?.extendsPodTokens });
  const auditor = audit && new Auditor({ ...audit, schema, now: () => clock.now() });
  registerConversions(scheme, schema);
  return {
    requests: new Requests({ clock, cache, flow, auditor, timeoutMs: options.requestTimeoutMs }),
    store, cache, scheme, schema, clock, log, pki, randomSuffix, serviceCidr, rbac,
    authorizer: new UnionAuthorizer({ node: new NodeAuthorizer({ cache, pods: nodePods }), rbac }), nodePods,
    tokens, authenticator: createAuthenticator(options, [tokens, secretTokens]),
    admission: new AdmissionChain(admissionPlugins(options.admission ?? DEFAULT_ADMISSION)),
    policies: new PolicyAdmission(cache),
    turns: new Turns(),
    reservations: new UidReservations(cache),
    services: new ServiceAllocator({ cache, clock, cidr: serviceCidr, nodePorts: options.nodePorts ?? DEFAULT_NODE_PORTS }),
    webhooks: new WebhookCaller({ cache, clock }), hooks: new Webhooks(cache), apiServices: new ApiServices(cache),
    schemas: new SchemaEngine({ facts: schema, rules: createRuleCompiler() }),
  };
}
