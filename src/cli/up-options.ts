import { accessSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { goDuration } from '#api/go-duration.ts';
import { apiServerFlags } from './api-server-flags.ts';
import { authenticationFlags, type AuthenticationFlags } from './authentication-options.ts';
import { defaultDataDir } from './data-dir.ts';
import { frontFlags, type FrontFlags } from './front-options.ts';
import { UsageError } from './usage-error.ts';

/** The flags of `headway up`, as commander gives them. */
export interface UpFlags extends AuthenticationFlags, FrontFlags {
  readonly repo?: string;
  readonly ref: string;
  readonly path: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly port: string;
  readonly agentPort: string;
  readonly webhookPort: string;
  readonly webhookAddress: string;
  readonly metricsPort?: string;
  readonly metricsAddress?: string;
  readonly advertiseAddress?: string;
  readonly nodes: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly serviceNodePortRange: string;
  readonly requestTimeout: string;
  readonly logLevel: string;
  /** Absolute. */
  readonly admissionControlConfigFile?: string;
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  readonly auditLogMaxsize?: string;
  readonly auditLogMaxbackup?: string;
}

/** What one installation runs: handed to the control plane and the agent as JSON. */
export interface ClusterOptions {
  readonly dataDir: string;
  readonly repository?: { readonly url: string; readonly ref: string; readonly path: string };
  readonly apiPort: number;
  readonly agentPort: number;
  /** Where Git providers tell of pushes; opened when a Repository has a webhook. */
  readonly webhooks: { readonly host: string; readonly port: number };
  /** Of a part that runs alone. Absent: its figures are told nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** Where pods and other nodes reach this machine. */
  readonly advertiseAddress: string;
  readonly nodeName: string;
  /** Nodes without containers instead of this machine's agent. */
  readonly simulatedNodes: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Both ends are among them. */
  readonly nodePorts: { readonly first: number; readonly last: number };
  /** How long a request to the API may take that is not long-running. */
  readonly requestTimeoutMs: number;
  readonly logLevel: LogLevel;
  /** Other issuers of tokens, as the flags name them. */
  readonly authentication?: AuthenticationFlags;
  /** Absolute path of an AdmissionConfiguration. */
  readonly admissionConfigFile?: string;
  /** Absent: no audit log. */
  readonly audit?: AuditOptions;
  /** What the API server tells browsers and load balancers. Absent: nothing. */
  readonly front?: FrontFlags;
  /** For who asks with what the API server was started. */
  readonly apiServerFlags: Readonly<Record<string, string>>;
}

/** What is recorded of requests to the API, and where. */
export interface AuditOptions {
  /** Absolute path of a Policy of audit.k8s.io/v1; without it every write is recorded, its content left out. */
  readonly policyFile?: string;
  /** Absolute. */
  readonly logPath: string;
  readonly maxBytes: number;
  readonly maxBackups: number;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const isLogLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);

const MAX_TIMER_MS = 2 ** 31 - 1;

export const DEFAULT_UP_FLAGS = {
  ref: 'main', path: '', dataDir: defaultDataDir(), port: '6443', agentPort: '10250', webhookPort: '6480', webhookAddress: '0.0.0.0', nodes: 'local', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16',
  serviceNodePortRange: '30000-32767', requestTimeout: '1m0s', logLevel: 'info',
} as const;

export function clusterOptions(flags: UpFlags): ClusterOptions {
  const simulated = /^simulated:(\d+)$/.exec(flags.nodes);
  if (flags.nodes !== 'local' && !simulated) {
    throw new UsageError(`--nodes ${flags.nodes}: say "local" for this machine, or "simulated:N" for N nodes without containers`);
  }
  if (simulated && Number(simulated[1]) < 1) throw new UsageError(`--nodes ${flags.nodes}: there must be at least one node`);
  if (!isLogLevel(flags.logLevel)) throw new UsageError(`--log-level ${flags.logLevel}: say one of ${LOG_LEVELS.join(', ')}`);
  const authentication = authenticationFlags(flags);
  const front = frontFlags(flags);
  const advertiseAddress = flags.advertiseAddress ?? primaryAddress();
  return {
    ...(authentication ? { authentication } : {}),
    ...(front ? { front } : {}),
    ...(flags.admissionControlConfigFile === undefined ? {} : { admissionConfigFile: flags.admissionControlConfigFile }),
    dataDir: flags.dataDir,
    ...(flags.repo === undefined ? {} : { repository: { url: repositoryUrl(flags.repo), ref: flags.ref, path: flags.path.replace(/^\/+|\/+$/g, '') } }),
    apiPort: portNumber('--port', flags.port),
    agentPort: portNumber('--agent-port', flags.agentPort),
    webhooks: { host: hostAddress('--webhook-address', flags.webhookAddress), port: portNumber('--webhook-port', flags.webhookPort) },
    ...(flags.metricsPort === undefined ? {} : { metrics: { host: hostAddress('--metrics-address', flags.metricsAddress ?? '127.0.0.1'), port: portNumber('--metrics-port', flags.metricsPort) } }),
    advertiseAddress,
    apiServerFlags: apiServerFlags({ ...flags, advertiseAddress }),
    nodeName: hostname().toLowerCase().replace(/[^a-z0-9.-]/g, '-'),
    simulatedNodes: simulated ? Number(simulated[1]) : 0,
    podCidr: addressRange('--pod-cidr', flags.podCidr),
    serviceCidr: addressRange('--service-cidr', flags.serviceCidr),
    nodePorts: portRange('--service-node-port-range', flags.serviceNodePortRange),
    requestTimeoutMs: timeSpan('--request-timeout', flags.requestTimeout),
    logLevel: flags.logLevel,
    ...auditOptions(flags),
  };
}

/** Either flag turns it on; the log's place is then the data directory. */
function auditOptions({ auditPolicyFile, auditLogPath, auditLogMaxsize = '100', auditLogMaxbackup = '10', dataDir }: UpFlags): { readonly audit?: AuditOptions } {
  if (auditPolicyFile === undefined && auditLogPath === undefined) return {};
  return {
    audit: {
      ...(auditPolicyFile === undefined ? {} : { policyFile: resolve(auditPolicyFile) }), logPath: resolve(auditLogPath ?? join(dataDir, 'logs', 'audit.log')),
      maxBytes: count('--audit-log-maxsize', auditLogMaxsize) * 1024 * 1024, maxBackups: count('--audit-log-maxbackup', auditLogMaxbackup),
    },
  };
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`${flag} ${text}: say a number from 1`);
  return Number(text);
}

