import { checkPort, type Problems } from './problems.ts';
import type { Container, Lifecycle, Probe, ProbeHandler } from '#api/generated/core/v1.ts';
import { portName } from '#api/names.ts';

const HEADER = /^[-A-Za-z0-9]+$/;
const BAD_HEADER = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
const WINDOWS_SIGNALS = ['SIGKILL', 'SIGTERM'];

/** What the pod says that its containers' probes and hooks must fit. */
export interface HandlerContext {
  readonly graceSeconds: number | undefined;
  readonly os: string | undefined;
}

/** Probes and hooks: what containers have that run as long as the pod. */
export function validateRunning(problems: Problems, path: string, container: Container, context: HandlerContext): void {
  validateLifecycle(problems, `${path}.lifecycle`, container.lifecycle, context);
  validateProbe(problems, `${path}.livenessProbe`, container.livenessProbe, context, true);
  validateProbe(problems, `${path}.readinessProbe`, container.readinessProbe, context, false);
  validateProbe(problems, `${path}.startupProbe`, container.startupProbe, context, true);
}

function validateProbe(problems: Problems, field: string, probe: Probe | undefined, context: HandlerContext, endsContainer: boolean): void {
  if (probe === undefined) return;
  validateHandler(problems, field, probe, context);
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) problems.atLeast(`${field}.${name}`, probe[name], 0);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0) problems.invalid(`${field}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0');
  if (endsContainer && probe.successThreshold !== 1) problems.invalid(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1');
  if (!endsContainer && seconds !== undefined) problems.invalid(`${field}.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes');
}

function validateLifecycle(problems: Problems, field: string, lifecycle: Lifecycle | undefined, context: HandlerContext): void {
  for (const name of ['postStart', 'preStop'] as const) {
    const handler = lifecycle?.[name];
    if (handler !== undefined) validateHandler(problems, `${field}.${name}`, handler, context);
  }
  const signal = lifecycle?.stopSignal;
  if (signal === undefined) return;
  if (context.os === undefined) problems.forbidden(`${field}.stopSignal`, 'may not be set for containers with empty `spec.os.name`');
  else if (context.os === 'windows' && !WINDOWS_SIGNALS.includes(signal)) problems.notSupported(`${field}.stopSignal`, signal, WINDOWS_SIGNALS);
}

type Handler = ProbeHandler & { readonly sleep?: { readonly seconds: number } | undefined };

function validateHandler(problems: Problems, field: string, handler: Handler, { graceSeconds }: HandlerContext): void {
  const given = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((name) => handler[name] !== undefined);
  if (given.length === 0) problems.required(field, 'must specify a handler type');
  for (const name of given.slice(1)) problems.forbidden(`${field}.${name}`, 'may not specify more than 1 handler type');
  switch (given[0]) {
    case 'exec': if ((handler.exec?.command ?? []).length === 0) problems.required(`${field}.exec.command`); break;
    case 'httpGet': if (handler.httpGet) validateHttp(problems, `${field}.httpGet`, handler.httpGet); break;
    case 'tcpSocket': validatePortReference(problems, `${field}.tcpSocket.port`, handler.tcpSocket?.port ?? 0); break;
    case 'grpc': checkPort(problems, `${field}.grpc.port`, handler.grpc?.port ?? 0); break;
    case 'sleep': {
      const seconds = handler.sleep?.seconds ?? 0;
      if (graceSeconds !== undefined && (seconds < 0 || seconds > graceSeconds)) problems.invalid(`${field}.sleep`, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`);
      break;
    }
    case undefined: break;
  }
}

function validateHttp(problems: Problems, field: string, { path, port, scheme, httpHeaders = [] }: NonNullable<ProbeHandler['httpGet']>): void {
  if (!path) problems.required(`${field}.path`);
  validatePortReference(problems, `${field}.port`, port ?? 0);
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') problems.notSupported(`${field}.scheme`, scheme, ['HTTP', 'HTTPS']);
  for (const { name } of httpHeaders) if (!HEADER.test(name)) problems.invalid(`${field}.httpHeaders`, name, BAD_HEADER);
}

export function validatePortReference(problems: Problems, field: string, port: number | string): void {
  if (typeof port === 'number') checkPort(problems, field, port);
  else problems.check(field, port, portName);
}
