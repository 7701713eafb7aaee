import { Histogram } from '#base/histogram.ts';
import type { Exposition, Labels, Sample } from '#base/exposition.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { nameOf, type RequestInfo, type ResourceInfo } from '../request-info.ts';

/** Seconds; Kubernetes' own buckets. */
const DURATION_BOUNDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const SIZE_BOUNDS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** Of resources of other servers clients may think up any name: what comes beyond is counted together. */
const MAX_RESOURCES = 5_000;
const COMPONENT = 'apiserver';
/** Paths that are counted by name; any other is one of many that clients may think of. */
const KNOWN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/metrics', '/version', '/api', '/apis', '/openapi/v2', '/openapi/v3']);
const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };
/** Kubernetes counts them by a verb of their own, whatever the method. */
const CONNECTED: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward', 'proxy']);
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

/** What was counted of requests with the same labels. */
export class Series {
  readonly labels: Labels;
  readonly codes = new Map<number, number>();
  readonly durations = new Histogram(DURATION_BOUNDS);
  readonly sizes = new Histogram(SIZE_BOUNDS);
  /** Of a version that should not be used any more. */
  readonly isDeprecated: boolean;
  /** Long-running requests that are open. */
  open = 0;

  constructor(labels: Labels, isDeprecated: boolean) {
    this.labels = labels;
    this.isDeprecated = isDeprecated;
  }
}

export type AuthenticationResult = 'success' | 'failure' | 'error';

/** Counts requests under the names of Kubernetes' metrics; an ordinary one costs a look-up and some additions. */
export class RequestMetrics {
  readonly #byResource = new Map<string, Map<string, Series>>();
  /** The same, without a name to put together; custom resources come and go. */
  readonly #quick = new WeakMap<ResourceType, Map<string, Series>>();
  readonly #authentications: Record<AuthenticationResult, number> = { success: 0, failure: 0, error: 0 };
  readonly #inFlight = { mutating: 0, readOnly: 0 };
  #timeouts = 0;

