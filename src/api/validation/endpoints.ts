import { checkFullDomain, checkIp, checkNotSpecial } from './addresses.ts';
import { immutable, validateLabels } from './object-meta.ts';
import { checkPort, type Problems } from './problems.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from '#api/generated/core/v1.ts';
import type { ObjectMeta } from '#api/generated/meta/v1.ts';
import type { Endpoint, EndpointHints, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '#api/names.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_ENDPOINTS = 1000;
const MAX_HINTS = 8;
const MAX_TOPOLOGY_LABELS = 16;

/** Subsets that an update leaves alone are taken as they are. */
export function validateEndpoints(problems: Problems, { metadata, subsets = [] }: Endpoints, old: Endpoints | undefined): void {
  if (old !== undefined && jsonEqual(old.subsets ?? [], subsets)) return;
  for (const [i, subset] of subsets.entries()) {
    const field = `subsets[${i}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    if (addresses.length + notReadyAddresses.length === 0) problems.required(field, 'must specify `addresses` or `notReadyAddresses`');
    for (const [list, points] of Object.entries({ addresses, notReadyAddresses })) for (const [j, address] of points.entries()) validateAddress(problems, `${field}.${list}[${j}]`, address, isOwn(metadata));
    for (const [j, port] of ports.entries()) validatePort(problems, `${field}.ports[${j}]`, port, ports.length > 1);
  }
}

/** The API server's own address may lie on this machine: one for development listens nowhere else. */
const isOwn = ({ namespace, name }: ObjectMeta): boolean => namespace === 'default' && name === 'kubernetes';

function validateAddress(problems: Problems, field: string, { ip = '', hostname, nodeName }: EndpointAddress, mayBeSpecial: boolean): void {
  const isIp = checkIp(problems, `${field}.ip`, ip);
  if (hostname) problems.check(`${field}.hostname`, hostname, dns1123Label);
  if (nodeName !== undefined) problems.check(`${field}.nodeName`, nodeName, dns1123Subdomain);
  if (!isIp || !mayBeSpecial) checkNotSpecial(problems, `${field}.ip`, ip);
}

function validatePort(problems: Problems, field: string, { name, port, protocol, appProtocol }: EndpointPort, needsName: boolean): void {
  if (name) problems.check(`${field}.name`, name, dns1123Label);
  else if (needsName) problems.required(`${field}.name`);
  checkPort(problems, `${field}.port`, port ?? 0);
  problems.oneOf(`${field}.protocol`, protocol, PROTOCOLS);
  if (appProtocol !== undefined) problems.check(`${field}.appProtocol`, appProtocol, qualifiedName);
}

export function validateEndpointSlice(problems: Problems, slice: EndpointSlice, old: EndpointSlice | undefined): void {
  const { addressType, endpoints = [], ports = [] } = slice;
  problems.oneOf('addressType', addressType, ADDRESS_TYPES);
  if (ports.length > MAX_PORTS) problems.tooMany('ports', ports.length, MAX_PORTS);
  else validateSlicePorts(problems, ports);
  if (old === undefined || !jsonEqual(old.endpoints ?? [], endpoints)) {
    if (endpoints.length > MAX_ENDPOINTS) problems.tooMany('endpoints', endpoints.length, MAX_ENDPOINTS);
    else for (const [i, endpoint] of endpoints.entries()) validateEndpoint(problems, `endpoints[${i}]`, endpoint, { type: addressType, mayBeSpecial: isOwn(slice.metadata) });
  }
  if (old !== undefined) immutable(problems, 'addressType', addressType, old.addressType);
}

function validateSlicePorts(problems: Problems, ports: NonNullable<EndpointSlice['ports']>): void {
  const names = new Set<string>();
  for (const [i, { name = '', protocol, appProtocol }] of ports.entries()) {
    const field = `ports[${i}]`;
    if (name !== '') problems.check(`${field}.name`, name, dns1123Label);
    if (names.has(name)) problems.duplicate(`${field}.name`, name);
    names.add(name);
    problems.oneOf(`${field}.protocol`, protocol, PROTOCOLS);
    if (appProtocol !== undefined) problems.check(`${field}.appProtocol`, appProtocol, qualifiedName);
  }
}

interface SliceContext {
  readonly type: string;
  readonly mayBeSpecial: boolean;
}

function validateEndpoint(problems: Problems, field: string, endpoint: Endpoint, context: SliceContext): void {
  const { addresses = [], nodeName, hostname, hints, deprecatedTopology = {} } = endpoint;
  if (addresses.length === 0) problems.required(`${field}.addresses`, 'must contain at least 1 address');
  else if (addresses.length > MAX_ADDRESSES) problems.tooMany(`${field}.addresses`, addresses.length, MAX_ADDRESSES);
  for (const [i, address] of addresses.entries()) validateSliceAddress(problems, `${field}.addresses[${i}]`, address, context);
  if (nodeName !== undefined) problems.check(`${field}.nodeName`, nodeName, dns1123Subdomain);
  const topology = Object.keys(deprecatedTopology).length;
  if (topology > MAX_TOPOLOGY_LABELS) problems.tooMany(`${field}.deprecatedTopology`, topology, MAX_TOPOLOGY_LABELS);
  validateLabels(problems, `${field}.deprecatedTopology`, deprecatedTopology);
  if (hostname !== undefined) problems.check(`${field}.hostname`, hostname, dns1123Label);
  if (hints !== undefined) validateHints(problems, `${field}.hints`, hints);
}

function validateSliceAddress(problems: Problems, field: string, address: string, { type, mayBeSpecial }: SliceContext): void {
  if (type === 'FQDN') return checkFullDomain(problems, field, address);
  if ((type !== 'IPv4' && type !== 'IPv6') || !checkIp(problems, field, address)) return;
  if (ipFamilyOf(address) !== type) problems.invalid(field, address, `must be an ${type} address`);
  if (!mayBeSpecial) checkNotSpecial(problems, field, address);
}

/** After too many of the one nothing more is looked at. */
function validateHints(problems: Problems, field: string, hints: EndpointHints): void {
  for (const [list, check] of [['forZones', labelValue], ['forNodes', dns1123Subdomain]] as const) {
    const names = (hints[list] ?? []).map(({ name }) => name);
    if (names.length > MAX_HINTS) return problems.tooMany(`${field}.${list}`, names.length, MAX_HINTS);
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) < i) problems.duplicate(`${field}.${list}[${i}].name`, name);
      problems.check(`${field}.${list}[${i}].name`, name, check);
    }
  }
}
