import { checkCidr } from './addresses.ts';
import { checkPort, type Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '#api/generated/networking/v1.ts';
import { covers, parseCidr } from '#api/ip.ts';
import { portName } from '#api/names.ts';

const TYPES = ['Ingress', 'Egress'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

export function validateNetworkPolicy(problems: Problems, { spec = {} }: NetworkPolicy, _resource?: unknown, old?: NetworkPolicy): void {
  const kept = rangesOf(old);
  validateSelector(problems, 'spec.podSelector', spec.podSelector);
  for (const [i, { ports, from }] of (spec.ingress ?? []).entries()) validateRule(problems, `spec.ingress[${i}]`, 'from', { ports, peers: from, kept });
  for (const [i, { ports, to }] of (spec.egress ?? []).entries()) validateRule(problems, `spec.egress[${i}]`, 'to', { ports, peers: to, kept });
  const types = spec.policyTypes ?? [];
  if (types.length > TYPES.length) return problems.invalid('spec.policyTypes', types, 'may not specify more than two policyTypes');
  for (const [i, type] of types.entries()) if (!TYPES.includes(type)) problems.notSupported(`spec.policyTypes[${i}]`, type, TYPES);
}

function rangesOf(policy: NetworkPolicy | undefined): readonly string[] {
  const { ingress = [], egress = [] } = policy?.spec ?? {};
  const peers = [...ingress.flatMap(({ from = [] }) => from), ...egress.flatMap(({ to = [] }) => to)];
  return peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]));
}

interface Rule {
  readonly ports: readonly NetworkPolicyPort[] | undefined;
  readonly peers: readonly NetworkPolicyPeer[] | undefined;
  /** Ranges that the policy had before. */
  readonly kept: readonly string[];
}

function validateRule(problems: Problems, field: string, direction: 'from' | 'to', { ports = [], peers = [], kept }: Rule): void {
  for (const [i, port] of ports.entries()) validatePort(problems, `${field}.ports[${i}]`, port);
  for (const [i, peer] of peers.entries()) validatePeer(problems, `${field}.${direction}[${i}]`, peer, kept);
}

function validatePort(problems: Problems, field: string, { protocol, port, endPort }: NetworkPolicyPort): void {
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) problems.notSupported(`${field}.protocol`, protocol, PROTOCOLS);
  if (typeof port === 'number') {
    checkPort(problems, `${field}.port`, port);
    if (endPort !== undefined && endPort < port) problems.invalid(`${field}.endPort`, endPort, 'must be greater than or equal to `port`');
    checkPort(problems, `${field}.endPort`, endPort);
  } else if (port !== undefined) {
    if (endPort !== undefined) problems.invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is non-numeric');
    problems.check(`${field}.port`, port, portName);
  } else if (endPort !== undefined) problems.invalid(`${field}.endPort`, endPort, 'may not be specified when `port` is not specified');
}

function validatePeer(problems: Problems, field: string, { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, kept: readonly string[]): void {
  validateSelector(problems, `${field}.podSelector`, podSelector);
  validateSelector(problems, `${field}.namespaceSelector`, namespaceSelector);
  if (ipBlock !== undefined) validateBlock(problems, `${field}.ipBlock`, ipBlock, kept);
  const hasSelector = podSelector !== undefined || namespaceSelector !== undefined;
  if (!hasSelector && ipBlock === undefined) problems.required(field, 'must specify a peer');
  else if (hasSelector && ipBlock !== undefined) problems.forbidden(field, 'may not specify both ipBlock and another peer');
}

function validateBlock(problems: Problems, field: string, { cidr, except = [] }: IPBlock, kept: readonly string[]): void {
  if (!cidr) return problems.required(`${field}.cidr`);
  if (!checkCidr(problems, `${field}.cidr`, cidr, kept)) return;
  const whole = parseCidr(cidr);
  for (const [i, text] of except.entries()) {
    if (!checkCidr(problems, `${field}.except[${i}]`, text, kept)) continue;
    const part = parseCidr(text);
    if (whole && part && (!covers(whole, part) || part.size >= whole.size)) problems.invalid(`${field}.except[${i}]`, text, 'must be a strict subset of `cidr`');
  }
}