  /** The series of a request; unknown resources and paths share one a verb. */
  seriesOf(method: string, info: RequestInfo | undefined, isApply: boolean): Series {
    if (info?.type !== 'resource') return seriesIn(this.#group(''), `${method} ${pathOf(info)}`, method, info, isApply);
    let known = this.#quick.get(info.resource);
    if (known === undefined) this.#quick.set(info.resource, (known = this.#group(`${info.resource.group}/${info.resource.version}/${info.resource.plural}`)));
    // For the most part the key is a constant, and nothing is put together.
    const verb = isApply ? 'apply' : info.verb;
    const scope = scopeOf(info);
    const usual = info.subresource === '' ? KEYS[scope]?.[verb] : undefined;
    return seriesIn(known, usual ?? `${info.subresource} ${verb} ${scope}`, method, info, isApply);
  }

  #group(name: string): Map<string, Series> {
    const known = this.#byResource.get(name) ?? (this.#byResource.size < MAX_RESOURCES ? new Map<string, Series>() : this.#group(''));
    if (this.#byResource.size < MAX_RESOURCES) this.#byResource.set(name, known);
    return known;
  }

  finished(series: Series, code: number, seconds: number, bytes: number): void {
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    series.durations.observe(seconds);
    if (bytes > 0) series.sizes.observe(bytes);
  }

  inFlight(isMutating: boolean, change: 1 | -1): void {
    if (isMutating) this.#inFlight.mutating += change;
    else this.#inFlight.readOnly += change;
  }

  authenticated(result: AuthenticationResult): void {
    this.#authentications[result] += 1;
  }

  timedOut(): void {
    this.#timeouts += 1;
  }

  write(out: Exposition): void {
    const all = [...this.#byResource.values()].flatMap((series) => [...series.values()]);
    out.counter('apiserver_request_total', 'Requests by verb, group, version, resource, scope, component and HTTP response code.',
      all.flatMap(({ labels, codes }) => [...codes].map(([code, value]): Sample => ({ labels: { ...labels, code }, value }))));
    out.histogram('apiserver_request_duration_seconds', 'Response latency in seconds.', all.filter((s) => s.durations.count > 0).map(({ labels, durations }) => ({ labels, histogram: durations })));
    // What dashboards take for the time that users wait; watches and connections last as long as their clients like.
    out.histogram('apiserver_request_sli_duration_seconds', 'Response latency in seconds of requests that end by themselves, that of webhooks included.',
      all.filter(({ durations, labels }) => durations.count > 0 && !LASTING.has(String(labels['verb']))).map(({ labels, durations }) => ({ labels, histogram: durations })));
    out.gauge('apiserver_requested_deprecated_apis', 'Deprecated APIs that were requested.', deprecatedOf(all));
    out.histogram('apiserver_response_sizes', 'Response size in bytes, as sent.', all.filter((s) => s.sizes.count > 0).map(({ labels, sizes }) => ({ labels, histogram: sizes })));
    out.gauge('apiserver_longrunning_requests', 'Long-running requests (watches, log streams) that are open.', all.filter((s) => s.open > 0).map(({ labels, open }) => ({ labels, value: open })));
    out.gauge('apiserver_current_inflight_requests', 'Requests that are being answered, without long-running ones.',
      Object.entries(this.#inFlight).map(([kind, value]) => ({ labels: { request_kind: kind }, value })));
    out.counter('apiserver_request_terminations_total', 'Requests that the server gave up.', [{ labels: { component: COMPONENT, reason: 'timeout' }, value: this.#timeouts }]);
    out.counter('authentication_attempts', 'Attempts to authenticate by result.', Object.entries(this.#authentications).map(([result, value]) => ({ labels: { result }, value })));
  }
}

const LASTING: ReadonlySet<string> = new Set(['WATCH', 'CONNECT']);

const isDeprecated = (info: RequestInfo | undefined): boolean => info?.type === 'resource' && (info.resource.deprecation ?? info.resource.custom?.deprecation) !== undefined;

/** Once for each, whatever was asked of it; none has a release in which it goes. */
function deprecatedOf(all: readonly Series[]): readonly Sample[] {
  const found = new Map<string, Sample>();
  for (const { labels: { group = '', version = '', resource = '', subresource = '' }, isDeprecated: is, codes } of all) {
    if (is && codes.size > 0) found.set(`${group}/${version}/${resource}/${subresource}`, { labels: { group, version, resource, subresource, removed_release: '' }, value: 1 });
  }
  return [...found.values()];
}

function seriesIn(known: Map<string, Series>, key: string, method: string, info: RequestInfo | undefined, isApply: boolean): Series {
  let series = known.get(key);
  if (series === undefined) known.set(key, (series = new Series(labelsOf(method, info, isApply), isDeprecated(info))));
  return series;
}

const SCOPES = ['resource', 'namespace', 'cluster'] as const;
const COUNTED_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'apply', 'delete', 'deletecollection'] as const;
const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(SCOPES.map((scope) => [scope, Object.fromEntries(COUNTED_VERBS.map((verb) => [verb, ` ${verb} ${scope}`]))]));

const scopeOf = (info: ResourceInfo): string => (nameOf(info) !== '' || info.verb === 'create' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster');

function pathOf(info: RequestInfo | undefined): string {
  const path = info?.path ?? '';
  if (KNOWN_PATHS.has(path)) return path;
  const [, first = ''] = path.split('/', 2);
  return KNOWN_PATHS.has(`/${first}`) ? `/${first}` : '';
}

function labelsOf(method: string, info: RequestInfo | undefined, isApply: boolean): Labels {
  if (info?.type !== 'resource') return { verb: METHODS.has(method) ? method : 'other', group: '', version: '', resource: '', subresource: pathOf(info), scope: '', component: COMPONENT };
  const { resource, subresource, verb } = info;
  const counted = CONNECTED.has(subresource) ? 'CONNECT' : (VERBS[verb] ?? verb.toUpperCase());
  return { verb: isApply ? 'APPLY' : counted, group: resource.group, version: resource.version, resource: resource.plural, subresource, scope: scopeOf(info), component: COMPONENT };
}