/** A local path becomes absolute; `git@host:path` and URLs stay. */
function repositoryUrl(repo: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(repo) || /^[\w.-]+@[\w.-]+:/.test(repo)) return repo;
  const path = resolve(repo);
  try {
    accessSync(path);
  } catch {
    throw new UsageError(`--repo ${repo}: there is no such folder; give the path of a Git repository or its URL (https://, ssh://)`);
  }
  return path;
}

function portNumber(flag: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError(`${flag} ${text}: a port is a number from 1 to 65535`);
  return port;
}

function hostAddress(flag: string, text: string): string {
  if (isIP(text) === 0) throw new UsageError(`${flag} ${text}: say an address of this machine, or 0.0.0.0 for all`);
  return text;
}

/** A range with room for the /24 that a node takes of it, written with its first address. */
function addressRange(flag: string, text: string): string {
  const match = /^(\d+)\.(\d+)\.(\d+)\.0\/(\d+)$/.exec(text);
  const [a = 256, b = 256, c = 256, bits = 0] = (match ?? []).slice(1).map(Number);
  const hostPart = (((a << 24) | (b << 16) | (c << 8)) & (2 ** (32 - bits) - 1)) >>> 0;
  if (!match || Math.max(a, b, c) > 255 || bits < 8 || bits > 24 || hostPart !== 0) {
    throw new UsageError(`${flag} ${text}: say the first address of an IPv4 range of 8 to 24 bits, as 10.244.0.0/16`);
  }
  return text;
}

function portRange(flag: string, text: string): { readonly first: number; readonly last: number } {
  const [first = 0, last = 0] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).slice(1).map(Number);
  if (first < 1 || last < first || last > 65_535) throw new UsageError(`${flag} ${text}: say the first and the last port, as 30000-32767`);
  return { first, last };
}

/** Milliseconds; no fewer than one, and no more than a timer takes. */
function timeSpan(flag: string, text: string): number {
  const duration = goDuration(text);
  if ('fault' in duration || duration.ms < 1 || duration.ms > MAX_TIMER_MS) throw new UsageError(`${flag} ${text}: say how long, as 90s or 1m30s`);
  return duration.ms;
}

/** The first IPv4 address that is not the loopback; a machine without any still runs, on the loopback. */
function primaryAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((a) => a.family === 'IPv4' && !a.internal)?.address ?? '127.0.0.1';
}
